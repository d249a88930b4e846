/** Two private slapds that are masters of each other, made over ldapi. */
import type { WritePorts } from '../../src/engine/ports.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { makeSlapd, peopleLdif, type Slapd } from '../slapd.ts';

export const suffix = 'dc=example,dc=org';
export const replicatorDn = `cn=replicator,${suffix}`;
export const database = 'olcDatabase={1}mdb,cn=config';
export const replicator = new Secret('replicator', 'secret of the replicator');

const UNLIMITED = 'time.soft=unlimited time.hard=unlimited size.soft=unlimited size.hard=unlimited';
const EXTERNAL = 'dn.exact="gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth"';

export const limits = `{0}dn.exact="${replicatorDn}" ${UNLIMITED}`;
export const access = `{0}to * by dn.exact="${replicatorDn}" read by ${EXTERNAL} manage by * break`;

/** With `people` below ou=people, the same on both; the second pulls nothing yet, and neither runs. */
export async function twoSlapds(people: number): Promise<readonly [Slapd, Slapd]> {
  const both = await Promise.all(
    [1, 2].map(async (sid) => {
      const slapd = await makeSlapd({
        suffix,
        monitor: true,
        global: [`olcServerID: ${sid}`, 'olcLogLevel: sync'],
        database: [`olcLimits: ${limits}`, 'olcDbIndex: entryCSN eq', 'olcDbIndex: entryUUID eq'],
      });
      return slapd;
    }),
  );
  const [first, second] = both;
  if (!first || !second) throw new Error('there are two');
  await first.slapadd(`${peopleLdif(suffix, people)}\n${replicatorEntry}`);
  return [first, second];
}

const replicatorEntry = `dn: ${replicatorDn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: replicator
userPassword: secret of the replicator
`;

/** One olcSyncrepl value, in clear. */
export function agreement(rid: number, provider: Slapd, words = ''): string {
  return `rid=00${rid} provider=ldap://127.0.0.1:${provider.port} searchbase="${suffix}" type=refreshAndPersist retry="1 +" keepalive=240:10:30 timeout=3 bindmethod=simple binddn="${replicatorDn}" credentials="secret of the replicator" ${words}`.trimEnd();
}

/** Both run, with syncprov, and pull from each other. */
export async function link(
  on: (host: string) => WritePorts,
  slapds: Readonly<Record<string, Slapd>>,
): Promise<void> {
  const names = Object.keys(slapds);
  for (const name of names) {
    const config = await on(name).directory({ kind: 'ldapi', path: 'auto' });
    const module = 'cn=module{0},cn=config';
    await config.modify(module, [{ op: 'add', attribute: 'olcModuleLoad', values: ['syncprov'] }]);
    await config.modify(database, [{ op: 'add', attribute: 'olcAccess', values: [access] }]);
    await config.add(`olcOverlay=syncprov,${database}`, {
      objectClass: ['olcSyncProvConfig'],
      olcOverlay: ['syncprov'],
      olcSpCheckpoint: ['100 10'],
    });
  }
  for (const [at, name] of names.entries()) {
    const config = await on(name).directory({ kind: 'ldapi', path: 'auto' });
    const other = slapds[names[1 - at] ?? ''];
    if (!other) throw new Error('there are two');
    await config.modify(database, [
      { op: 'add', attribute: 'olcSyncrepl', values: [agreement(1, other)] },
      { op: 'add', attribute: 'olcMultiProvider', values: ['TRUE'] },
    ]);
  }
}
