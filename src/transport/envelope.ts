/**
 * The frames a lane's `sh` reads: POSIX sh text, made of one compound command each, so that a frame cut anywhere by a
 * lost link is a syntax error and does nothing. Pure.
 *
 * A token is the file `RECEIPTS/RUN/TASK.ATTEMPT`, made by a noclobber redirect (O_EXCL): one line for the start, or
 * for the fence, and one for the end. The end is appended to the same file, so that it needs no new block on a disk
 * that the command has filled. Output goes to `….out` and `….err` beside it.
 */
import type { Command } from '../engine/ports.ts';
import { leaseWords } from './lease-frame.ts';
import { quote, renderCommand, renderExec } from './shell.ts';
import type { Token } from './transport.ts';

/** Bytes kept of each output stream; one more is asked for, to know that there was more. */
export const OUTPUT_LIMIT = 16 * 1024 * 1024;

const RUN = /^[A-Za-z0-9_@-][A-Za-z0-9._@-]{0,199}$/;

/** Throws when a token would not be a safe file name. */
export function checkToken(token: Token): void {
  for (const part of [token.run, token.task]) {
    if (!RUN.test(part))
      throw new TypeError(`"${part}" cannot name a token: 1 to 200 of A-Z a-z 0-9 . _ @ -`);
  }
  if (!Number.isSafeInteger(token.attempt) || token.attempt < 0) {
    throw new TypeError(`attempt ${token.attempt} of ${token.task} is not a whole number from 0`);
  }
}

function tokenWords(token: Token): string {
  checkToken(token);
  return `${quote(token.run)} ${quote(`${token.task}.${token.attempt}`)}`;
}

/**
 * The session's functions and variables, all named _ls_*. Builtins only, but for `umask` in a subshell and what the
 * comments name. Markers are lines `NONCE LETTER SEQ …`:
 * h hello · s started · d, r what follows is stdout, stderr · e ended · p probe ended · n not started · q receipt ·
 * k processes still there · l lease.
 */
