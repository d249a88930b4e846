/** lockstep is killed by SIGKILL again and again in one run; `resume` brings it to the end it would have had. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/engine/event.ts';
import { eventsOf, lockstepFor, outcomes } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';
import { agreedContents, contextCsns, delay, search, sidOf } from './two-masters.ts';

/**
 * When to kill: at an event of a task, and so many ms after it. In the order in which they come, and so far apart that a kill
 * that comes some 50 ms late does not meet the next one: what has been, no resume reports again.
 */
const moments: ReadonlyArray<readonly [Event['type'], string, number]> = [
  ['task.intended', 'join.before.copy@ldap1', 0],
  ['task.intended', 'join.prepare.access@ldap2', 1],
  ['task.ended', 'join.pool-id@ldap1', 0],
  ['task.looked', 'join.replicator@ldap1', 0],
  ['task.intended', 'join.load.dump@ldap1', 10],
  ['task.intended', 'join.load.carry@ldap2', 5],
  ['task.intended', 'join.load.load@ldap2', 0],
  ['task.wrote', 'join.load.load@ldap2', 0],
  ['task.intended', 'join.newcomer-pulls[ldap1]@ldap2', 0],
  ['task.intended', 'join.pool-pulls@ldap1', 3],
  ['task.intended', 'join.restart.restart@ldap2', 150],
  ['task.intended', 'join.restart.restart@ldap1', 0],
  ['task.intended', 'join.prove.canary@ldap2', 400],
  ['task.intended', 'join.prove.after.copy@ldap2', 0],
];

const isAt = (type: Event['type'], task: string) => (event: Event) =>
  event.type === type && 'task' in event && event.task === task;

describe('a run of enable-mmr that is killed again and again', () => {
  const { start, run, state } = lockstepFor();
  const killed = sharedLab('killed');
  const calm = sharedLab('calm');
  const words = (inventory: string) => [
    'run',
    'openldap/enable-mmr',
    '-i',
    inventory,
    '--yes=typed',
    '--ndjson',
  ];

  test.each(moments.map((moment, index) => [...moment, index] as const))(
    'is killed at %s of %s, %i ms later',
    async (type, task, after, index) => {
      const begun = index === 0 ? words(killed.inventory) : ['resume', 'last', '--yes=typed', '--ndjson'];
      const controller = start(begun);
      await controller.reports(isAt(type, task));
      if (after > 0) await sleep(after);
      controller.kill('SIGKILL');
      expect((await controller.ended).code).toBe(137);
    },
  );

  test('comes to its end', async () => {
    const { code, stderr } = await run(['resume', 'last', '--yes=typed', '--ndjson']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const shown = await run(['show', 'last', '--ndjson']);
    const events = eventsOf(shown.stdout);
    expect(events.filter(({ type }) => type === 'run.resumed')).toHaveLength(moments.length);
    expect(events.at(-1)).toMatchObject({ type: 'run.ended', outcome: 'done' });
    expect(new Set(Object.values(outcomes(shown.stdout)))).toEqual(
      new Set(['changed', 'unchanged', 'skipped']),
    );
  });

  test('leaves both servers as an undisturbed run leaves them', async () => {
    expect((await run(words(calm.inventory), { env: { LOCKSTEP_STATE: `${state}/calm` } })).code).toBe(0);
    for (const host of ['ldap1', 'ldap2']) {
      const config = async (lab: typeof calm) =>
        (await search(lab, host, 'cn=config', "'(objectClass=*)'"))
          .replaceAll(/^olcRootPW.*$/gm, '')
          .replaceAll(/credentials="?[^" ]+"?/g, '');
      expect(await config(killed)).toBe(await config(calm));
      // 0 is of before the first server had an ID.
      expect((await contextCsns(killed, host)).map(sidOf).sort()).toEqual([0, 1, 2]);
      expect(
        await killed.inside(
          host,
          'systemctl is-active slapd; ls /var/backups/lockstep/*/*.part 2>/dev/null || :',
        ),
      ).toBe('active\n');
    }
    expect((await agreedContents(killed)).entries).toBe((await agreedContents(calm)).entries);
    expect(await delay(killed, 'ldap1', 'ldap2', 'after-it-all')).toBeLessThan(2000);
    expect(await delay(killed, 'ldap2', 'ldap1', 'after-it-all-too')).toBeLessThan(2000);
  });

  test('has nothing left to do for a second run', async () => {
    const { code, stdout } = await run(words(killed.inventory));
    expect(code).toBe(0);
    expect(Object.entries(outcomes(stdout)).filter(([, outcome]) => outcome !== 'unchanged')).toEqual([
      // A pool of one agrees with itself, and a fresh server has nothing to be compared.
      ['join.pool-converged@ldap1', 'skipped'],
      ['join.up-to-date@ldap2', 'skipped'],
    ]);
  });

  test('commands without any probe still run exactly once', async () => {
    const runbook = join(import.meta.dirname, 'runbooks', 'once-only.yaml');
    const env = { LOCKSTEP_STATE: `${state}/once` };
    let begun = ['run', runbook, '-i', calm.inventory, '--yes', '--ndjson'];
    let kills = 0;
    for (;;) {
      const controller = start(begun, { env });
      // Two to six events on, and up to 0.1 s more: before, in the middle of and after a command.
      const ended = await controller.tells(2 + (kills % 5)).catch(() => true);
      if (ended !== true) await sleep((kills * 23) % 100);
      controller.kill('SIGKILL');
      const { code, stderr } = await controller.ended;
      if (code === 0) break;
      expect(code, stderr).toBe(137);
      expect(++kills).toBeLessThan(80);
      begun = ['resume', 'last', '--yes', '--ndjson'];
    }
    expect(kills).toBeGreaterThan(4);
    const items = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((item) => `quick ${item}`);
    const wanted = ['one', 'two', ...items, 'three', ''].join('\n');
    for (const host of ['ldap1', 'ldap2']) expect(await calm.inside(host, 'cat /root/once.log')).toBe(wanted);
    const { stdout } = await run(['show', 'last', '--ndjson'], { env });
    expect(new Set(Object.values(outcomes(stdout)))).toEqual(new Set(['changed']));
  });
});
