/**
 * The scripts that change files. Their own exit codes are in `refusals`; any other comes from the tool that failed.
 * Environment: LOCKSTEP_PATH, _MODE, _OWNER, _GROUP (empty: left alone), _BACKUP (empty: none), _SIZE in bytes, and
 * _KEPT: the name under which the old file is kept for undo (empty: it is not), beside the receipts.
 */
export const refusals: Readonly<Record<number, { readonly fact: string; readonly next: string }>> = {
  20: {
    fact: 'its parent directory is missing',
    next: 'Make it in an earlier step, with the right owner and mode.',
  },
  21: { fact: 'something of another kind is there', next: 'Look what it is, and move it away by hand.' },
  22: { fact: 'it is a symbolic link', next: 'Name the file that the link leads to.' },
  23: {
    fact: 'the directory is not empty',
    next: 'Empty it in a step of its own; nothing is removed in bulk here.',
  },
  24: {
    fact: 'the content did not arrive whole, so the old file was left alone',
    next: 'Run the step again.',
  },
  25: {
    fact: 'the copy is not what was read at the source before; the old file was left alone',
    next: 'Make sure that nobody writes to the source, then run the step again.',
  },
  26: {
    fact: 'the file is in place, but restorecon could not set its SELinux label',
    next: 'Run restorecon on it as root.',
  },
  27: {
    fact: 'the old file could not be kept for undo, so it was left alone',
    next: 'Free space where receipts are kept (/var/lib/lockstep, for other users than root ~/.lockstep), then go on.',
  },
  28: {
    fact: 'what it was before is not kept on this host any more',
    next: 'Bring it back from a back-up.',
  },
};

/** `$kept`, where old files are kept: beside the receipts, which only the user of the lane may enter. */
export const keptIn = 'kept=${LOCKSTEP_RECEIPTS:+$LOCKSTEP_RECEIPTS/kept}';

const start = `set -eu
umask 077
p=$LOCKSTEP_PATH
parent=\${p%/*}; parent=\${parent:-/}
own() {
  if [ -n "$LOCKSTEP_OWNER$LOCKSTEP_GROUP" ]; then
    chown -- "$LOCKSTEP_OWNER\${LOCKSTEP_GROUP:+:$LOCKSTEP_GROUP}" "$1"
  fi
  # After chown, which clears the set-id bits.
  if [ -n "$LOCKSTEP_MODE" ]; then chmod -- "$LOCKSTEP_MODE" "$1"; fi
}
label() {
  if [ -e /sys/fs/selinux/enforce ] && command -v restorecon >/dev/null 2>&1; then restorecon -- "$p" || exit 26; fi
}
# With owner, mode and access list, where only its user may look; whole and on disk, or nothing is replaced.
${keptIn}
store() {
  if [ -z "$LOCKSTEP_KEPT" ] || [ ! -f "$p" ]; then return 0; fi
  if [ -e "$kept/$LOCKSTEP_KEPT" ]; then cmp -s -- "$p" "$kept/$LOCKSTEP_KEPT" || exit 27; return 0; fi
  [ -n "$kept" ] && mkdir -p -- "$kept" || exit 27
  # What is removed needs no second copy: its other name stays.
  if [ "\${1:-}" = removed ] && ln -- "$p" "$kept/$LOCKSTEP_KEPT" 2>/dev/null; then return 0; fi
  if cp -p -- "$p" "$kept/$LOCKSTEP_KEPT.part" && { sync -- "$kept/$LOCKSTEP_KEPT.part" 2>/dev/null || :; } &&
    mv -f -- "$kept/$LOCKSTEP_KEPT.part" "$kept/$LOCKSTEP_KEPT"; then return 0; fi
  rm -f -- "$kept/$LOCKSTEP_KEPT.part"
  exit 27
}
keep() {
  if [ -n "$LOCKSTEP_BACKUP" ] && [ -f "$p" ]; then cp -p -- "$p" "$LOCKSTEP_BACKUP"; fi
}
`;

const onlyFile = `
[ ! -L "$p" ] || exit 22
[ ! -e "$p" ] || [ -f "$p" ] || exit 21
`;

/** Puts the part file in place in one step, so that a reader sees the old file or the new one, and never a half. */
const intoPlace = `
sync -- "$part" 2>/dev/null || :
store
keep
mv -f -- "$part" "$p"
trap - EXIT
sync -- "$parent" 2>/dev/null || :
label
`;

const dropPart = `
trap 'rm -f -- "$part"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
`;

/**
 * Content by stdin. The part file is opened first (nobody else's, by noclobber), then gets owner and mode, then the
 * content: nobody who may not read the file can read it on the way.
 */
export const writeContent = `${start}
[ -d "$parent" ] || exit 20
${onlyFile}
part=$parent/.\${p##*/}.lockstep-part
rm -f -- "$part"
set -C
exec 3>"$part"
set +C
${dropPart}
own "$part"
cat >&3
exec 3>&-
[ "$(wc -c <"$part")" -eq "$LOCKSTEP_SIZE" ] || exit 24
${intoPlace}`;

/** Checks what `transfer` left in the part file (LOCKSTEP_SHA256), then puts it in place. */
export const acceptPart = `${start}
${onlyFile}
part=$p.lockstep-part
${dropPart}
found=$(sha256sum <"$part")
[ "\${found%% *}" = "$LOCKSTEP_SHA256" ] || exit 25
own "$part"
${intoPlace}`;

/** The receiving end of `transfer`. */
export const receivePart = `set -eu
umask 077
part=$LOCKSTEP_PATH.lockstep-part
rm -f -- "$part"
set -C
cat >"$part"
`;

export const setOwnership = `${start}
[ ! -L "$p" ] || exit 22
own "$p"
`;

export const makeDirectory = `${start}
[ -d "$parent" ] || exit 20
[ ! -L "$p" ] || exit 22
[ ! -e "$p" ] || exit 21
mkdir -- "$p"
own "$p"
label
`;

export const removePath = `${start}
if [ -d "$p" ] && [ ! -L "$p" ]; then
  rmdir -- "$p" || exit 23
else
  keep
  store removed
  rm -f -- "$p"
fi
`;

/** Puts back what was kept: to the part file first, so that a disk that is full leaves the file as it is. */
export const restoreKept = `${start}
[ -d "$parent" ] || exit 20
${onlyFile}
[ -f "$kept/$LOCKSTEP_FROM" ] || exit 28
part=$parent/.\${p##*/}.lockstep-part
rm -f -- "$part"
${dropPart}
cp -p -- "$kept/$LOCKSTEP_FROM" "$part"
own "$part"
${intoPlace}`;

export const restoreLink = `${start}
[ -d "$parent" ] || exit 20
[ ! -L "$p" ] && [ ! -e "$p" ] || exit 21
ln -s -- "$LOCKSTEP_FROM" "$p"
`;
