import { describe, expect, test } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import type { Inventory } from '../../src/inventory/model.ts';
import { briefsOf } from '../../src/plan/briefs.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { hostsOfPlan } from '../../src/plan/plan.ts';
import { parseRunbook } from '../../src/runbook/parse-runbook.ts';
import { inventoryOf, RUN } from '../engine/world.ts';

const HEAD =
  'format: lockstep/1\nname: test/plan\nversion: 1.0.0\ntitle: A plan\ninputs:\n  pool: { type: hosts, default: "h1,h2" }\nsteps:\n';
const look = (id: string, keys: string) => `- { id: ${id}, ${keys}, read.command: { argv: ["true"] } }\n`;

function plan(steps: string, inventory: Inventory = inventoryOf(['h1', 'h2', 'h3']), head = HEAD) {
  const { runbook, problems } = parseRunbook(
    { main: { file: 'p.yaml', text: head + steps }, path: 'p.yaml', parts: {} },
    actions,
  );
  if (!runbook) throw new Error(JSON.stringify(problems));
  return makePlan(runbook, inventory, {}, RUN);
}

const hostsOf = (steps: string) =>
  plan(steps).plan?.steps.map(({ step, number, hosts }) => `${number} ${step.id}: ${hosts.join(' ')}`);

describe('a plan', () => {
  test('binds each step to its hosts: selector, expression, list, one of them', () => {
    const steps = [
      look('a', 'on: "all:!h2"'),
      look('b', 'on: "${{ inputs.pool }}"'),
      look('c', 'on: [h3, h1]'),
      look('d', 'on: "${{ inputs.pool[0] }}"'),
      look('e', 'on: all, once: any'),
    ];
    expect(hostsOf(steps.join(''))).toEqual(['1 a: h1 h3', '2 b: h1 h2', '3 c: h3 h1', '4 d: h1', '5 e: h1']);
  });

  test('names a host once, however often it is chosen', () => {
    expect(hostsOf(look('a', 'on: "${{ inputs.pool + inputs.pool }}"'))).toEqual(['1 a: h1 h2']);
  });

  test('has a step without hosts only where it may be empty', () => {
    const empty = 'on: "h1:!h1"';
    expect(plan(look('a', empty)).problems).toMatchObject([
      {
        file: 'p.yaml',
        line: 8,
        path: 'a.on',
        message: 'on: selects no host',
        hint: expect.stringContaining('may-be-empty'),
      },
    ]);
    expect(hostsOf(look('a', `${empty}, may-be-empty: true`) + look('b', 'on: h2'))).toEqual([
      '1 a: ',
      '2 b: h2',
    ]);
  });

  test('tells what is wrong with every step at once', () => {
    const { problems } = plan(
      look('a', 'on: "h1:!h1"') + look('b', 'on: h9') + look('c', 'on: "${{ [inventory.vars.site] }}"'),
    );
    expect(problems.map(({ message }) => message)).toEqual([
      'on: selects no host',
      expect.stringContaining('h9'),
      'on: "north" is not a host',
    ]);
  });

  test('is the same each time, and changes nothing that it was given', () => {
    const inventory = inventoryOf(['h1', 'h2', 'h3']);
    const before = JSON.stringify(inventory);
    const first = plan(look('a', 'on: all'), inventory);
    expect(JSON.stringify(plan(look('a', 'on: all'), inventory))).toBe(JSON.stringify(first));
    expect(JSON.stringify(inventory)).toBe(before);
  });
});

describe('an invariant', () => {
  const watched = (on: string) => {
    const head = HEAD.replace(
      'steps:',
      `invariants:\n- { id: one, on: "${on}", probe: { wait.port: { port: 389 } } }\nsteps:`,
    );
    return plan(look('a', 'on: h3'), inventoryOf(['h1', 'h2', 'h3']), head);
  };

  test('is bound to its hosts, and these belong to the run even where no step uses them', () => {
    const made = watched('${{ inputs.pool }}').plan;
    expect(made?.invariants).toMatchObject([{ spec: { id: 'one' }, hosts: ['h1', 'h2'] }]);
    expect(made && hostsOfPlan(made)).toEqual(['h3', 'h1', 'h2']);
  });

  test.each([
    ['h1:!h1', 'on: selects no host'],
    ['h9', 'h9'],
    ['${{ inventory.vars.site }}', 'north'],
  ])('on %s is a problem with its place', (on, message) => {
    expect(watched(on).problems).toMatchObject([
      {
        file: 'p.yaml',
        line: 8,
        path: 'one.on',
        message: expect.stringContaining(message),
        hint: 'look at lockstep inventory show',
      },
    ]);
  });
});

describe('what the engine decides by', () => {
  const brief = (step: string) => {
    const made = plan(step).plan;
    return made && briefsOf(made, actions)[0];
  };

  test('is a proof by receipt for a command, by reading for a file, by neither for a gate', () => {
    expect(brief('- { id: a, on: h1, command: { argv: [x] }, on-doubt: ask }\n')).toMatchObject({
      kind: 'change',
      proof: 'command',
      repeat: 'costly',
      checked: false,
    });
    expect(brief('- { id: a, on: h1, file: { path: /x, content: y } }\n')).toMatchObject({
      proof: 'readback',
      repeat: 'safe',
      checked: true,
    });
    expect(brief(look('a', 'on: h1'))).toMatchObject({ kind: 'gate', proof: 'none', risk: 'read' });
  });

  test('takes a check for a proof unless it cannot say no, and a restart for nothing that a look can judge', () => {
    const check = (more: string) =>
      `- { id: a, on: h1, command: { argv: [x] }, check: { command: { argv: [y] }${more} } }\n`;
    expect([brief(check(''))?.checked, brief(check(', conclusive: false'))?.checked]).toEqual([true, false]);
    expect(brief('- { id: a, on: h1, service: { name: slapd, state: restarted } }\n')?.checked).toBe(false);
  });
});