const FUNCTIONS = `_ls_say() { echo "$_ls_N $*"; }
_ls_now() { _ls_n=-; { read -r _ls_n _ls_z </proc/uptime; } 2>/dev/null; }
_ls_stat() { _ls_s=
if [ -r "/proc/$$/stat" ]; then
{ read -r _ls_z <"/proc/$1/stat"; } 2>/dev/null || return 0
_ls_z=\${_ls_z##*') '}
set -- $_ls_z
case $1 in Z|X) return 0;; esac
_ls_s=\${20} _ls_pp=$2
elif kill -0 "$1" 2>/dev/null; then _ls_s=-; fi
}
_ls_cd() { cd -- "$1" || { _ls_say n $2 cwd; _ls_say n $2 >&2; return 1; }; }
_ls_dir() { _ls_d=$_ls_R/$1 _ls_t=$_ls_R/$1/$2
[ -d "$_ls_d" ] || mkdir -p -- "$_ls_d" || { _ls_say n $3 dir; return 1; }; }
_ls_make() { _ls_c=
set -C
{ _ls_c=1; echo "$1"; } >"$_ls_t"
_ls_z=$?
set +C
return $_ls_z; }
_ls_mine() { _ls_k=; { read -r _ls_k _ls_z <"$_ls_R/lease.$1"; } 2>/dev/null; [ "$_ls_k" = "$2" ]; }
_ls_begin() { _ls_o= _ls_x=
_ls_dir "$1" "$2" $3 || return 1
_ls_now
if _ls_make "start $$ $_ls_S $_ls_B $_ls_n"; then
[ -z "$5" ] || _ls_mine $5 $6 || { echo none >>"$_ls_t"; _ls_say n $3 lease; return 1; }
[ -z "$4" ] || _ls_say s $3; return 0; fi
if [ -n "$_ls_c" ]; then _ls_say n $3 full
elif [ -e "$_ls_t" ] || [ -L "$_ls_t" ]; then
_ls_k=
{ read -r _ls_k _ls_z <"$_ls_t"; } 2>/dev/null
_ls_say n $3 exists $_ls_k
else _ls_say n $3 token; fi
return 1; }
_ls_end() { if [ -z "$_ls_o" ]; then
echo none >>"$_ls_t" || _ls_x=1
_ls_say n $1 files
else
_ls_now
echo "exit $_ls_r $_ls_n" >>"$_ls_t" || _ls_x=1
_ls_data $1 1 1
_ls_say e $1 $_ls_r
fi
[ -z "$_ls_x" ] || exit 0; }
_ls_data() { if [ -s "$_ls_t.out" ]; then _ls_say d $1; _ls_cut $2 "$_ls_t.out"; fi
if [ -s "$_ls_t.err" ]; then _ls_say r $1; _ls_cut $3 "$_ls_t.err"; fi; }
_ls_cut() { if [ "$1" = 1 ]; then head -c ${OUTPUT_LIMIT + 1} "$2"
else tail -c +$1 "$2" | head -c ${OUTPUT_LIMIT + 1}; fi 2>/dev/null; }
_ls_done() { if [ -n "$_ls_o" ]; then _ls_say p $1 $_ls_r; else _ls_say n $1 files; fi
_ls_say p $1 >&2; }
_ls_read() { _ls_k= _ls_p= _ls_e= _ls_full=
{ read -r _ls_k _ls_p _ls_ps _ls_b _ls_t1 && _ls_full=1 && read -r _ls_e _ls_r _ls_t2 && _ls_full=2; } <"$_ls_t"
case $_ls_k:$_ls_e:$_ls_full in
fenced:*|start:none:2) _ls_q=never;;
start:exit:2) _ls_q="ended $_ls_r $_ls_t1 $_ls_t2";;
start:*:[12]) _ls_q=;;
*) _ls_q=empty;;
esac; }
_ls_left() { _ls_f=
for _ls_i in /proc/[0-9]*/fd/[1256]; do
if [ "$_ls_i" -ef "$_ls_t.out" ] || [ "$_ls_i" -ef "$_ls_t.err" ]; then
_ls_i=\${_ls_i#/proc/} _ls_i=\${_ls_i%%/*}
_ls_stat $_ls_i
[ -z "$_ls_s" ] || { _ls_f="orphan $_ls_i $_ls_s"; return 0; }
fi
done 2>/dev/null; }
_ls_look() { if [ -n "$6" ]; then
_ls_dir "$1" "$2" $3 || return 1
_ls_make fenced 2>/dev/null
[ -n "$_ls_c" ] || [ -f "$_ls_t" ] || _ls_make fenced
[ -z "$_ls_c" ] || { _ls_say q $3 never; return 0; }
else _ls_t=$_ls_R/$1/$2; fi
[ -f "$_ls_t" ] || { _ls_say n $3 token; return 1; }
_ls_read
if [ -z "$_ls_q" ]; then
_ls_stat "$_ls_p"
if [ "$_ls_b" != "$_ls_B" ]; then _ls_q=rebooted
elif [ -n "$_ls_s" ] && [ "$_ls_s" = "$_ls_ps" ]; then _ls_q="running $_ls_p $_ls_ps"
else _ls_read; [ -n "$_ls_q" ] || { _ls_left; _ls_q=\${_ls_f:-killed}; }; fi
fi
_ls_data $3 $4 $5
_ls_say q $3 $_ls_q; }
_ls_kill() { _ls_a=$1 _ls_g=$2 _ls_w=" $3 " _ls_f=" "
_ls_stat "$3"
if [ "$_ls_s" = "$4" ]; then _ls_l=$(ps -A -o pid= -o ppid= 2>/dev/null) || _ls_l=; else _ls_l=-; fi
shift 4
_ls_old=$*
if [ -z "$_ls_l" ]; then for _ls_i in /proc/[0-9]*; do _ls_i=\${_ls_i#/proc/}
_ls_stat $_ls_i; [ -z "$_ls_s" ] || _ls_l="$_ls_l $_ls_i $_ls_pp"; done; fi
for _ls_i in $_ls_old; do _ls_stat "\${_ls_i%:*}"
[ "$_ls_s" != "\${_ls_i#*:}" ] || _ls_f="$_ls_f$_ls_i "
done
_ls_m=1
while [ -n "$_ls_m" ]; do
_ls_m=
set -- $_ls_l
while [ $# -gt 1 ]; do
case $_ls_w in *" $1 "*) ;; *" $2 "*) _ls_w="$_ls_w$1 " _ls_m=1
_ls_stat $1
case $_ls_f in *" $1:$_ls_s "*) ;; *) [ -z "$_ls_s" ] || _ls_f="$_ls_f$1:$_ls_s ";; esac;; esac
shift 2
done
done
for _ls_i in $_ls_f; do kill -s $_ls_g "\${_ls_i%:*}"; done 2>/dev/null
_ls_say k $_ls_a $_ls_f; }
`;

/**
 * `receipts` is where tokens go; the user's default when absent (`/var/lib/lockstep`, or `$HOME/.lockstep`). Commands see
 * it as LOCKSTEP_RECEIPTS: what must outlive them belongs there too.
 */
