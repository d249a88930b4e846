/** The frames that take, renew and give back a target's lease, and what they answer. POSIX sh, builtins but for `ln`, `rm`. */
import { TransportError } from '../engine/ports.ts';
import type { HeldLease, Lease, LeaseAnswer, LeaseAsk, LeaseTerms } from './lease.ts';
import type { Answer } from './session.ts';
import { quote } from './shell.ts';

/**
 * `lease.EPOCH` holds `NONCE RUN CONTROLLER SECONDS SINCE WHO WHY STAMP BOOT`, written aside and linked there whole; its `.beat` `STAMP BOOT` of a fixed width, so
 * that it is renewed in place on a full disk too. STAMP is 1000000000 and the uptime in seconds (ten digits, 32 bits), or the
 * time of day where there is no /proc; `free------` gives it back.
 *
 * Whoever made `lease.N+1` removes the older ones and then looks for commands of the former run, as every start looks
 * for its lease after it has made its token: one of the two sees the other.
 */
const FUNCTIONS = `_ls_clock() { _ls_now
case $_ls_n in [0-9]*) _ls_n=$((1000000000 + \${_ls_n%%.*}));; *) _ls_n=$(date +%s);; esac; }
_ls_newest() { _ls_v=0
for _ls_i in "$_ls_R"/lease.*; do _ls_i=\${_ls_i##*/lease.}
case $_ls_i in ''|*[!0-9]*) ;; *) [ "$_ls_i" -le "$_ls_v" ] || _ls_v=$_ls_i;; esac
done; }
_ls_holder() { _ls_h1= _ls_h2= _ls_s2= _ls_b2=
{ read -r _ls_h1 _ls_h2 _ls_h3 _ls_h4 _ls_h5 _ls_h6 _ls_h7 _ls_s1 _ls_b1 <"$_ls_R/lease.$_ls_v"; } 2>/dev/null
{ read -r _ls_s2 _ls_b2 <"$_ls_R/lease.$_ls_v.beat"; } 2>/dev/null
[ -z "$_ls_b2" ] || { _ls_s1=$_ls_s2 _ls_b1=$_ls_b2; }
case $_ls_v:$_ls_b1:$_ls_s1 in 0:*|*::*|*:free------) return 1;; esac; }
_ls_running() { _ls_g=
case $1 in ''|*[!A-Za-z0-9._@-]*) return;; esac
for _ls_t in "$_ls_R/$1"/*; do
case $_ls_t in *.out|*.err|*/'*') continue;; esac
_ls_read 2>/dev/null
[ -z "$_ls_q" ] && [ "$_ls_b" = "$_ls_B" ] || continue
_ls_stat "$_ls_p"
if [ -z "$_ls_s" ] || [ "$_ls_s" != "$_ls_ps" ]; then _ls_left; [ -n "$_ls_f" ] || continue; fi
_ls_g="$_ls_g \${_ls_t##*/}"
done; }
_ls_tell() { if _ls_holder; then _ls_clock
if [ "$_ls_b1" = "$_ls_B" ]; then _ls_a=$((_ls_n - _ls_s1)); else _ls_a=$((_ls_n - 1000000000)); fi
_ls_running "$_ls_h2"
_ls_say l $1 held $_ls_v $_ls_a $_ls_h1 $_ls_h2 $_ls_h3 $_ls_h4 $_ls_h5 $_ls_h6 $_ls_h7 $_ls_g
else _ls_say l $1 free $_ls_v; fi; }
_ls_claim() { _ls_newest
if _ls_holder; then
[ "$_ls_h1" != "$3" ] || { _ls_say l $1 taken $_ls_v; return; }
[ "$_ls_v" = "$2" ] || { _ls_tell $1; return; }
_ls_x=$_ls_h2
else _ls_x=; fi
[ -d "$_ls_R" ] || mkdir -p -- "$_ls_R" || { _ls_say n $1 dir; return; }
_ls_w=$((_ls_v + 1)) _ls_t=$_ls_R/claim.$3
_ls_clock
_ls_l="$_ls_n $_ls_B"
if _ls_make "$3 $4 $5 $6 $7 $8 $9 $_ls_l"; then ln "$_ls_t" "$_ls_R/lease.$_ls_w" 2>/dev/null; _ls_i=$?
else [ -z "$_ls_c" ] || rm -f "$_ls_t"; _ls_say n $1 \${_ls_c:+full}; return; fi
rm -f "$_ls_t"
_ls_t=$_ls_R/lease.$_ls_w
if [ $_ls_i != 0 ]; then
if [ -e "$_ls_t" ]; then _ls_newest; _ls_tell $1; else _ls_say n $1 link; fi
return; fi
_ls_newest
[ "$_ls_v" = "$_ls_w" ] || { rm -f "$_ls_t"; _ls_tell $1; return; }
{ echo "$_ls_l" >"$_ls_t.beat"; } 2>/dev/null
set -- $1
for _ls_i in "$_ls_R"/lease.*; do case $_ls_i in "$_ls_t"|"$_ls_t.beat") ;; *) set -- "$@" "$_ls_i";; esac; done
_ls_m=$1; shift
[ $# = 0 ] || rm -f "$@" || { rm -f "$_ls_t" "$_ls_t.beat"; _ls_say n $_ls_m token; return; }
_ls_running "$_ls_x"
_ls_say l $_ls_m taken $_ls_w $_ls_g; }
_ls_beat() { if _ls_mine $2 $3; then
_ls_clock
[ -z "$4" ] || _ls_n=free------
{ echo "$_ls_n $_ls_B" 1<>"$_ls_R/lease.$2.beat"; } 2>/dev/null
_ls_say l $1 kept
else _ls_newest; _ls_tell $1; fi; }
`;

