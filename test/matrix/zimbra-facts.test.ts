/** A link that only retries, which zmreplchk calls "In Sync": what proves it takes longer than the 60 s between two tries. */
import { beforeAll, describe, expect, it } from 'vitest';
import { lockstepFor } from '../lab/lockstep.ts';
import { sharedLab } from '../lab/shared-lab.ts';
import { handsOn, setUp, takeInHand, urlOf } from '../lab/zimbra-hands.ts';
import { releaseOf } from '../stand-ins/release.ts';

const { run } = lockstepFor();
const release = releaseOf('zimbra', '10');
const LONG_MS = 300_000;

describe('two masters of Zimbra 10 that no longer hear each other', () => {
  const lab = sharedLab('zstuck', { platform: 'zimbra', release: '10', nodes: 'master=1,bare=1' });
  const first = handsOn(lab, 'ldap1', release);
  const second = handsOn(lab, 'ldap2', release);
  const [one, two] = [urlOf(first), urlOf(second)];
  /** Nobody listens there. */
  const nowhere = `ldap://${first.fqdn}:390`;
  const runs = (runbook: string, ...settings: readonly string[]) => {
    const inputs = settings.flatMap((setting) => ['--set', setting]);
    return run(['run', `zimbra/${runbook}`, '-i', lab.inventory, '--yes=typed', '--plain', ...inputs]);
  };

  beforeAll(async () => {
    await takeInHand(lab, ['ldap1', 'ldap2']);
    await first.tool(`libexec/zmldapenable-mmr -s 1 -m ${two}/`);
    await setUp(lab, second, first, 2);
    await first.tool(`bin/zmlocalconfig -e ldap_master_url='${one} ${two}'`);
    await first.tool(`libexec/zmldapmmrtool -u -o 100 -m ${two}/`);
    await second.write('before-it-sticks');
    expect(await first.getsWithin('before-it-sticks', 10_000)).toBe(true);
  });

  it('4: zmreplchk says "In Sync" of a link that only retries, and so do equal CSNs', async () => {
    await expect.poll(() => second.count(), { timeout: 4000 }).toBe(await first.count());
    await second.tool(`libexec/zmldapmmrtool -u -o 100 -m ${nowhere}/`);
    const { out, status } = await first.tool('libexec/zmreplchk');
    expect([status, out.match(/Code: 0 Status: In Sync/g)]).toMatchObject([0, { length: 2 }]);
  });

  it(
    '4: converge sees that a write does not get through',
    async () => {
      const { code, stdout } = await runs('converge', 'pool=ldap1,ldap2');
      expect(code).toBe(2);
      expect(stdout).toMatch(/✔ unchanged .*\n\n.*When was the configuration/);
      expect(stdout).toContain('the added entry did not arrive within 75000 ms: ldap1 → ldap2');
    },
    LONG_MS,
  );

  it(
    '2: change-agreement gives it its provider and another rid in one modify, and proves it',
    async () => {
      const { code, stdout } = await runs(
        ...(['change-agreement', 'consumer=ldap2', 'provider=ldap1', `was=${nowhere}`, 'rid=150'] as const),
      );
      expect(code, stdout).toBe(0);
      const agreements = await second.values('olcDatabase={3}mdb,cn=config', 'olcSyncrepl');
      expect(agreements).toEqual([
        expect.stringMatching(new RegExp(`^\\{0\\}rid=150 provider="?${one}/?"? `)),
      ]);
      expect(agreements[0]).toContain('starttls=critical');
      await first.write('after-it-was-mended');
      expect(await second.getsWithin('after-it-was-mended', 5000)).toBe(true);
    },
    LONG_MS,
  );
});
