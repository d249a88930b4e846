/** zmldapenable-mmr on a fresh master; leaves it with server ID 2 and the agreements 100 and 101. */
import { expect, it } from 'vitest';
import { complains, type ProductHost, says, silent } from './product-host.ts';
import { valuesOf } from './read-ldif.ts';
import type { Release } from './release.ts';

const command = 'libexec/zmldapenable-mmr';
const main = 'olcDatabase={3}mdb,cn=config';
const log = 'olcDatabase={2}mdb,cn=config';
/** Nobody listens there: no tool asks its peer. */
export const peer = 'ldap://127.0.0.9:389/';

export function enableMmrFacts(host: () => ProductHost, release: Release): void {
  const { home, user, openldap, generation } = release;

  it('stops where openldap is not installed, before it looks at who calls', async () => {
    await host().root(`mv ${openldap}/etc ${openldap}/etc.away`);
    const told = await host().as('root', `${home}/${command}`);
    await host().root(`mv ${openldap}/etc.away ${openldap}/etc`);
    expect(told).toEqual(says('ERROR: openldap does not appear to be installed - exiting\n', 1));
  });

  it('is for the service user alone', async () => {
    const told = await host().as('root', `${home}/${command} -m ${peer}`);
    expect(told).toEqual(complains(`Error: must be run as ${user} user\n`, 1));
  });

  it.each(['', '-h', '-m http://x/', '-m ldap://x:389'])(
    'shows its usage and ends 1 for "%s"',
    async (words) => {
      const told = await host().tool(`${command} ${words}`);
      expect(told).toMatchObject({ out: '', status: 1 });
      expect(told.err).toMatch(/^ {2}zmldapenable-mmr \[-r RID\] \[-s SID\] -m MMRURI\n/);
    },
  );

  it('names an unknown option and a server ID that is no number before its usage', async () => {
    const unknown = await host().tool(`${command} -x -m ${peer}`);
    expect(unknown.err).toMatch(/^Unknown option: x\n\n {2}zmldapenable-mmr /);
    const word = await host().tool(`${command} -s abc -m ${peer}`);
    expect(word.err).toMatch(/^Value "abc" invalid for option s \(number expected\)\n/);
    expect([unknown.status, word.status]).toEqual([1, 1]);
  });

  it('ends 0 on a server that is no master', async () => {
    const told = await host().withKey('ldap_is_master', 'false', () => host().tool(`${command} -m ${peer}`));
    expect(told).toEqual(says('Not a master, please use zmldappromote-replica-mmr\n'));
  });

  it('ends 2 without localconfig.xml', async () => {
    const file = `${home}/conf/localconfig.xml`;
    await host().root(`mv ${file} ${file}.away`);
    const told = await host().tool(`${command} -m ${peer}`);
    await host().root(`mv ${file}.away ${file}`);
    expect(told).toEqual(complains(`File does not exist: ${file}\n`, 2));
  });

  it('ends 255 when slapd refuses the password', async () => {
    const told = await host().withKey('ldap_root_password', 'wrong', () =>
      host().tool(`${command} -m ${peer}`),
    );
    expect(told).toEqual(complains('Bind: Invalid credentials\n', 255));
  });

  it('ends 2 when slapd is stopped', async () => {
    await host().stopSlapd();
    const told = await host().tool(`${command} -m ${peer}`);
    await host().startSlapd();
    expect(told.err).toMatch(/^connect: No such file or directory at \S+ line \d+\.\n$/);
    expect(told.status).toBe(2);
  });

  if (!release.systemd)
    it('ends 111 when slapd was killed', async () => {
      await host().killSlapd();
      const told = await host().tool(`${command} -m ${peer}`);
      await host().startSlapd();
      expect(told.err).toMatch(/^connect: Connection refused at /);
      expect(told.status).toBe(111);
    });

  it('wants a server ID for a master that has none', async () => {
    const expected =
      'Error: No Server ID exists on master and none provided.\n' +
      '       Provide valid Server ID value via the -s option.\n';
    expect(await host().tool(`${command} -m ${peer}`)).toEqual(says(expected, 1));
    expect(await host().tool(`${command} -s 0 -m ${peer}`)).toEqual(says(expected, 1));
  });

  it('drops a server ID above 4095 and makes all the rest, without a word', async () => {
    expect(await host().tool(`${command} -s 5000 -m ${peer}`)).toEqual(silent);
    const config = await host().config();
    expect(valuesOf(config, 'cn=config', 'olcServerID')).toEqual([]);
    expect(valuesOf(config, log, 'olcSuffix')).toEqual(['cn=accesslog']);
    expect(valuesOf(config, main, 'olcSyncrepl')).toHaveLength(1);
  });

  it('pushes the main database to {3}, and its overlays behind syncprov and accesslog', async () => {
    const config = await host().config();
    const overlays = [...config.keys()]
      .filter((dn) => dn.startsWith('olcOverlay'))
      .map((dn) => dn.split(',')[0]);
    expect(overlays).toEqual([
      'olcOverlay={0}syncprov',
      'olcOverlay={0}syncprov',
      'olcOverlay={1}accesslog',
      'olcOverlay={2}dynlist',
      'olcOverlay={3}unique',
    ]);
    expect(valuesOf(config, log, 'olcDbDirectory')).toEqual([`${home}/data/ldap/accesslog/db`]);
    expect(await host().root(`stat -c %U ${home}/data/ldap/accesslog/db`)).toBe(`${user}\n`);
    const syncprov = `olcOverlay={0}syncprov,${main}`;
    expect(valuesOf(config, syncprov, 'olcSpCheckpoint')).toEqual(['20 10']);
    expect(valuesOf(config, syncprov, 'olcSpSessionlog')).toEqual(generation.sessionlog ? ['10000000'] : []);
    const mirror = ['olcMirrorMode', 'olcMultiProvider'].flatMap((name) => valuesOf(config, main, name));
    expect(mirror).toEqual(['TRUE']);
  });

  it('stores the agreement as it is typed, with StartTLS where the product has it on', async () => {
    const password = (
      await host().tool('bin/zmlocalconfig -s -m nokey ldap_replication_password')
    ).out.trim();
    const starttls = release.tls ? 'starttls=critical ' : '';
    expect(valuesOf(await host().config(), main, 'olcSyncrepl')).toEqual([
      `{0}rid=100 provider=${peer} bindmethod=simple timeout=0 network-timeout=0 ` +
        `binddn=uid=zmreplica,cn=admins,cn=zimbra credentials=${password} ${starttls}` +
        'filter="(objectclass=*)" searchbase="" logfilter="(&(objectClass=auditWriteObject)(reqResult=0))" ' +
        'logbase=cn=accesslog scope=sub schemachecking=off type=refreshAndPersist retry="60 +" ' +
        `syncdata=accesslog tls_cacertdir=${home}/conf/ca keepalive=240:10:30`,
    ]);
  });

  it('mends that with a second run, and takes a second agreement with the same peer', async () => {
    expect(await host().tool(`${command} -s 2 -r 101 -m ${peer}`)).toEqual(silent);
    const config = await host().config();
    expect(valuesOf(config, 'cn=config', 'olcServerID')).toEqual(['2']);
    expect(valuesOf(config, main, 'olcSyncrepl')).toHaveLength(2);
  });

  it(`${generation.guards ? 'refuses' : 'passes over'} a server ID where there is one`, async () => {
    const refusal = 'Error: Server ID provided when the Server ID is already configured.\n';
    const expected = generation.guards ? says(refusal, 1) : silent;
    expect(await host().tool(`${command} -s 2 -r 103 -m ${peer}`)).toEqual(expected);
    expect(valuesOf(await host().config(), 'cn=config', 'olcServerID')).toEqual(['2']);
    if (!generation.guards) await host().tool('libexec/zmldapmmrtool -d -o 103');
  });

  if (generation.guards)
    it('refuses a rid that is taken', async () => {
      const refusal = 'Error: A replication agreement for rid 100 already exists.\n';
      expect(await host().tool(`${command} -m ${peer}`)).toEqual(says(refusal, 1));
    });

  it('takes rid 0, which no tool can delete', async () => {
    const before = valuesOf(await host().config(), main, 'olcSyncrepl');
    expect(await host().tool(`${command} -r 0 -m ${peer}`)).toEqual(silent);
    const after = valuesOf(await host().config(), main, 'olcSyncrepl');
    expect(after.slice(before.length)).toEqual([
      expect.stringContaining(`{${before.length}}rid=0 provider=`),
    ]);
    await host().modify(main, `delete: olcSyncrepl\nolcSyncrepl: {${before.length}}`);
  });

  it('says nothing of a password with a blank, which breaks the agreement', async () => {
    const told = await host().withKey('ldap_replication_password', 'two words', () =>
      host().tool(`${command} -r 104 -m ${peer}`),
    );
    expect(told).toEqual(silent);
    const stored = valuesOf(await host().config(), main, 'olcSyncrepl').filter((value) =>
      value.includes('rid=104'),
    );
    expect(stored).toEqual([]);
  });

  it('drops an agreement whose rid is above 999, without a word', async () => {
    const before = valuesOf(await host().config(), main, 'olcSyncrepl');
    expect(await host().tool(`${command} -r 1000 -m ${peer}`)).toEqual(silent);
    expect(valuesOf(await host().config(), main, 'olcSyncrepl')).toEqual(before);
  });
}
