import { SLAPD_PATH } from './slapd-path.ts';

/**
 * What a host says about slapd without asking it, whether it runs or not: one script, one round trip. Debian, RHEL, Symas,
 * LTB, Zimbra and Carbonio by looking, not by name. POSIX sh; only looks. Of cn=config it prints names of files and suffixes, of a
 * certificate's file the certificates: what else is in them may be secret.
 */
export const INSTALLATION_SCRIPT = `${SLAPD_PATH}
pid=$(pgrep -o -x slapd) || pid=
conf= listeners= previous= unit=
if [ -n "$pid" ]; then
  # A process's arguments end with NUL each; slapd takes -F dir and -Fdir.
  old_ifs=$IFS; IFS='
'
  for word in $(tr '\\0' '\\n' <"/proc/$pid/cmdline"); do
    case $previous in -F) conf=$word ;; -h) listeners=$word ;; esac
    case $word in -F?*) conf=\${word#-F} ;; -h?*) listeners=\${word#-h} ;; esac
    previous=$word
  done
  IFS=$old_ifs
  # Debian and RHEL say slapd, others slapd-ltb or symas-openldap-servers.
  unit=$(sed -n 's#.*/\\([^/]*\\)\\.service$#\\1#p' "/proc/$pid/cgroup" | head -n 1)
  # The very program that runs, though a newer one may be installed by now.
  slapd="/proc/$pid/exe"
else
  slapd=$(command -v slapd) || { echo "slapd is not installed" >&2; exit 1; }
fi
for dir in /opt/zimbra/data/ldap/config /opt/zextras/data/ldap/config /etc/ldap/slapd.d /etc/openldap/slapd.d /usr/local/openldap/etc/openldap/slapd.d /opt/symas/etc/openldap/slapd.d; do
  if [ -z "$conf" ] && [ -d "$dir" ]; then conf=$dir; fi
done
if [ -z "$conf" ] || [ ! -d "$conf" ]; then
  echo "slapd has no configuration directory (slapd.conf is not supported)" >&2; exit 1
fi
# Carbonio's slapd is started by systemd, or as Zimbra's by a tool of theirs; the cgroup is then of whoever called it.
case $conf in
/opt/zimbra/* | /opt/zextras/*) unit=
  if systemctl cat carbonio-openldap.service >/dev/null 2>&1; then unit=carbonio-openldap; fi ;;
esac
for name in slapd slapd-ltb symas-openldap-servers; do
  if [ -z "$unit" ] && systemctl cat "$name.service" >/dev/null 2>&1; then unit=$name; fi
done
echo "version=$("$slapd" -VV 2>&1 | sed -n 's/.*slapd \\([0-9][0-9.]*\\).*/\\1/p' | head -n 1)"
echo "conf=$conf"
echo "listeners=$listeners"
echo "owner=$(stat -c %U:%G "$conf")"
echo "unit=\${unit:-slapd}"
# Where the resolver does not answer, this waits for it.
echo "fqdn=$(timeout 2 hostname -f 2>/dev/null || hostname)"
echo "names=$(hostname) $(hostname -I 2>/dev/null)"
if [ -n "$pid" ]; then
  # Field 22 counts ticks since the boot; what stands in front of ") " is the name, which may hold anything.
  ticks=$(sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f20)
  echo "started=$ticks $(getconf CLK_TCK) $(sed -n 's/^btime //p' /proc/stat) $(date +%s.%N) $(cut -d' ' -f1 /proc/uptime)"
fi
# Its configuration goes by pipes alone: there are passwords in it.
{
  errors=$(slapcat -F "$conf" -n 0 -o ldif-wrap=no 2>&1 >&3 3>&-)
  code=$?
  echo
  printf '%s\\n' "$errors" | sed 's/^/==error /'
  echo "==code $code"
} 3>&1 | awk '
  function flush() { for (i = 0; i < n; i++) print "db=" dir "\\t" suffix[i]; n = 0; dir = "" }
  /^$/ { flush() }
  /^olcDbDirectory: / { dir = substr($0, 17) }
  /^olcSuffix:/ { suffix[n++] = $0 }
  /^olcAccessLogDB:/ { print "log=" $0 }
  /^olcTLSCertificateFile: / { print "certificate=" substr($0, 24) }
  /^==error / { last = substr($0, 9) }
  /^==error .*checksum error on "/ { sub(/^.*checksum error on "/, ""); sub(/".*/, ""); print "edited=" $0 }
  /^==code / && $2 != 0 { print "catalogue=" last }' |
  while IFS= read -r line; do
    value=\${line#*=}
    case $line in
      db=*)
        dir=\${value%%	*}
        # Allocated blocks where they are fewer: slapadd -q makes the file as long as the map, with a hole in it.
        size=$(stat -c '%s %b %B' "$dir/data.mdb" 2>/dev/null | awk '{ b = $2 * $3; print (b < $1 ? b : $1) }')
        # POSIX units: 1024 bytes.
        free=$(df -Pk "$dir" 2>/dev/null | awk 'NR == 2 { printf "%.0f", $4 * 1024 }')
        echo "db=$size:$free:\${value#*	}" ;;
      certificate=*)
        echo "certificate=$(stat -c %Y "$value" 2>/dev/null):$value"
        sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' "$value" 2>/dev/null ;;
      *) echo "$line" ;;
    esac
  done
exit 0
`;
