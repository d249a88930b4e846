/** Two hosts with files, units, a package and entries to change, and what can be seen of them afterwards. */
import { createHash } from 'node:crypto';
import type { SharedLab } from './shared-lab.ts';
import { search, suffix, write } from './two-masters.ts';

export const hosts = ['ldap1', 'ldap2'] as const;
export const secret = 'Undo-me 4711 please';

const prepare = `set -e
mkdir -p /etc/undo-test && cd /etc/undo-test
printf 'old\\nlines\\n' >old.conf && chown daemon:mail old.conf && chmod 0640 old.conf
printf 'gone, but not lost\\n\\001' >gone.conf && chown nobody:nogroup gone.conf && chmod 0604 gone.conf
ln -sfn /etc/hostname link
printf 'owned\\n' >owned && chown daemon:daemon owned && chmod 0444 owned
printf 'first\\n' >lines && echo "count of $(hostname)" >count
unit() { printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/$1.service; }
unit undo-test; unit undo-other
printf '[Service]\\nExecStart=/bin/sh -c "cp /etc/undo-test/old.conf /run/undo-read; exec sleep infinity"\\n' >/etc/systemd/system/undo-reader.service
systemctl daemon-reload
systemctl enable --now undo-other 2>/dev/null
systemctl start undo-reader
mkdir -p /srv/undo/pkg/DEBIAN /srv/undo/pkg/usr/share/undo-test && cd /srv/undo
echo there >pkg/usr/share/undo-test/file
printf 'Package: undo-test\\nVersion: 1\\nArchitecture: all\\nMaintainer: nobody <nobody@example.com>\\nDescription: to be undone\\n' >pkg/DEBIAN/control
dpkg-deb -b pkg undo-test_1_all.deb >/dev/null
{ cat pkg/DEBIAN/control; echo "Filename: ./undo-test_1_all.deb"; echo "Size: $(wc -c <undo-test_1_all.deb)"
  echo "SHA256: $(sha256sum <undo-test_1_all.deb | cut -d ' ' -f 1)"; } >Packages
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d
echo 'deb [trusted=yes] file:/srv/undo ./' >/etc/apt/sources.list
apt-get -qq update
`;

/** What the run changes, before anything has: the same script for both hosts. */
export async function furnish(lab: SharedLab): Promise<void> {
  const root = 'dn.exact="gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth"';
  for (const host of hosts) {
    await lab.inside(host, prepare);
    const access = `add: olcAccess\nolcAccess: {0}to * by ${root} manage by * break\n`;
    await write(lab, host, `dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n${access}`);
  }
  const role = `objectClass: organizationalRole\ndescription: stays\ndescription: as it is\n`;
  await write(lab, 'ldap1', `dn: cn=to-go,${suffix}\nchangetype: add\n${role}`);
}

/** Lines of `slapcat -n 0` without what says when and by whom it was changed. */
export async function config(lab: SharedLab, host: string): Promise<string> {
  const ldif = await lab.inside(host, 'slapcat -n 0 -o ldif-wrap=no');
  return ldif
    .split('\n')
    .filter((line) => !/^(entryCSN|modifiersName|modifyTimestamp|contextCSN):/.test(line))
    .join('\n');
}

const look = `cd /etc/undo-test
find . ! -name lines -printf '%p %y %m %u %g %l\\n' | sort
find . -type f ! -name . | sort | xargs sha256sum
cat lines
for unit in undo-test undo-other undo-reader slapd; do
  echo "$unit $(systemctl is-active $unit) $(systemctl is-enabled $unit 2>/dev/null)"
done
cat /run/undo-read
dpkg-query -W -f '\${Package} \${db:Status-Status}\\n' undo-test 2>/dev/null || echo no package
`;

/** All that the run may have changed on a host, as one text. */
export async function seen(lab: SharedLab, host: string): Promise<string> {
  const people = await search(lab, host, suffix, "'(|(cn=undo)(cn=to-go))' '*'");
  const files = await lab.inside(host, look);
  const digest = createHash('sha256')
    .update(await config(lab, host))
    .digest('hex');
  return `${files}\n${people}\ncn=config ${digest}\n`;
}
