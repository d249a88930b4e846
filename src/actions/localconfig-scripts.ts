/** POSIX sh of the action `localconfig`. Values reach it through the environment and stdin. */

/**
 * The first of $LOCKSTEP_FILES (one a line) that is there: lines `name=value`, an empty line, then the file whole. `slapd`: does a slapd of
 * the product live here? `listener`: has the host $LOCKSTEP_LISTENER an address of this one? Exit 4: none is there; 5: it cannot
 * be looked at; 21: it is no file.
 */
export const LOOK = `
set -f
IFS='
'
for file in $LOCKSTEP_FILES; do
  if [ ! -e "$file" ] && [ ! -L "$file" ]; then continue; fi
  [ -f "$file" ] && [ ! -L "$file" ] || exit 21
  printf 'file=%s\\n' "$file"
  stat -c 'owner=%U' -- "$file" || exit 5
  sum=$(sha256sum <"$file") && printf 'sha256=%s\\n' "\${sum%% *}" || exit 5
  home=\${file%/*}; home=\${home%/*}
  if [ -d "$home/data/ldap/config" ]; then echo slapd=1; fi
  if [ -n "$LOCKSTEP_LISTENER" ]; then
    ours=" $(hostname -I 2>/dev/null) "
    listener=unknown
    for address in $(getent ahosts "$LOCKSTEP_LISTENER" 2>/dev/null | cut -d' ' -f1); do
      case "$address" in 127.*|::1) listener=own; break ;; esac
      case "$ours" in *" $address "*) listener=own; break ;; *) listener=other ;; esac
    done
    echo "listener=$listener"
  fi
  echo
  cat -- "$file" || exit 5
  exit 0
done
exit 4
`;

/**
 * Runs `REPLACE`, which comes in the environment, as the owner of the file. Not by a lane of that user: it would keep its receipts
 * in a home that belongs to root, as /opt/zimbra does since 8.7.
 */
export const AS_OWNER = `cd /
exec runuser -u "$LOCKSTEP_OWNER" -- sh -c "$LOCKSTEP_REPLACE"
`;

/**
 * Puts the content of stdin in place of $LOCKSTEP_FILE, if that still is what was read ($LOCKSTEP_SHA256): beside it first, with its
 * mode, group and access list, on disk, then by a rename, so that a reader finds the old file or the new one.
 */
export const REPLACE = `set -eu
umask 077
file=$LOCKSTEP_FILE
folder=\${file%/*}
[ -f "$file" ] && [ ! -L "$file" ] || exit 21
# Of another lockstep that works here by another inventory.
if command -v flock >/dev/null 2>&1; then
  exec 9<"$folder"
  flock -w 10 9 || exit 30
fi
isAsRead() { sum=$(sha256sum <"$file") && [ "\${sum%% *}" = "$LOCKSTEP_SHA256" ]; }
isAsRead || exit 31
part=$folder/.\${file##*/}.lockstep-part
rm -f -- "$part"
trap 'rm -f -- "$part"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
cp -p -- "$file" "$part"
cat >"$part"
[ "$(wc -c <"$part")" -eq "$LOCKSTEP_SIZE" ] || exit 24
touch -- "$part"
sync -- "$part" 2>/dev/null || :
isAsRead || exit 31
mv -f -- "$part" "$file"
trap - EXIT
sync -- "$folder" 2>/dev/null || :
`;

export const REFUSALS: Readonly<Record<number, { readonly fact: string; readonly next: string }>> = {
  21: { fact: 'it is a symbolic link, or no file', next: 'Look what it is: the products put a file there.' },
  24: {
    fact: 'the content did not arrive whole, so the old file was left alone',
    next: 'Run the step again.',
  },
  30: {
    fact: 'another lockstep holds its folder',
    next: 'Wait until that has ended, then run the step again.',
  },
  31: {
    fact: 'somebody else has written it since it was read, so it was left alone',
    next: 'Run the step again: it looks anew, and keeps what the other has written.',
  },
};
