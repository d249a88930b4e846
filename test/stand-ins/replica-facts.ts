/** A replica as zmldapenablereplica made it, the tool of its agreements, and its promotion. */
import { expect, it } from 'vitest';
import { complains, type ProductHost, says } from './product-host.ts';
import { valuesOf } from './read-ldif.ts';
import type { Release } from './release.ts';

const alone = 'olcDatabase={2}mdb,cn=config';
const main = 'olcDatabase={3}mdb,cn=config';
const promote = 'libexec/zmldappromote-replica-mmr';
const tool = 'libexec/zmldapreplicatool';

export function enableReplicaFacts(
  master: () => ProductHost,
  replica: () => ProductHost,
  release: Release,
): void {
  const { home, user, generation } = release;
  const caller = generation.enablereplica_user;
  const other = caller === 'root' ? user : 'root';

  it(`zmldapenablereplica is for ${caller} alone`, async () => {
    const told = await master().as(other, `${home}/libexec/zmldapenablereplica`);
    expect(told).toEqual(complains(`Error: must be run as ${caller} user\n`, 1));
  });

  it('zmldapenablereplica on a master that has an accesslog ends 1', async () => {
    const told = await master().as(caller, `${home}/libexec/zmldapenablereplica`);
    expect(told).toEqual(says('Accesslog is already enabled. Exiting...\n', 1));
  });

  it('zmldapenablereplica left the master an accesslog and no server ID', async () => {
    const config = await master().config();
    expect(valuesOf(config, alone, 'olcSuffix')).toEqual(['cn=accesslog']);
    expect(valuesOf(config, 'cn=config', 'olcServerID')).toEqual([]);
    expect(valuesOf(config, main, 'olcSyncrepl')).toEqual([]);
  });

  it('zmldapenablereplica left the replica rid 100, an update referral and a bare syncprov', async () => {
    const config = await replica().config();
    const url = (await replica().tool('bin/zmlocalconfig -m nokey ldap_master_url')).out.trim();
    expect(valuesOf(config, alone, 'olcSyncrepl')).toHaveLength(1);
    expect(valuesOf(config, alone, 'olcSyncrepl')[0]).toContain(`rid=100 provider=${url} `);
    expect(valuesOf(config, alone, 'olcUpdateRef')).toEqual([url]);
    const syncprov = config.get(`olcOverlay={0}syncprov,${alone}`);
    expect([...(syncprov?.keys() ?? [])].filter((name) => name.startsWith('olcSp'))).toEqual([]);
  });

  it('zmldapenablereplica gives up, with 255, on a master that does not answer', async () => {
    const told = await replica().withKey('ldap_master_url', 'ldap://127.0.0.9:389', () =>
      replica().as(caller, `${home}/libexec/zmldapenablereplica`),
    );
    expect(told.err).toBe('ERROR: Unable to verify ldap connection on ldap://127.0.0.9:389 - exiting\n');
    expect(told.status).toBe(255);
  });

  it('zmldapenablereplica a second time fails at the agreement, and puts ldap_url back', async () => {
    const url = await replica().tool('bin/zmlocalconfig ldap_url');
    const told = await replica().as(caller, `${home}/libexec/zmldapenablereplica`);
    const master = 'ldap://ldap1.lab.example:389';
    const host = 'replica1.lab.example';
    expect(told.out).toMatch(
      new RegExp(
        `^Verifying ldap on ${master}\\.\\.\\.succeeded\nSetting ldap_url on ${host}\\.\\.\\.done\n` +
          `Starting LDAP on ${host}\\.\\.\\.(.*\n)?done\nEnabling sync replication on replica\\.\\.\\.FAILED\n` +
          'ERROR: Unable to add syncrepl configuration',
      ),
    );
    expect(told.status).toBe(1);
    expect(await replica().tool('bin/zmlocalconfig ldap_url')).toEqual(url);
  });

  if (generation.replicatool) replicaToolFacts(master, replica, release);
}

