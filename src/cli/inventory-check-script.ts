/** What `inventory check` asks a host: one script, one round trip, and the reading of its answer. */

/** POSIX sh; only looks. `date +%N` is GNU; elsewhere the clock is read in whole seconds. */
export const CHECK_SCRIPT = `
clock=$(date +%s%N)
case $clock in *[!0-9]*) clock=$(date +%s)000000000; echo coarse=1;; esac
echo "clock=$clock"
echo "user=$(id -un)"
[ -r /etc/os-release ] && (. /etc/os-release; echo "os=$PRETTY_NAME")
df -Pk / /var /var/lib/ldap /var/lib/lockstep /opt/zimbra /opt/zextras /var/spool 2>/dev/null |
  while read -r _ size _ free used mount; do
    case $size in *[!0-9]*) ;; *) echo "disk=$used $free $mount";; esac
  done
for slapd in slapd /usr/sbin/slapd /usr/libexec/slapd /usr/lib/openldap/slapd /opt/zimbra/common/libexec/slapd \\
  /opt/zimbra/openldap/libexec/slapd /opt/zextras/common/libexec/slapd /opt/symas/lib/slapd /usr/local/openldap/libexec/slapd; do
  if command -v "$slapd" >/dev/null 2>&1; then
    "$slapd" -VV 2>&1 | sed -n 's/.*OpenLDAP: slapd \\([0-9][^ ]*\\).*/version=openldap \\1/p' | head -n 1
    break
  fi
done
[ -r /opt/zimbra/.install_history ] &&
  sed -n 's/.*CONFIGURED zimbra-core-\\([0-9][^_ ]*\\).*/version=zimbra \\1/p' /opt/zimbra/.install_history | tail -n 1
for cyrus in /usr/lib/cyrus/bin/master /usr/libexec/cyrus-imapd/master /usr/cyrus/bin/master; do
  if [ -x "$cyrus" ]; then "$cyrus" -V 2>/dev/null | sed -n 's/.*[Cc]yrus[^0-9]*\\([0-9][^ ]*\\).*/version=cyrus \\1/p' | head -n 1; fi
done
exit 0
`;

export interface Disk {
  readonly mount: string;
  readonly usedPercent: number;
  readonly freeKiB: number;
}

export interface HostFacts {
  readonly user: string;
  readonly os: string;
  /** Milliseconds since the epoch by the host's clock; NaN when it gave none. */
  readonly clockMs: number;
  /** The clock was read in whole seconds. */
  readonly coarse: boolean;
  /** Once a mount. */
  readonly disks: readonly Disk[];
  /** `openldap 2.5.13` and the like. */
  readonly versions: readonly string[];
}

/** Reads the script's output. */
export function parseFacts(stdout: string): HostFacts {
  const lines = stdout.split('\n').map((line) => /^(\w+)=(.*)$/.exec(line));
  const all = (key: string): string[] =>
    lines.filter((line) => line?.[1] === key).map((line) => line?.[2] ?? '');
  const disks = all('disk').flatMap((line): [string, Disk][] => {
    const [, used, free, mount] = /^(\d+)% (-?\d+) (.+)$/.exec(line) ?? [];
    return mount === undefined ? [] : [[mount, { mount, usedPercent: Number(used), freeKiB: Number(free) }]];
  });
  const clock = all('clock')[0];
  return {
    user: all('user')[0] ?? '',
    os: all('os')[0] ?? '',
    clockMs: clock === undefined ? Number.NaN : Number(clock) / 1e6,
    coarse: all('coarse').length > 0,
    disks: [...new Map(disks).values()],
    versions: all('version'),
  };
}
