/** What of a sealed plan is not so any more, by its name. */
import { describe, expect, test } from 'vitest';
import type { PlanDocument } from '../../src/plan/document.ts';
import { RUN_ID } from '../../src/plan/document.ts';
import { sealedDiffs, staleness } from '../../src/plan/stale.ts';
import { seal } from '../cli/sealed.ts';

const host = { name: 'h1', address: '10.0.0.1', platform: 'openldap', groups: [], vars: {}, access: {} };
const change = (text: string) => [{ what: 'x', lines: [{ op: '+', text }] }];
const task = { task: 'a@h1', step: 'a', host: 'h1', basis: 'observed' };

const MADE: object = {
  inputs: { pool: 'h1' },
  inventory: { hosts: { h1: host }, vars: { site: 'north' } },
  steps: [{ id: 'a', hosts: ['h1'] }],
  invariants: [{ id: 'alive', title: '', says: 'holds' }],
  hosts: { h1: { hostKey: 'SHA256:one', machineId: 'm1' } },
  observed: { h1: { 'cn=config': { olcServerID: ['1'], olcLogLevel: ['stats'] } } },
};
const would = { ...task, verdict: 'would change', changes: change('one') };
const plan = (tasks: readonly object[] = [would], more: object = {}): PlanDocument =>
  seal(tasks, { ...MADE, ...more });
const names = (now: PlanDocument): readonly string[] => staleness(plan(), now).map(({ name }) => name);

test('a plan that was made again, later and by somebody else, is the same', () => {
  const now = plan([would], { made: '2026-11-27T00:00:00Z', by: { name: 'bob', host: 'x', terminal: true } });
  expect(names(now)).toEqual([]);
});

test.each<[string, object]>([
  ['lockstep', { versions: { lockstep: '9.9.9' } }],
  ['runbook', { runbook: { name: 'test/story', version: '1.0.0', digest: 'other' } }],
  ['input:pool', { inputs: { pool: 'h2' } }],
  [
    'inventory:h1.address',
    { inventory: { hosts: { h1: { ...host, address: '10.9.9.9' } }, vars: { site: 'north' } } },
  ],
  ['inventory:vars.site', { inventory: { hosts: { h1: host }, vars: { site: 'south' } } }],
  ['host-key:h1', { hosts: { h1: { hostKey: 'SHA256:two', machineId: 'm1' } } }],
  ['machine-id:h1', { hosts: { h1: { hostKey: 'SHA256:one', machineId: 'm2' } } }],
  ['invariant:alive', { invariants: [{ id: 'alive', title: '', says: 'broken', why: 'down' }] }],
  ['host:h1', { hosts: { h1: { unreachable: 'no route' } } }],
  [
    'config:h1 cn=config olcServerID',
    { observed: { h1: { 'cn=config': { olcServerID: ['2'], olcLogLevel: ['stats'] } } } },
  ],
])('names %s', (name, more) => {
  expect(names(plan([would], more))).toEqual([name]);
});

describe('a task', () => {
  test.each<[string, readonly object[]]>([
    ['of another diff', [{ ...would, changes: change('two') }]],
    ['that is done by now', [{ ...task, verdict: 'unchanged' }]],
    ['that cannot be told any more', [{ ...task, basis: 'unknown', verdict: 'unknown', why: 'away' }]],
    ['that is gone', []],
    ['that has come', [would, { ...would, task: 'b@h1', step: 'b' }]],
  ])('%s is named', (_what, tasks) => {
    expect(names(plan(tasks))).toEqual([expect.stringMatching(/^task:[ab]@h1$/)]);
  });

  test('whose reason has other words is the same', () => {
    const unknown = (why: string) => plan([{ ...task, basis: 'unknown', verdict: 'unknown', why }]);
    expect(staleness(unknown('1.2 s behind'), unknown('0.9 s behind'))).toEqual([]);
  });

  test('that leans to something else as things stand is named', () => {
    const unknown = (standing: object) =>
      plan([{ ...task, basis: 'unknown', verdict: 'unknown', why: '', standing }]);
    const drifts = staleness(
      unknown({ verdict: 'unchanged' }),
      unknown({ verdict: 'would change', changes: change('one') }),
    );
    expect(drifts.map(({ name }) => name)).toEqual(['task:a@h1']);
  });
});

test('only the values that differ are shown', () => {
  const now = plan([would], {
    observed: { h1: { 'cn=config': { olcServerID: ['1', '7'], olcLogLevel: [] } } },
  });
  expect(staleness(plan(), now).map(({ what }) => what)).toEqual(['gained "7"', 'lost "stats"']);
});

test('the diffs of a run carry its own id, and none for what is unknown', () => {
  const sealed = plan([
    { ...would, changes: change(`/backups/${RUN_ID}`) },
    { ...task, task: 'b@h1', verdict: 'unchanged' },
    { ...task, task: 'c@h1', basis: 'unknown', verdict: 'unknown', why: '' },
  ]);
  expect(sealedDiffs(sealed, { id: '20261127-010000-abcd', started: 'now' })).toEqual({
    'a@h1': change('/backups/20261127-010000-abcd'),
    'b@h1': [],
  });
});
