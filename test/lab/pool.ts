/** A pool of masters on the hosts of a lab, made with OpenLDAP's own tools in some seconds, and ways to look into it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SharedLab } from './shared-lab.ts';
import { search, suffix, values } from './two-masters.ts';

export const database = 'olcDatabase={1}mdb,cn=config';
export const replicator = `cn=replicator,${suffix}`;

type Inside = Pick<SharedLab, 'inside'>;

const root = 'dn.exact="gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth"';
const UNLIMITED = 'time.soft=unlimited time.hard=unlimited size.soft=unlimited size.hard=unlimited';

/** LDIF of a change of cn=config, of the database unless it says otherwise. */
export function modify(changes: string, dn = database): string {
  return `dn: ${dn}\nchangetype: modify\n${changes}\n`;
}

/** Applies LDIF as root over ldapi; rejects with what the server said. */
export async function apply(lab: Inside, host: string, ldif: string): Promise<void> {
  await lab.inside(host, 'ldapmodify -Q -Y EXTERNAL -H ldapi:/// >/dev/null', ldif);
}

/** One olcSyncrepl value. */
export function agreement(rid: number, provider: string, password: string, words = ''): string {
  return [
    `rid=${String(rid).padStart(3, '0')} provider=ldap://${provider}.lab.example:389 searchbase="${suffix}"`,
    `type=refreshAndPersist retry="1 10 5 +" keepalive=240:10:30 timeout=3 network-timeout=3`,
    `bindmethod=simple binddn="${replicator}" credentials="${password}" ${words}`,
  ]
    .join(' ')
    .trimEnd();
}

/** Full mesh: each pulls from each other one, by the RID that is the other's number. `extra` LDIF is loaded on the first. */
export async function makePool(
  lab: Inside,
  hosts: readonly string[],
  password: string,
  extra = '',
): Promise<void> {
  const [first = ''] = hosts;
  await Promise.all(hosts.map((host, at) => prepare(lab, host, at + 1)));
  const entry = `dn: ${replicator}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: replicator\nuserPassword: ${password}\n\n`;
  await lab.inside(first, `systemctl stop slapd; slapadd -q -w -S 1 -n 1; ${OWNED}`, `${entry}${extra}`);
  const dump = await lab.inside(first, 'slapcat -n 1');
  await Promise.all(
    hosts
      .slice(1)
      .map((host) =>
        lab.inside(host, `systemctl stop slapd; rm -f /var/lib/ldap/*; slapadd -q -n 1; ${OWNED}`, dump),
      ),
  );
  await Promise.all(hosts.map((host) => lab.inside(host, 'systemctl start slapd')));
  await Promise.all(hosts.map((host) => ready(lab, host)));
  await Promise.all(
    hosts.map((host) => {
      const lines = hosts
        .map((other, at) => (other === host ? '' : `olcSyncrepl: ${agreement(at + 1, other, password)}\n`))
        .join('');
      return apply(
        lab,
        host,
        modify(`add: olcSyncrepl\n${lines}-\nadd: olcMultiProvider\nolcMultiProvider: TRUE`),
      );
    }),
  );
}

const OWNED = 'chown -R openldap:openldap /var/lib/ldap';

async function prepare(lab: Inside, host: string, sid: number): Promise<void> {
  await apply(
    lab,
    host,
    [
      modify(
        'add: olcModuleLoad\nolcModuleLoad: syncprov\nolcModuleLoad: back_monitor',
        'cn=module{0},cn=config',
      ),
      modify(
        `replace: olcServerID\nolcServerID: ${sid}\n-\nreplace: olcLogLevel\nolcLogLevel: sync`,
        'cn=config',
      ),
      `dn: olcDatabase=monitor,cn=config\nchangetype: add\nobjectClass: olcMonitorConfig\nolcDatabase: monitor\nolcAccess: to * by ${root} read\n`,
      modify(
        [
          `add: olcLimits\nolcLimits: {0}dn.exact="${replicator}" ${UNLIMITED}`,
          `add: olcAccess\nolcAccess: {0}to * by dn.exact="${replicator}" read by ${root} manage by * break`,
          'add: olcDbIndex\nolcDbIndex: entryCSN eq\nolcDbIndex: entryUUID eq',
        ].join('\n-\n'),
      ),
      `dn: olcOverlay=syncprov,${database}\nchangetype: add\nobjectClass: olcSyncProvConfig\nolcOverlay: syncprov\nolcSpCheckpoint: 100 10\nolcSpSessionlog: 1000\n`,
    ].join('\n'),
  );
}

/** Until slapd answers; 10 s. */
export async function ready(lab: Inside, host: string): Promise<void> {
  await lab.inside(
    host,
    `for i in $(seq 100); do ldapsearch -Q -Y EXTERNAL -H ldapi:/// -s base -b '' 1.1 >/dev/null 2>&1 && exit; sleep 0.1; done; exit 1`,
  );
}

/** Waits up to 20 s until all show the same contextCSN. */
export async function settled(lab: SharedLab, hosts: readonly string[]): Promise<void> {
  for (let tries = 0; ; tries++) {
    const seen = await Promise.all(
      hosts.map(async (host) =>
        [...values(await search(lab, host, suffix, '-s base contextCSN'), 'contextCSN')].sort().join(),
      ),
    );
    if (new Set(seen).size === 1) return;
    if (tries === 100) throw new Error(`they do not settle: ${seen.join(' | ')}`);
    await sleep(200);
  }
}

/** LDIF of so many people, for slapadd. */
export function people(count: number): string {
  return Array.from({ length: count }, (_, at) => {
    const uid = `extra${String(at + 1).padStart(6, '0')}`;
    return `dn: uid=${uid},ou=people,${suffix}\nobjectClass: inetOrgPerson\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\nuserPassword: {SSHA}${uid}\n\n`;
  }).join('');
}
