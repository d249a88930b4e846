/**
 * What Zimbra's tools do to three masters and a replica: seen by hand, and the runbooks on the very same servers. The numbers are
 * those of the facts about the tools.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { lockstepFor } from '../lab/lockstep.ts';
import { sharedLab } from '../lab/shared-lab.ts';
import { type Hands, handsOn, setUp, takeInHand, urlOf } from '../lab/zimbra-hands.ts';
import { says, silent } from '../stand-ins/product-host.ts';
import { releaseOf } from '../stand-ins/release.ts';

const { run } = lockstepFor();
const release = releaseOf('zimbra', '10');
const data = 'olcDatabase={3}mdb,cn=config';
const syncprov = `olcOverlay={0}syncprov,${data}`;
const enable = 'libexec/zmldapenable-mmr';

describe('three masters and a replica of Zimbra 10, with slapd 2.5.13', () => {
  const lab = sharedLab('zmore', { platform: 'zimbra', release: '10', nodes: 'master=1,bare=2,replica=1' });
  const first = handsOn(lab, 'ldap1', release);
  const second = handsOn(lab, 'ldap2', release);
  const third = handsOn(lab, 'ldap3', release);
  const replica = handsOn(lab, 'replica1', release);
  const both = [
    [first, second],
    [second, first],
  ] as const;
  const next = 'n3xt-of-the-replicator';
  const runs = async (env: Record<string, string>, runbook: string, ...settings: readonly string[]) => {
    const inputs = settings.flatMap((setting) => ['--set', setting]);
    const words = ['run', `zimbra/${runbook}`, '-i', lab.inventory, '--yes=typed', '--plain', ...inputs];
    const { code, stdout, stderr } = await run(words, { env });
    return { code, stdout: stdout + stderr };
  };

  beforeAll(async () => {
    await takeInHand(lab, ['ldap1', 'ldap2', 'ldap3', 'replica1']);
    await first.tool(`${enable} -s 1 -m ${urlOf(second)}/`);
    expect(await setUp(lab, second, first, 2)).toMatchObject({ status: 0 });
    for (const host of [first, second]) await host.tool(`${enable} -r 101 -m ${urlOf(third)}/`);
    expect(await setUp(lab, third, first, 3)).toMatchObject({ status: 0 });
    await third.tool(`${enable} -r 101 -m ${urlOf(second)}/`);
    const masters = [first, second, third];
    for (const host of masters) {
      const urls = [host, ...masters.filter((one) => one !== host)].map(urlOf).join(' ');
      await host.tool(`bin/zmlocalconfig -e ldap_url='${urls}' ldap_master_url='${urls}'`);
    }
    for (const host of masters) await pullAnew(host);
  });

  /** A link that retries is silent for up to 60 s; agreements that are written anew begin at once. */
  async function pullAnew(host: Hands): Promise<void> {
    const agreements = await host.values(data, 'olcSyncrepl');
    const values = agreements.map((one) => `olcSyncrepl: ${one}\n`).join('');
    await host.modify(`dn: ${data}\nchangetype: modify\nreplace: olcSyncrepl\n${values}`);
  }

  it('3: zmldapmmrtool -d of one peer stops the pull from another, until slapd is restarted', async () => {
    await third.stopSlapd();
    expect(await first.tool('libexec/zmldapmmrtool -d -o 101')).toEqual(silent);
    expect(await first.values(data, 'olcSyncrepl')).toEqual([
      expect.stringContaining(`provider=${urlOf(second)}/`),
    ]);
    await second.write('after-the-third-was-deleted');
    expect(await first.getsWithin('after-the-third-was-deleted', 5000)).toBe(false);
    await first.restart();
    expect(await first.getsWithin('after-the-third-was-deleted', 5000)).toBe(true);
  });

  it('3: delete-node takes it out, and the others go on pulling from each other', async () => {
    await third.startSlapd();
    await first.tool(`${enable} -r 101 -m ${urlOf(third)}/`);
    for (const host of [first, second, third]) await pullAnew(host);
    const { code, stdout } = await runs(
      {},
      'delete-node',
      'pool=ldap1,ldap2,ldap3',
      'leaver=ldap3',
      'quiet=1s',
    );
    expect(code, stdout).toBe(0);
    for (const [host, other] of both) {
      expect(await host.values(data, 'olcSyncrepl')).toEqual([
        expect.stringContaining(`provider=${urlOf(other)}`),
      ]);
      await other.write(`seen-by-${host.name}`);
      expect(await host.getsWithin(`seen-by-${host.name}`, 5000)).toBe(true);
    }
    expect(await third.serves()).toBe(false);
  });

  it('9: zmldappasswd -l locks the masters out of each other, and takes StartTLS off a replica', async () => {
    expect(await first.tool(`bin/zmldappasswd -l ${next}`)).toMatchObject({ status: 0 });
    expect(await replica.tool(`bin/zmldappasswd -c -l ${next}`)).toMatchObject({ status: 0 });
    expect((await first.values(data, 'olcSyncrepl'))[0]).not.toContain(next);
    expect((await replica.values('olcDatabase={2}mdb,cn=config', 'olcSyncrepl'))[0]).not.toContain(
      'starttls',
    );
    const mark = await second.mark();
    await second.restart();
    await expect.poll(() => second.logSince(mark), { timeout: 10_000 }).toContain('failed (49)');
    await first.write('with-the-new-password');
    expect(await second.getsWithin('with-the-new-password', 3000)).toBe(false);
  });

  it('9: rotate-replication-password with repair puts both right', async () => {
    const env = { LDAP_REPLICATION_NEXT_PASSWORD: next };
    const { code, stdout } = await runs(
      env,
      'rotate-replication-password',
      'pool=ldap1,ldap2',
      'repair=true',
    );
    expect(code, stdout).toBe(0);
    expect(stdout).not.toContain(next);
    expect(await second.has('with-the-new-password')).toBe(true);
    const agreements = [
      ...(await first.values(data, 'olcSyncrepl')),
      ...(await second.values(data, 'olcSyncrepl')),
      ...(await replica.values('olcDatabase={2}mdb,cn=config', 'olcSyncrepl')),
    ];
    expect(agreements).toHaveLength(3);
    for (const one of agreements)
      expect(one).toMatch(new RegExp(`credentials="?${next}"? .*starttls=critical`));
  });

  it('8: zmldappromote-replica-mmr leaves a master without checkpoint and session log', async () => {
    const told = await replica.tool('libexec/zmldappromote-replica-mmr -s 9');
    expect(told).toEqual(says('Setting local config ldap_is_master=true\n'));
    expect(await replica.values(data, 'olcMultiProvider')).toEqual(['TRUE']);
    expect(await replica.values(syncprov, 'olcOverlay')).toEqual(['{0}syncprov']);
    expect(await replica.values(syncprov, 'olcSpCheckpoint')).toEqual([]);
    expect(await replica.values(syncprov, 'olcSpSessionlog')).toEqual([]);
  });

  it('8: promote-replica adds them, and what else a master needs', async () => {
    const { code, stdout } = await runs({}, 'promote-replica', 'pool=ldap1,ldap2', 'replica=replica1');
    expect(code, stdout).toBe(0);
    expect(await replica.values(syncprov, 'olcSpCheckpoint')).toEqual(['20 10']);
    expect(await replica.values(syncprov, 'olcSpSessionlog')).toEqual(['10000000']);
    expect(await replica.values('cn=config', 'olcServerID')).toEqual(['9']);
    expect(await replica.values(data, 'olcSyncrepl')).toHaveLength(2);
  });
});
