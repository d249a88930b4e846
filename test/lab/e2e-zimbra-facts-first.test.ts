/**
 * What Zimbra's tools do when the first master is prepared, seen to bite by hand, and `zimbra/enable-mmr` on the very same
 * server. The numbers are those of the facts about the tools.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { says, silent } from '../stand-ins/product-host.ts';
import { releaseOf } from '../stand-ins/release.ts';
import { lockstepFor, outcomes } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';
import { handsOn, takeInHand, urlOf } from './zimbra-hands.ts';

const { run } = lockstepFor();
const release = releaseOf('zimbra', '10');
const data = 'olcDatabase={3}mdb,cn=config';
const accesslog = `${release.home}/data/ldap/accesslog`;

describe('the first master of Zimbra 10, with slapd 2.5.13', () => {
  const lab = sharedLab('zfirst', { platform: 'zimbra', release: '10', nodes: 'master=2' });
  const first = handsOn(lab, 'ldap1', release);
  // A master of its own until a test empties it: then it joins as the article says.
  const second = handsOn(lab, 'ldap2', release);
  const peer = `${urlOf(second)}/`;
  const enable = (...words: readonly string[]) =>
    run([
      ...['run', 'zimbra/enable-mmr', '-i', lab.inventory, '--yes=typed'],
      ...['--set', 'first=ldap1', '--set', 'second=ldap2', ...words],
    ]);

  beforeAll(() => takeInHand(lab, ['ldap1', 'ldap2']));

  /** The second joins and goes. It is with the first until it follows its accesslog, or until that has ended. */
  async function visit(): Promise<void> {
    const mark = await second.mark();
    await join();
    await expect.poll(() => second.logSince(mark), { timeout: 10_000 }).toMatch(/REFRESH_DELETE|retrying/);
    await second.stopSlapd();
  }

  /** An empty database that pulls from the first master, and its restart. */
  async function join(): Promise<void> {
    await second.stopSlapd();
    await second.root(`rm -f ${release.home}/data/ldap/mdb/db/* ${release.home}/data/ldap/accesslog/db/*`);
    await second.startSlapd();
    await second.tool(`libexec/zmldapenable-mmr -s 2 -m ${urlOf(first)}/`);
  }

  it('1: a tool exits 0 and says nothing when slapd refuses what it writes, and leaves half of it', async () => {
    await first.root(`mkdir -m 0700 ${accesslog}`);
    expect(await first.tool(`libexec/zmldapenable-mmr -s 1 -m ${peer}`)).toEqual(silent);
    expect(await first.values('cn=config', 'olcServerID')).toEqual(['1']);
    expect(await first.values('olcDatabase={2}mdb,cn=config', 'olcSyncrepl')).toEqual([]);
    // Meant for the accesslog, which would have become {2}: without a present phase, deletions do not reach consumers.
    const stray = 'olcOverlay={2}syncprov,olcDatabase={2}mdb,cn=config';
    expect(await first.values(stray, 'olcSpNoPresent')).toEqual(['TRUE']);
  });

  it('1: enable-mmr refuses there before it changes anything, and names what was expected and what there is', async () => {
    const before = await first.config();
    const { code, stdout } = await enable('--plain');
    expect(code).toBe(2);
    expect(stdout).toContain(
      `${accesslog} is to be a directory in which zimbra may write, and is directory of root, mode 700`,
    );
    expect(stdout).toContain("next: Give it to the product's user (chown -R)");
    expect(await first.config()).toEqual(before);
  });

  it('1: "Not a master" is an exit of 0, too; enable-mmr refuses', async () => {
    await first.withKey('ldap_is_master', 'false', async () => {
      expect(await first.tool(`libexec/zmldapenable-mmr -m ${peer}`)).toEqual(
        says('Not a master, please use zmldappromote-replica-mmr\n'),
      );
      const { code, stdout } = await enable('--plain');
      expect([code, stdout]).toEqual([
        2,
        expect.stringContaining('ldap1 is no master (ldap_is_master is false)'),
      ]);
    });
  });

  it('1: a root password that slapd does not know stops a run at its first look', async () => {
    const { code, stdout } = await first.withKey('ldap_root_password', 'wrong', () => enable('--plain'));
    expect([code, stdout]).toEqual([
      2,
      expect.stringMatching(/ldap_root_password in \S+ of ldap1 is not the one slapd has/),
    ]);
  });

  it('1: a rid of 1000 makes everything but the agreement, exit 0', async () => {
    await first.root(`chown zimbra: ${accesslog}`);
    expect(await first.tool(`libexec/zmldapenable-mmr -r 1000 -m ${peer}`)).toEqual(silent);
    expect(await first.values('cn=accesslog', 'objectClass')).not.toEqual([]);
    expect(await first.values(data, 'olcSyncrepl')).toEqual([]);
    // slapd takes mirror mode of consumers only.
    expect(await first.values(data, 'olcMultiProvider')).toEqual([]);
  });

  it('10: whoever joins before the first write is refused with 53, again and again', async () => {
    const mark = await second.mark();
    await join();
    await expect.poll(() => second.logSince(mark), { timeout: 10_000 }).toContain('(53) Server is unwilling');
    await second.restart();
    const later = await second.mark();
    await second.restart();
    await expect
      .poll(() => second.logSince(later), { timeout: 10_000 })
      .toContain('(53) Server is unwilling');
  });

  it('1, 10: enable-mmr makes up for what is missing, gives the accesslog its first change, and the other gets in', async () => {
    const { code, stdout } = await enable('--ndjson');
    expect(code, stdout).toBe(0);
    expect(
      Object.entries(outcomes(stdout)).flatMap(([task, how]) => (how === 'changed' ? [task] : [])),
    ).toEqual([
      'mmr.before.copy@ldap1',
      'mmr.pull.syncprov[1]@ldap1',
      'mmr.pull.enable[ldap2]@ldap1',
      'mmr.restart.restart@ldap1',
      'mmr.log.write@ldap1',
    ]);
    expect(await first.values(data, 'olcSyncrepl')).toEqual([expect.stringContaining(`provider=${peer} `)]);
    const syncprov = 'olcOverlay={3}syncprov,olcDatabase={3}mdb,cn=config';
    expect(await first.values(syncprov, 'olcSpNoPresent')).toEqual([]);
    expect(await first.values(syncprov, 'olcSpSessionlog')).toEqual(['10000000']);

    const mark = await second.mark();
    await second.restart();
    await first.write('after-the-first-change');
    expect(await second.getsWithin('after-the-first-change', 10_000)).toBe(true);
    expect(await second.logSince(mark)).not.toContain('(53)');
  });

  it('7: a second run of the tool fails, one way or the other, or takes the same provider twice', async () => {
    expect(await first.tool(`libexec/zmldapenable-mmr -s 1 -m ${peer}`)).toEqual(
      says('Error: Server ID provided when the Server ID is already configured.\n', 1),
    );
    expect(await first.tool(`libexec/zmldapenable-mmr -m ${peer}`)).toEqual(
      says('Error: A replication agreement for rid 100 already exists.\n', 1),
    );
    expect(await first.tool(`libexec/zmldapenable-mmr -r 101 -m ${peer}`)).toEqual(silent);
    expect(await first.values(data, 'olcSyncrepl')).toHaveLength(2);
    expect(await first.tool('libexec/zmldapmmrtool -d -o 101')).toEqual(silent);
  });

  it('7: a second run of enable-mmr changes nothing', async () => {
    await first.restart();
    const before = await first.config();
    const { code, stdout } = await enable('--ndjson');
    expect(code, stdout).toBe(0);
    expect(Object.values(outcomes(stdout)).filter((how) => how !== 'unchanged' && how !== 'skipped')).toEqual(
      [],
    );
    expect(await first.config()).toEqual(before);
  });

  it('11: slapd 2.5.13 ends when a consumer of an accesslog without a change goes', async () => {
    await lab.renew();
    await takeInHand(lab, ['ldap1', 'ldap2']);
    await first.tool(`libexec/zmldapenable-mmr -s 1 -m ${peer}`);
    await first.restart();
    await visit();
    expect(await first.serves()).toBe(false);
  });

  it('11: with a first change by enable-mmr it outlives the consumer', async () => {
    await first.startSlapd();
    const { code, stdout } = await enable('--ndjson');
    expect(code, stdout).toBe(0);
    expect(outcomes(stdout)['mmr.log.write@ldap1']).toBe('changed');
    await visit();
    expect(await first.serves()).toBe(true);
  });
});
