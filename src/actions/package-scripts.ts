/**
 * The scripts around apt and dnf. Environment: LOCKSTEP_NAMES (separated by spaces), LOCKSTEP_WANTED (the arguments of
 * the install or removal), LOCKSTEP_VERB (install or remove), LOCKSTEP_SHRINK (--no-remove, or empty).
 */

/**
 * One line a package: `has NAME VERSION`, or `lacks NAME`, after `tool apt|dnf`. Exit 3: neither is there.
 * dpkg and rpm are asked for one name at a time, so that each answer is an exit code or a field.
 */
export const readPackages = `
if command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
  echo 'tool apt'
  for name in $LOCKSTEP_NAMES; do
    version=$(dpkg-query -W -f='\${db:Status-Status} \${Version}\\n' -- "$name" 2>/dev/null | sed -n 's/^installed //p' | head -n 1)
    if [ -n "$version" ]; then echo "has $name $version"; else echo "lacks $name"; fi
  done
elif command -v rpm >/dev/null 2>&1 && command -v dnf >/dev/null 2>&1; then
  echo 'tool dnf'
  for name in $LOCKSTEP_NAMES; do
    if rpm -q --quiet -- "$name"; then
      rpm -q --qf "has $name %{VERSION}-%{RELEASE}\\n" -- "$name" | tail -n 1
    else echo "lacks $name"; fi
  done
else exit 3
fi
`;

/** apt's own dry run: what else would come or go. It needs no root and takes no lock. */
export const simulateApt = `
apt-get -s -q -o Debug::NoLocking=true -y "$LOCKSTEP_VERB" -- $LOCKSTEP_WANTED
`;

/**
 * No question from debconf, old configuration files stay, a lock is waited for (seconds). needrestart is kept from
 * restarting services by itself: on a directory server that is an outage nobody approved.
 */
export const changeApt = `
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
exec apt-get -q -y $LOCKSTEP_SHRINK -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \\
  -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$LOCKSTEP_VERB" -- $LOCKSTEP_WANTED
`;

export const changeDnf = `
exec dnf -q -y "$LOCKSTEP_VERB" -- $LOCKSTEP_WANTED
`;
