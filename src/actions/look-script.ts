/**
 * POSIX sh: `sees PATH` is false when a folder above PATH cannot be searched by this user. Then `[ -e PATH ]` says no for
 * a file that may well be there, and a command would run a second time.
 */
export const seesFunction = `
sees() {
  d=$1
  while [ "$d" != / ]; do
    d=\${d%/*}; d=\${d:-/}
    if [ -d "$d" ]; then [ -x "$d" ]; return; fi
  done
}
`;
