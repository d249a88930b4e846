/** Whose a secret is: `on` of its declaration, from the runbook to the plan and to the undo of its run. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { actions } from '../../src/actions/index.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { hostsOfPlan } from '../../src/plan/plan.ts';
import { parseRunbook } from '../../src/runbook/parse-runbook.ts';
import { compose } from '../../src/undo/compose.ts';
import { inventoryOf, RUN } from '../engine/world.ts';

const KEY = 'from: ["localconfig:ldap_replication_password"]';

function runbookWith(secret: string) {
  const text =
    'format: lockstep/1\nname: test/owner\nversion: 1.0.0\ntitle: An owner\n' +
    'inputs:\n  pool: { type: hosts, default: "h2,h3" }\n  first: { type: host, default: "${{ inputs.pool[0] }}" }\n' +
    `secrets:\n  replication: { ${secret} }\n` +
    'steps:\n- { id: a, on: h1, file: { path: /x, content: "${{ secrets.replication }}" } }\n';
  return parseRunbook({ main: { file: 'p.yaml', text }, path: 'p.yaml', parts: {} }, actions);
}

function plan(secret: string) {
  const { runbook, problems } = runbookWith(secret);
  if (!runbook) throw new Error(JSON.stringify(problems));
  return makePlan(runbook, inventoryOf(['h1', 'h2', 'h3']), {}, RUN);
}

const said = (secret: string) =>
  runbookWith(secret).problems.map(({ path, message, hint }) => `${path}: ${message} | ${hint}`);

describe('the host of a secret', () => {
  test.each(['"${{ inputs.first }}"', '"${{ inputs.pool[0] }}"', 'h2', '"all:!h1:!h3"', '[h2]'])(
    'may be said by %s, and is one that the run may contact',
    (on) => {
      const { plan: made } = plan(`${KEY}, on: ${on}`);
      expect(made?.secretHosts).toEqual({ replication: 'h2' });
      expect(made && hostsOfPlan(made)).toEqual(['h1', 'h2']);
    },
  );

  test('is that of each task where nothing is said', () => {
    expect(plan(KEY).plan?.secretHosts).toEqual({});
  });

  test.each([
    ['all', 'secret replication: on: selects 3 hosts'],
    ['"h2:!h2"', 'secret replication: on: selects 0 hosts'],
    ['h9', 'secret replication: on: "h9" is neither a host nor a group of the inventory'],
  ])('must be one: %s', (on, message) => {
    const { problems } = plan(`${KEY}, on: ${on}`);
    expect(problems).toMatchObject([{ name: 'replication', hint: expect.stringMatching(/./) }]);
    expect(problems[0]?.message).toContain(message);
  });

  test.each([
    [
      '"${{ inputs.pool }}"',
      'secrets.replication.on: must yield one host, is a list of hosts | take one of them, such as [0]',
    ],
    ['"${{ secrets.replication }}"', 'secrets.replication.on: must yield one host, is a secret'],
    ['"${{ captured.x }}"', 'secrets.replication.on: '],
    ['"${{ host }}"', 'secrets.replication.on: '],
    ['"${{ size(inputs.pool) }}"', 'secrets.replication.on: must yield hosts, is a number'],
  ])('cannot be said by %s', (on, message) => {
    expect(said(`${KEY}, on: ${on}`)).toEqual([expect.stringContaining(message)]);
  });

  test('belongs to sources that are on a host', () => {
    expect(said('from: ["env:PW"], on: h1')).toEqual([
      'secrets.replication.on: no source of this secret is on a host | on belongs to host:, localconfig: and inventory:',
    ]);
    expect(said('from: ["inventory:pw"], on: h1')).toEqual([]);
    expect(said('from: ["host:cat /pw"], on: h1')).toEqual([]);
  });

  test('is named in the undo of the run, where the inputs are not known any more', () => {
    const { plan: made } = plan(`${KEY}, on: "\${{ inputs.first }}"`);
    const step = made?.steps[0];
    if (!made || !step) throw new Error('no plan');
    const call = { action: 'file', params: { path: '/x', content: '${{ secrets.replication }}' } };
    const undo = { kind: 'undo', of: step, task: 'a@h1', host: 'h1', call } as never;
    const state = { run: '7f3a', runbook: made.runbook } as never;
    const { secrets } = parse(compose([undo], made, state, actions)) as { secrets: unknown };
    expect(secrets).toEqual({ replication: { from: ['localconfig:ldap_replication_password'], on: ['h2'] } });
  });
});

test('a source of a localconfig.xml names a key', () => {
  expect(said('from: ["localconfig:ldap_url and more"]')).toEqual([
    expect.stringContaining('localconfig:KEY'),
  ]);
});
