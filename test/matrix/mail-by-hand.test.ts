/** A second master of Zimbra whose installer a person answers, and may answer wrongly. */
import { beforeAll, describe, expect, it } from 'vitest';
import { lockstepFor } from '../lab/lockstep.ts';
import { sharedLab } from '../lab/shared-lab.ts';
import { handsOn, setUp, takeInHand } from '../lab/zimbra-hands.ts';
import { releaseOf } from '../stand-ins/release.ts';

const { run } = lockstepFor();
const release = releaseOf('zimbra', '8.8');

describe('install-secondary with by_hand=true', () => {
  const lab = sharedLab('zhand', { platform: 'zimbra', release: '8.8', nodes: 'master=1,bare=1' });
  const first = handsOn(lab, 'ldap1', release);
  const newcomer = handsOn(lab, 'ldap2', release);
  const words = ['zimbra/install-secondary', '-i', lab.inventory, '--set', 'by_hand=true', '--plain'];
  const inputs = ['--set', 'first=ldap1', '--set', 'newcomer=ldap2'];

  beforeAll(() => takeInHand(lab, ['ldap1', 'ldap2']));

  it('looks whether the work was done, and is held at the first choice that it does not find', async () => {
    const { code, stdout } = await run(['run', ...words, ...inputs, '--yes']);
    expect([code, stdout]).toEqual([2, expect.stringContaining('set.name-right: failed')]);
    expect(stdout).toContain('hostname ldap2.lab.example, LDAP master host ldap1.lab.example, LDAP port 389');
    expect(stdout).toContain('Expected is ldap2.lab.example');
  }, 60_000);

  it('goes on once a person has done it, to two masters that hold the same and take writes', async () => {
    await setUp(lab, newcomer, first, 2);
    const { code, stdout } = await run(['resume', 'last', '--yes', '--plain']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('done:')]);
    await newcomer.write('from-the-second');
    expect(await first.getsWithin('from-the-second', 5000)).toBe(true);
    expect(await newcomer.values('cn=config', 'olcServerID')).toEqual(['2']);
  }, 180_000);
});