export function helloFrame(nonce: string, seq: number, receipts: string | undefined): string {
  const place =
    receipts === undefined
      ? 'if [ "$_ls_U" = 0 ]; then _ls_R=/var/lib/lockstep; else _ls_R=${HOME:-}/.lockstep; fi'
      : `_ls_R=${quote(receipts)}`;
  return `{ LC_ALL=C; export LC_ALL; unset CDPATH
_ls_N=${nonce} _ls_U= _ls_B= _ls_M= _ls_h= _ls_P=
_ls_u=$(umask); umask 077
cd -- "\${HOME:-/}" 2>/dev/null || cd /
_ls_H=$PWD
${FUNCTIONS}{ read -r _ls_B </proc/sys/kernel/random/boot_id; } 2>/dev/null
{ read -r _ls_M </etc/machine-id; } 2>/dev/null
{ read -r _ls_h </proc/sys/kernel/hostname || _ls_h=$(hostname); } 2>/dev/null
{ while read -r _ls_z _ls_i _ls_s; do [ "$_ls_z" != Uid: ] || _ls_U=\${_ls_s%%[!0-9]*}; done </proc/$$/status; } 2>/dev/null
[ -n "$_ls_U" ] || _ls_U=$(id -u)
[ "$(command -v printf)" != printf ] || _ls_P=printf
_ls_stat $$; _ls_S=\${_ls_s:--} _ls_B=\${_ls_B:--}
${place}
LOCKSTEP_RECEIPTS=$_ls_R; export LOCKSTEP_RECEIPTS
_ls_say h ${seq} $$ $_ls_S $_ls_U $_ls_B \${_ls_M:--} \${_ls_P:--} \${_ls_h:--}
}
`;
}

/**
 * Wraps a body so that it runs in `cwd` and the shell is back home after it. The redirection is inside, so that nothing
 * short of the last brace is a command.
 */
function inDirectory(cwd: string | undefined, seq: number, body: string, redirect: string): string {
  if (cwd === undefined) return `{ { ${body}}${redirect}\n}\n`;
  const directory = cwd.startsWith('/') ? cwd : `./${cwd}`;
  return `{ { _ls_cd ${quote(directory)} ${seq} && {\n${body}}\ncd -- "$_ls_H" 2>/dev/null || cd /\n}${redirect}\n}\n`;
}

/** A changing command: token, command, end. `announce` asks for a marker once the token is there. */
export function changeFrame(
  token: Token,
  seq: number,
  command: Command,
  delimiter: string,
  announce: boolean,
): string {
  const redirections = {
    inner: ' >&5 2>&6 5>&- 6>&-',
    outer: ' 5>"$_ls_t.out" 6>"$_ls_t.err"',
  };
  const run = renderCommand(command, redirections, delimiter);
  const start = `${tokenWords(token)} ${seq} ${announce ? '1' : "''"} ${leaseWords(token.lease)}`;
  const body = `_ls_begin ${start} && {\n${run}_ls_end ${seq}\n}\n`;
  return inDirectory(command.cwd, seq, body, ' 2>&1');
}

/** A probe: no token, output straight to the channel. The lane's own messages are kept out of it. */
export function probeFrame(seq: number, command: Command, delimiter: string): string {
  const redirections = { inner: ' 2>&6 6>&-', outer: ' 6>&2 2>/dev/null' };
  const body = `_ls_o=\n${renderCommand(command, redirections, delimiter)}_ls_done ${seq}\n`;
  return inDirectory(command.cwd, seq, body, '');
}

/** Asks for a receipt, from the given byte offsets of the outputs on; `fence` makes an absent token unstartable. */
export function lookFrame(
  token: Token,
  seq: number,
  offsets: { readonly stdout: number; readonly stderr: number },
  fence: boolean,
): string {
  const words = `${tokenWords(token)} ${seq} ${offsets.stdout + 1} ${offsets.stderr + 1}`;
  return `{ _ls_look ${words} ${fence ? '1' : "''"} 2>&1\n}\n`;
}

/** A process as the kernel knows it for ever: `PID:STARTTIME`. */
export type ProcessName = string;

/** Signals what runs below the shell `below` (but not it) and the `known` that are still there; `0` only looks. */
export function killFrame(
  seq: number,
  signal: 'TERM' | 'KILL' | '0',
  below: { readonly pid: number; readonly started: string },
  known: readonly ProcessName[],
): string {
  const words = [String(below.pid), below.started, ...known].map(quote).join(' ');
  return `{ _ls_kill ${seq} ${signal} ${words} 2>&1\n}\n`;
}

/** A stream's command: says `ready`, then becomes the command, whose stdin is what follows. */
export function streamFrame(command: Command, ready: string): string {
  const { cwd } = command;
  const home =
    cwd === undefined ? 'cd -- "${HOME:-/}" 2>/dev/null || cd /' : `cd -- ${quote(cwd)} || exit 66`;
  return `{ LC_ALL=C; export LC_ALL; unset CDPATH; ${home}\n_ls_u=$(umask)\necho ${ready}\n${renderExec(command)}}\n`;
}
