/** What Zimbra 8.0 and 8.6 cannot do, and say so: part of `npm run matrix`. */
import { describe, expect, test } from 'vitest';
import { lockstepFor } from '../lab/lockstep.ts';
import { playChain } from './chain.ts';
import { FOLLOWED, secondProviderOf } from './mail-stages.ts';
import { mailLab } from './mail-world.ts';

const lockstep = lockstepFor();

describe.each(['8.0.6', '8.6'])('zimbra %s', (release) => {
  const world = mailLab('old', 'zimbra', release, FOLLOWED);
  const refusedBy = async (runbook: string, set: Readonly<Record<string, string>>) => {
    const inputs = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    const env = { LOCKSTEP_STATE: `${lockstep.state}/${world.lab.name}` };
    return await lockstep.run(['run', runbook, '-i', world.inventory(), ...inputs, '--yes=typed'], { env });
  };

  playChain([world], secondProviderOf('zimbra').slice(0, 1), 'whole', lockstep);

  test('a replica has one provider only, and the run says so before it changes anything', async () => {
    const { code, stdout } = await refusedBy('zimbra/add-provider-to-replica', {
      replica: 'replica1',
      provider: 'ldap2',
    });
    expect(code).toBe(2);
    expect(stdout).toContain('replica1 has no zmldapreplicatool, which came with 8.7');
    expect(stdout).not.toContain('changed     ');
  });

  if (release === '8.0.6')
    test('the tool that promotes looks for slapd in the wrong place: the run says so, and goes no further', async () => {
      const set = { pool: 'ldap1,ldap2', replica: 'replica1' };
      const { code, stdout } = await refusedBy('zimbra/promote-replica', set);
      expect(code).toBe(2);
      expect(stdout).toContain('bug 93278');
      expect(stdout).toContain('held at');
    });
});
