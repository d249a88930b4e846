/** Two controllers on one pool: one works, the other is told; and one that wakes up late is refused at the target. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { eventsOf, lockstepFor, outcomes, type Running } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';

const { start, run, atTerminal, state } = lockstepFor();
const lab = sharedLab('leases', { hosts: 2 });
const runbook = join(import.meta.dirname, 'runbooks', 'late.yaml');
/** As another operator's: a state directory of his own. */
const other = { LOCKSTEP_STATE: join(state, 'bob') };
const IDLE: Readonly<Record<string, number>> = { alice: 1001, bob: 2002 };
const words = (word: string, pool: string, ...more: readonly string[]) => {
  const set = { word, pool, idle: IDLE[word], until: word === 'alice' ? '/srv/go' : '/' };
  const sets = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  return ['run', runbook, '-i', lab.inventory, '--ndjson', ...sets, ...more];
};
const bobs = (pool: string, ...more: readonly string[]) => run(words('bob', pool, ...more), { env: other });
const lines = (host = 'ldap1') => lab.inside(host, 'cat /srv/late 2>/dev/null || :');
const held = (ndjson: string) => eventsOf(ndjson).find((event) => event.type === 'run.held');
const go = (host = 'ldap1') => lab.inside(host, 'touch /srv/go');

beforeEach(async () => {
  for (const host of ['ldap1', 'ldap2']) await lab.inside(host, 'rm -f /srv/late /srv/go');
});

/** A run whose slow command is under way on that host, and does not end before `go`. */
async function alices(host: string, env = {}, ...more: readonly string[]): Promise<Running> {
  const alice = start(words('alice', host, ...more), { env });
  while ((await lines(host)) === '') await sleep(50);
  return alice;
}

describe('two runs on one pool', () => {
  test('the second is told who holds it, since when and why, changes nothing, and goes on once it is free', async () => {
    const alice = await alices('ldap2', {}, '--reason', 'CHG-4211');
    const bob = await bobs('masters');
    expect(bob.code).toBe(6);
    expect(held(bob.stdout)).toMatchObject({
      reason: 'locked',
      text: expect.stringMatching(
        /^ldap2 is held by run \S+ of root@\S+ since 20\S+ \S+Z: CHG-4211 \(renewed \d+ s ago, for 60 s; still running there: slow@ldap2\.1\)/,
      ),
    });
    expect(eventsOf(bob.stdout).some(({ type }) => type === 'task.looked')).toBe(false);
    const shown = await run(['unlock', '--show', '--json', '-i', lab.inventory]);
    expect(JSON.parse(shown.stdout)).toMatchObject([
      { host: 'ldap1' },
      {
        host: 'ldap2',
        held: { holder: { who: expect.stringContaining('root@') }, running: ['slow@ldap2.1'] },
      },
    ]);
    expect(shown.stdout).toContain('{"host":"ldap1"}');
    await go('ldap2');
    expect((await alice.ended).code).toBe(0);
    const again = await run(['resume', 'last', '--ndjson'], { env: other });
    expect([again.code, await lines('ldap2')]).toEqual([0, 'alice slow\nalice after\nbob slow\nbob after\n']);
  });
});

