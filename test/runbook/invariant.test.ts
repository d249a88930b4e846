import { describe, expect, it } from 'vitest';
import { parse, runbookWith } from './sample.ts';

const STEP = '- id: a\n  on: all\n  wait.port: { port: 389 }\n  capture: { x: "${{ result.port }}" }';
const SPEC = 'id: one, on: all, probe: { wait.port: { port: 389 } }';

const lint = (invariant: string) => parse(runbookWith(STEP, `invariants:\n  - { ${invariant} }\n`));
const said = (invariant: string) =>
  lint(invariant)
    .problems.map(({ path, message, hint }) => `${path}: ${message} | ${hint}`)
    .join('\n');

it('reads every key of an invariant', () => {
  const { runbook, problems } = lint(
    'id: one-writable, title: One takes writes, on: "${{ inputs.pool }}", need: any, every: 2s, grace: 1m, ' +
      'probe: { ldap.read: { base: "${{ inputs.suffix }}", scope: base }, until: result.count == 1 }',
  );
  expect(problems).toEqual([]);
  expect(runbook?.invariants).toEqual([
    {
      id: 'one-writable',
      title: 'One takes writes',
      on: '${{ inputs.pool }}',
      need: 'any',
      probe: {
        call: { action: 'ldap.read', params: { base: '${{ inputs.suffix }}', scope: 'base' } },
        until: 'result.count == 1',
        conclusive: true,
      },
      everyMs: 2000,
      graceMs: 60_000,
      source: { file: 'a.yaml', line: 13, column: 5 },
    },
  ]);
});

it('looks every 10 s on all hosts, and has no grace, unless it is told otherwise', () => {
  expect(lint(SPEC).runbook?.invariants).toMatchObject([
    { title: 'one', need: 'all', everyMs: 10_000, graceMs: 0 },
  ]);
});

describe.each([
  'command: { argv: [slapcat] }',
  'read.command: { argv: [slapcat] }',
  'service: { name: slapd, state: started }',
])('the probe %s', (probe) => {
  it('may be watched', () => {
    expect(said(`id: one, on: all, probe: { ${probe} }`)).toBe('');
  });
});

it.each([
  ['an interval below a second', `${SPEC}, every: 500ms`, 'invariants[0].every: must be at least 1s'],
  ['an interval without a unit', `${SPEC}, every: 10`, 'must be a duration with its unit'],
  ['a grace that is no duration', `${SPEC}, grace: soon`, 'must be a duration such as'],
  ['an unknown need', `${SPEC}, need: most`, 'invariants[0].need'],
  ['a missing selection', 'id: one, probe: { wait.port: { port: 389 } }', 'invariants[0]'],
  ['a probe without an action', 'id: one, on: all, probe: {}', 'invariants[0].probe: has no action'],
  [
    'patience around the probe, which is looked at once',
    'id: one, on: all, probe: { wait.port: { port: 389 }, within: 5s }',
    'unknown key "within"',
  ],
  [
    'a person as a probe',
    'id: one, on: all, probe: { manual: { instructions: x } }',
    'manual asks a person and cannot be a probe',
  ],
  [
    'wrong parameters',
    'id: one, on: all, probe: { wait.port: { port: x } }',
    'invariants[0].probe.wait.port.port',
  ],
  [
    'hosts out of a capture',
    'id: one, on: "${{ captured.x }}", probe: { wait.port: { port: 389 } }',
    'invariants[0].on: captured is not known here | nothing is captured yet at this place: defaults and invariants stand before the steps',
  ],
  [
    'a capture in its parameters',
    'id: one, on: all, probe: { wait.port: { port: "${{ captured.x }}" } }',
    'invariants[0].probe.wait.port.port: captured is not known here',
  ],
  [
    "another host's capture",
    'id: one, on: all, probe: { wait.port: { port: "${{ at(inputs.newcomer).x }}" } }',
    'no earlier step captures it',
  ],
  [
    'a capture in its until',
    'id: one, on: all, probe: { wait.port: { port: 389 }, until: captured.x == 1 }',
    'invariants[0].probe.until: captured is not known here',
  ],
  [
    'an until that is not true or false',
    'id: one, on: all, probe: { wait.port: { port: 389 }, until: host.name }',
    'must be true or false',
  ],
  [
    'a secret in an argument list',
    'id: one, on: all, probe: { read.command: { argv: [x, "${{ secrets.root }}"] } }',
    'a secret travels in argv',
  ],
  ['an expression in a title', `${SPEC}, title: "On \${{ run.id }}"`, 'title cannot hold ${{ }}'],
])('refuses %s', (_, invariant, expected) => {
  expect(said(invariant)).toContain(expected);
});

it('refuses an id that is taken', () => {
  const twice = `invariants:\n  - { ${SPEC} }\n  - { ${SPEC} }\n`;
  expect(parse(runbookWith(STEP, twice)).problems).toMatchObject([
    { line: 14, message: 'the id one is taken by invariants[0]' },
  ]);
});