export function leaseFrame(seq: number, ask: LeaseAsk): string {
  return `{ ${FUNCTIONS}{ ${callOf(seq, ask)}; } 2>&1\n}\n`;
}

function callOf(seq: number, ask: LeaseAsk): string {
  switch (ask.act) {
    case 'look':
      return `_ls_newest; _ls_tell ${seq}`;
    case 'claim': {
      const { nonce, run, controller, seconds, since, who, why } = ask.terms;
      const words = [ask.over ?? '-', nonce, run, controller, seconds, since, who, why];
      return `_ls_claim ${seq} ${words.map((word) => quote(toWord(String(word)))).join(' ')}`;
    }
    case 'renew':
    case 'free': {
      const { epoch, nonce } = ask.lease;
      return `_ls_beat ${seq} ${epoch} ${quote(nonce)} ${ask.act === 'free' ? '1' : "''"}`;
    }
  }
}

/** One word without blanks, quotes and backslashes, that `echo` and `read` leave as it is. Never empty. */
function toWord(text: string): string {
  const short = text.toWellFormed().slice(0, 200).toWellFormed();
  return encodeURIComponent(short) || '-';
}

function fromWord(word: string | undefined): string {
  try {
    return decodeURIComponent(word ?? '');
  } catch {
    return word ?? '';
  }
}

const WHY: Readonly<Record<string, string>> = {
  full: 'the disk is full',
  link: 'its file system makes no hard links',
};

/** Reads the answer to a lease frame. Throws TransportError (`not-started`) when a lease cannot be kept there. */
export function readLease(host: string, answer: Answer): LeaseAnswer {
  const [letter, kind, ...words] = answer.words;
  if (letter === 'l' && kind === 'taken')
    return { kind, epoch: Number(words[0]), running: words.slice(1).filter(Boolean) };
  if (letter === 'l' && kind === 'kept') return { kind };
  if (letter === 'l' && kind === 'free') return { kind, epoch: Number(words[0]) };
  if (letter === 'l' && kind === 'held') return heldBy(words);
  const said = answer.said.text().trim();
  const why = WHY[kind ?? ''];
  throw new TransportError(
    'not-started',
    host,
    `the lease of ${host} cannot be kept there: ${[why, said].filter(Boolean).join('; ') || 'it cannot be written'}`,
    'Make the receipts directory writable and free some space.',
  );
}

function heldBy(words: readonly string[]): HeldLease {
  const [epoch, ago, nonce = '', run = '', controller, seconds, since, who, why, ...running] = words;
  const holder: LeaseTerms = {
    nonce,
    run,
    controller: fromWord(controller),
    seconds: Number(seconds),
    since: fromWord(since),
    who: fromWord(who),
    why: fromWord(why),
  };
  const agoSeconds = Math.max(0, Number(ago));
  const lapsed = agoSeconds > holder.seconds;
  return { kind: 'held', epoch: Number(epoch), holder, agoSeconds, lapsed, running: running.filter(Boolean) };
}

/** Words of a start: the lease it must still hold; two empty ones where none is asked for. */
export function leaseWords(lease: Lease | undefined): string {
  return lease ? `${lease.epoch} ${quote(lease.nonce)}` : "'' ''";
}