describe('a controller that was stopped past its lease and is woken again', () => {
  test.each(['its next command', 'its next write to the directory'])('is refused %s', async (what) => {
    const between = `between=${what === 'its next write to the directory'}`;
    const alice = await alices('ldap1', { LOCKSTEP_LEASE: '2s' }, '--set', between);
    alice.kill('SIGSTOP');
    // What she has begun there ends meanwhile.
    await go();
    const before = await lines();
    // Refused until the lease has lapsed by the target's own clock, and what had begun there has ended.
    let bob = await bobs('ldap1');
    for (let tries = 0; bob.code === 6 && tries < 40; tries++) {
      await sleep(250);
      bob = await run(['resume', 'last', '--ndjson'], { env: other });
    }
    expect(bob.code).toBe(0);
    expect(eventsOf(bob.stdout)).toContainEqual(
      expect.objectContaining({ type: 'lease.taken', host: 'ldap1', ground: 'lapsed' }),
    );
    alice.kill('SIGCONT');
    const woken = await alice.ended;
    expect([woken.code, held(woken.stdout)]).toMatchObject([6, { reason: 'locked' }]);
    expect(await lines()).toBe(`${before}bob slow\nbob after\n`);
    const look = 'ldapsearch -LLL -Y EXTERNAL -H ldapi:/// -b cn=config -s base olcIdleTimeout';
    expect(await lab.inside('ldap1', `${look} 2>/dev/null`)).toContain('olcIdleTimeout: 2002');
  });
});

test('a run that was killed is resumed at once: its own lease is no obstacle', async () => {
  const alice = await alices('ldap1');
  alice.kill('SIGKILL');
  await alice.ended;
  await go();
  const resumed = await run(['resume', 'last', '--ndjson']);
  expect([resumed.code, await lines()]).toEqual([0, 'alice slow\nalice after\n']);
  expect(eventsOf(resumed.stdout)).toContainEqual(
    expect.objectContaining({ type: 'lease.taken', ground: 'gone' }),
  );
});

test('a typed reason takes a host over; the other run is held, and can start nothing more', async () => {
  const alice = await alices('ldap1');
  const bob = await bobs('ldap1', '--take-over', 'alice is asleep');
  expect(bob.code).toBe(0);
  expect(eventsOf(bob.stdout)).toContainEqual(
    expect.objectContaining({ type: 'lease.taken', ground: 'person', because: 'alice is asleep' }),
  );
  await go();
  const ended = await alice.ended;
  expect(ended.code).toBe(6);
  expect(outcomes(ended.stdout)).toMatchObject({
    'slow@ldap1': 'changed',
    'directory@ldap1': 'unreachable',
  });
  expect(await lines()).toBe('alice slow\nbob slow\nbob after\n');
});

test('at a terminal the holder is told and a reason asked for: enter leaves it, words take it over', async () => {
  const alice = await alices('ldap1');
  const plain = words('bob', 'ldap1').filter((word) => word !== '--ndjson');
  const leaves = atTerminal(plain, { env: other });
  await leaves.says(/ldap1 is held by run \S+ of root@/);
  await leaves.says('Type why you take it over (enter leaves it):');
  leaves.type('\r');
  expect((await leaves.ended).code).toBe(6);
  const takes = atTerminal(['resume', 'last'], { env: other });
  await takes.says('Type why you take it over (enter leaves it):');
  takes.type('alice went home\r');
  const { code, stdout } = await takes.ended;
  expect(code, stdout).toBe(0);
  expect(stdout).toMatch(
    /taken over {2}ldap1 +from run \S+ of root@\S+ since \S+ \(lab\/late\), because alice went home/,
  );
  await go();
  expect([(await alice.ended).code, await lines()]).toEqual([6, 'alice slow\nbob slow\nbob after\n']);
});

test('unlock needs a reason, sets free what was seen, and the run that held it is refused', async () => {
  const alice = await alices('ldap1');
  const silent = await run(['unlock', 'ldap1', '-i', lab.inventory]);
  expect([silent.code, silent.stderr]).toEqual([3, expect.stringContaining('--because')]);
  const loud = await run(['unlock', 'ldap1', '-i', lab.inventory, '--because', 'a test']);
  expect([loud.code, loud.stdout]).toEqual([
    0,
    expect.stringMatching(/^ldap1 is held by .*\nldap1 is free now\n$/),
  ]);
  await go();
  const ended = await alice.ended;
  expect([ended.code, await lines()]).toEqual([6, 'alice slow\n']);
  expect(held(ended.stdout)).toMatchObject({
    text: expect.stringContaining('the lease of ldap1 is no longer there'),
  });
});
