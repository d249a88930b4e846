/**
 * What Zimbra's tools say of two masters that do not replicate, and what they make of them: seen by hand, and the runbooks on
 * the very same servers. The numbers are those of the facts about the tools.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { lockstepFor } from '../lab/lockstep.ts';
import { sharedLab } from '../lab/shared-lab.ts';
import { handsOn, setUp, takeInHand, urlOf } from '../lab/zimbra-hands.ts';
import { complains, silent } from '../stand-ins/product-host.ts';
import { releaseOf } from '../stand-ins/release.ts';

const { run } = lockstepFor();
const release = releaseOf('zimbra', '10');
const data = 'olcDatabase={3}mdb,cn=config';

describe('two masters of Zimbra 10, with slapd 2.5.13', () => {
  const lab = sharedLab('zpool', { platform: 'zimbra', release: '10', nodes: 'master=1,bare=1' });
  const first = handsOn(lab, 'ldap1', release);
  const second = handsOn(lab, 'ldap2', release);
  const [one, two] = [urlOf(first), urlOf(second)];
  const runs = async (runbook: string, ...settings: readonly string[]) => {
    const inputs = settings.flatMap((setting) => ['--set', setting]);
    const words = ['run', `zimbra/${runbook}`, '-i', lab.inventory, '--yes=typed', '--plain', ...inputs];
    const { code, stdout, stderr } = await run(words);
    return { code, stdout: stdout + stderr };
  };
  const converge = (...settings: readonly string[]) => runs('converge', 'pool=ldap1,ldap2', ...settings);
  /** Their codes and statuses, as zmreplchk has them. */
  async function verdicts(on = first): Promise<readonly string[]> {
    const { out } = await on.tool('libexec/zmreplchk');
    return [...out.matchAll(/^Master: (\S+) .*(Code: \d .*?)(?: CSNs:)?$/gm)].map((found) => found[2] ?? '');
  }
  const inSync = ['Code: 0 Status: In Sync', 'Code: 0 Status: In Sync'];

  beforeAll(async () => {
    await takeInHand(lab, ['ldap1', 'ldap2']);
    // The agreement with the second is refused, without a word.
    expect(await first.tool(`libexec/zmldapenable-mmr -s 1 -r 1000 -m ${two}/`)).toEqual(silent);
    expect(await setUp(lab, second, first, 2)).toMatchObject({ status: 0 });
    await first.tool(`bin/zmlocalconfig -e ldap_master_url='${one} ${two}'`);
    await second.tool(`bin/zmlocalconfig -e ldap_master_url='${two} ${one}'`);
  });

  it('4: zmreplchk says "In Sync" where the first master lacks all that the second wrote', async () => {
    await second.write('written-on-the-second');
    expect(await first.getsWithin('written-on-the-second', 2000)).toBe(false);
    expect(await verdicts()).toEqual(inSync);
  });

  it('4: converge names the server that lacks it', async () => {
    const { code, stdout } = await converge('within=3s');
    expect([code, stdout]).toEqual([
      2,
      expect.stringContaining('ldap1 is behind ldap2 in SID 002: has nothing of it'),
    ]);
    await first.tool(`libexec/zmldapenable-mmr -m ${two}/`);
    expect(await first.getsWithin('written-on-the-second', 5000)).toBe(true);
  });

  it('4: zmreplchk says "In Sync" on a server that is empty', async () => {
    await first.tool(`libexec/zmldapmmrtool -u -o 100 -m ldap://${second.fqdn}:390/`);
    await second.tool(`libexec/zmldapmmrtool -u -o 100 -m ldap://${first.fqdn}:390/`);
    await second.stopSlapd();
    await second.root(`rm ${release.home}/data/ldap/mdb/db/*`);
    await second.startSlapd();
    expect(await second.has('written-on-the-second')).toBe(false);
    expect(await verdicts(second)).toEqual(inSync);
  });

  it('4: converge says that there is nothing', async () => {
    const { code, stdout } = await converge('within=3s');
    expect([code, stdout]).toEqual([2, expect.stringContaining('ldap2 has no contextCSN')]);
    await second.tool(`libexec/zmldapmmrtool -u -o 100 -m ${one}/`);
    // All of it: a load that a restart cuts short is never made up for, and its CSNs say that nothing is missing.
    await expect.poll(() => second.count(), { timeout: 10_000 }).toBe(await first.count());
    await first.tool(`libexec/zmldapmmrtool -u -o 100 -m ${two}/`);
  });

  it('6: two URLs without quotes are refused, and nothing is saved', async () => {
    const before = await first.tool('bin/zmlocalconfig ldap_url');
    expect(await first.tool(`bin/zmlocalconfig -e ldap_url=${one} ${two}`)).toEqual(
      complains(`Error: argument '${two}' not in key=value form\n`, 1),
    );
    expect(await first.tool('bin/zmlocalconfig ldap_url')).toEqual(before);
  });

  it('5: slapd listens on the first URL of ldap_url, and does not start where that is the peer', async () => {
    await second.tool(`bin/zmlocalconfig -e ldap_url='${one} ${two}'`);
    expect(await second.tool('bin/ldap restart')).toMatchObject({
      out: expect.stringContaining('Cannot assign requested address'),
      status: 1,
    });
    expect(await second.serves()).toBe(false);
    await second.tool(`bin/zmlocalconfig -e ldap_url=${two}`);
    await second.startSlapd();
  });

  it('5: a runbook that would restart it refuses', async () => {
    await second.tool(`bin/zmlocalconfig -e ldap_url='${one} ${two}'`);
    const before = await second.config();
    const { code, stdout } = await runs('enable-mmr', 'first=ldap2', 'second=ldap1');
    expect([code, stdout]).toEqual([
      2,
      expect.stringContaining(
        `ldap_url of ldap2 begins with ${one}, not with ${second.fqdn}: slapd would listen there after its restart`,
      ),
    ]);
    expect(await second.config()).toEqual(before);
  });

  it('5, 6: update-urls gives each all URLs, itself first, and they start', async () => {
    const { code, stdout } = await runs('update-urls', 'masters=ldap1,ldap2');
    expect(code, stdout).toBe(0);
    for (const [host, urls] of [
      [first, `${one} ${two}`],
      [second, `${two} ${one}`],
    ] as const) {
      const told = await host.tool('bin/zmlocalconfig ldap_url ldap_master_url');
      expect(told.out).toBe(`ldap_url = ${urls}\nldap_master_url = ${urls}\n`);
    }
    await second.restart();
    expect(await second.serves()).toBe(true);
  });

  it('2: zmldapmmrtool -u loses the agreement that it cannot write, with an exit code and no word', async () => {
    expect(await first.tool('libexec/zmldapmmrtool -u -o 100 -r 1000')).toEqual({ ...silent, status: 80 });
    expect(await first.values(data, 'olcSyncrepl')).toEqual([]);
    await first.tool(`libexec/zmldapenable-mmr -m ${two}/`);
  });

  it('2: change-agreement refuses such a rid before it touches anything', async () => {
    const before = await first.config();
    const { code, stdout } = await runs('change-agreement', 'consumer=ldap1', 'provider=ldap2', 'rid=1000');
    expect([code, stdout]).toEqual([2, expect.stringContaining('rid 1000 is not a number from 1 to 999')]);
    expect(await first.config()).toEqual(before);
  });

  it('14, 4: after a restart of its provider a link is silent until 60 s are over, and zmreplchk calls it in sync', async () => {
    const mark = await second.mark();
    await first.stopSlapd();
    await expect.poll(() => second.logSince(mark), { timeout: 10_000 }).toContain('rc -1 retrying');
    await first.startSlapd();
    expect(await verdicts(second)).toEqual(inSync);
    await first.write('while-it-is-silent');
    expect(await second.getsWithin('while-it-is-silent', 5000)).toBe(false);
  });

  it('14: converge waits that long, and then has a write on each seen on the other', async () => {
    const { code, stdout } = await converge('within=100s');
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/2 masters hold the same \d+ entries/);
    expect(await second.has('while-it-is-silent')).toBe(true);
  });
});