function replicaToolFacts(master: () => ProductHost, replica: () => ProductHost, release: Release): void {
  const { home, user } = release;

  it('zmldapreplicatool tells a wrong user on stdout', async () => {
    const told = await replica().as('root', `${home}/${tool} -q`);
    expect(told).toEqual(says(`Error: must be run as ${user} user\n`, 1));
  });

  it('zmldapreplicatool is of no use on a master', async () => {
    const told = await master().tool(`${tool} -q`);
    expect(told.err).toMatch(/^ERROR: Cannot be used on a LDAP master\./);
    expect(told.status).not.toBe(0);
  });

  it('zmldapreplicatool shows one line an agreement', async () => {
    const url = (await replica().tool('bin/zmlocalconfig -m nokey ldap_master_url')).out.trim();
    const tls = release.tls ? 'critical' : '';
    expect(await replica().tool(`${tool} -q`)).toEqual(says(`rid: 100 URI: ${url} TLS: ${tls}\n`));
  });

  it.each(['-a -r 100 -p ldap://127.0.0.9:389', '-d -r 100', '-d -r 101', '-m -r 101 -n 102'])(
    'zmldapreplicatool refuses "%s" with 1',
    async (words) => expect((await replica().tool(`${tool} ${words}`)).status).toBe(1),
  );

  it('zmldapreplicatool wants a rid of 100 or more', async () => {
    const told = await replica().tool(`${tool} -a -r 99 -p ldap://127.0.0.9:389`);
    expect(told.err).toMatch(/^ {2}zmldapreplicatool /);
    expect(told.status).toBe(1);
  });
}

export function promoteFacts(master: () => ProductHost, replica: () => ProductHost, release: Release): void {
  const { sid_first } = release.generation;

  it('zmldapenable-mmr on a replica ends 0 and does nothing', async () => {
    expect(await replica().tool('libexec/zmldapenable-mmr -s 7 -m ldap://127.0.0.9:389/')).toEqual(
      says('Not a master, please use zmldappromote-replica-mmr\n'),
    );
    expect(valuesOf(await replica().config(), 'cn=config', 'olcServerID')).toEqual([]);
  });

  it.each(['', '-h', '-s 0'])(
    'zmldappromote-replica-mmr shows its sister\'s usage for "%s"',
    async (words) => {
      const told = await replica().tool(`${promote} ${words}`);
      expect(told).toMatchObject({ out: '', status: 1 });
      expect(told.err).toMatch(/^ {2}zmldapenable-mmr -s SID\n/);
    },
  );

  it('zmldappromote-replica-mmr refuses a master', async () => {
    expect(await master().tool(`${promote} -s 7`)).toEqual(says('Cannot run on a master.\n', 1));
  });

  if (release.generation.promote === 'wrong-socket') {
    it('zmldappromote-replica-mmr looks for the socket in the wrong place, and ends 2', async () => {
      const told = await replica().tool(`${promote} -s 7`);
      expect(told.err).toMatch(/^connect: No such file or directory at /);
      expect(told.status).toBe(2);
    });
    return;
  }

  it('zmldappromote-replica-mmr makes a master that follows the one it followed before', async () => {
    const url = (await replica().tool('bin/zmlocalconfig -m nokey ldap_master_url')).out.trim();
    const urls = await replica().tool('bin/zmlocalconfig ldap_url ldap_master_url');
    expect(await replica().tool(`${promote} -s 7`)).toEqual(
      says('Setting local config ldap_is_master=true\n'),
    );
    const config = await replica().config();
    expect(valuesOf(config, 'cn=config', 'olcServerID')).toEqual(['7']);
    expect(valuesOf(config, main, 'olcSyncrepl')).toHaveLength(1);
    expect(valuesOf(config, main, 'olcSyncrepl')[0]).toContain(`{0}rid=100 provider=${url} `);
    expect(valuesOf(config, main, 'olcUpdateRef')).toEqual([]);
    expect(valuesOf(config, alone, 'olcSuffix')).toEqual(['cn=accesslog']);
    expect(await replica().tool('bin/zmlocalconfig -m nokey ldap_is_master')).toEqual(says('true\n'));
    expect(await replica().tool('bin/zmlocalconfig ldap_url ldap_master_url')).toEqual(urls);
  });

  it('a promoted master has no checkpoint and no session log', async () => {
    const syncprov = (await replica().config()).get(`olcOverlay={0}syncprov,${main}`);
    expect(syncprov).toBeDefined();
    expect([...(syncprov?.keys() ?? [])].filter((name) => name.startsWith('olcSp'))).toEqual([]);
  });

  it('zmldappromote-replica-mmr refuses the second time, and what is no replica after it set the server ID', async () => {
    expect(await replica().tool(`${promote} -s 8`)).toEqual(says('Cannot run on a master.\n', 1));
    await master().withKey('ldap_is_master', 'false', async () => {
      expect(await master().tool(`${promote} -s 9`)).toEqual(says('This is not a replica.\n', 1));
    });
    const kept = sid_first ? ['9'] : [];
    expect(valuesOf(await master().config(), 'cn=config', 'olcServerID')).toEqual(kept);
  });
}
