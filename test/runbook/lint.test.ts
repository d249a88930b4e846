import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { problemLines } from '../../src/cli/problem-lines.ts';
import { parse, runbookWith, said } from './sample.ts';

const cases = new URL('cases/', import.meta.url);

it('reports twelve different mistakes in one go, each with its place and its cure', () => {
  const { runbook, problems } = parse(readFileSync(new URL('twelve-mistakes.yaml', cases), 'utf8'));
  expect(runbook).toBeUndefined();
  expect(problemLines(problems)).toBe(readFileSync(new URL('twelve-mistakes.expected.txt', cases), 'utf8'));
  expect(problems).toHaveLength(12);
});

const act = 'on: all\n  service: { name: slapd, state: restarted }';
const look = 'on: all\n  wait.port: { port: 389 }';

it.each([
  ['a step without an action', '- id: a\n  on: all', 'steps[0]: has no action'],
  [
    'a misspelt action',
    '- id: a\n  on: all\n  wait.prot: { port: 1 }',
    'unknown key "wait.prot" | did you mean "wait.port"?',
  ],
  ['a step without hosts', '- id: a\n  wait.port: { port: 389 }', 'is missing "on"'],
  [
    'retry where a second run may do harm',
    '- id: a\n  on: all\n  command: { argv: [a] }\n  on-doubt: ask\n  retry: { times: 2 }',
    'steps[0].retry: cannot retry a step whose repeat is costly',
  ],
  [
    'undo of a gate',
    `- id: a\n  ${look}\n  undo: { command: { argv: [x] } }`,
    'steps[0].undo: a gate changes nothing',
  ],
  ['until on a change', `- id: a\n  ${act}\n  until: result.x`, 'steps[0].until: until belongs to a gate'],
  [
    'an expression in a script',
    '- id: a\n  on: all\n  on-doubt: ask\n  command: { script: "rm ${{ host.name }}" }',
    'script cannot hold ${{ }}',
  ],
  [
    'a secret in argv',
    '- id: a\n  on: all\n  on-doubt: ask\n  command: { argv: [x, "-p${{ secrets.root }}"] }',
    'a secret travels in argv',
  ],
  [
    'a mode that is a number',
    '- id: a\n  on: all\n  file: { path: /a, content: x, mode: 755 }',
    'quote it, with its zero: mode: "0755"',
  ],
  [
    'a number with a leading zero',
    '- id: a\n  on: all\n  file: { path: /a, content: x, mode: 0755 }',
    '0755 is a number in YAML and would be read as 755',
  ],
  [
    'a capture of a name taken',
    `- id: a\n  ${look}\n  capture: { x: "\${{ result.x }}" }\n- id: b\n  ${look}\n  capture: { x: "\${{ result.x }}" }`,
    'x is captured by an earlier step too',
  ],
  [
    'a capture used before it is made',
    `- id: a\n  ${look}\n  when: captured.x == 1\n- id: b\n  ${look}\n  capture: { x: "\${{ result.x }}" }`,
    'no earlier step captures it',
  ],
  [
    'a secret captured',
    `- id: a\n  ${look}\n  capture: { x: "\${{ secrets.root }}" }`,
    'a secret cannot be captured',
  ],
  [
    'a secret compared',
    `- id: a\n  ${look}\n  when: secrets.root == "x"`,
    'a secret can only be joined into text or passed whole',
  ],
  [
    'host where none is chosen',
    '- id: a\n  on: ${{ host }}\n  wait.port: { port: 1 }',
    'host is not known here',
  ],
  ['item without for-each', `- id: a\n  ${look}\n  when: item == 1`, 'only a step with for-each has an item'],
  ['result before there is one', `- id: a\n  ${look}\n  when: result.x`, 'only capture, until'],
  [
    'a misspelt function',
    `- id: a\n  ${look}\n  when: size(name(inputs.pool)) > 1`,
    'unknown function "name" | did you mean "names"?',
  ],
  ['a misspelt method', `- id: a\n  ${look}\n  when: host.name.startWith("l")`, 'did you mean "startsWith"?'],
  [
    'a name without its namespace',
    `- id: a\n  ${look}\n  when: pool.size() > 1`,
    'did you mean "inputs.pool"?',
  ],
  [
    'a host added to a list',
    '- id: a\n  on: ${{ inputs.pool + inputs.newcomer }}\n  wait.port: { port: 1 }',
    'put the host in a list',
  ],
  ['a loop over no list', `- id: a\n  for-each: \${{ inputs.suffix }}\n  ${look}`, 'must be a list, is text'],
  [
    'a list in text',
    '- id: a\n  on: all\n  on-doubt: ask\n  command: { argv: ["a ${{ names(inputs.pool) }}"] }',
    'use join(…, ",")',
  ],
  [
    'an expression that is not closed',
    '- id: a\n  on: "${{ inputs.pool"\n  wait.port: { port: 1 }',
    '${{ has no closing }}',
  ],
  [
    'an expression in a title',
    `- id: a\n  title: On \${{ host.name }}\n  ${look}`,
    'title cannot hold ${{ }}',
  ],
  ['an estimate without a unit', `- id: a\n  takes: 90\n  ${look}`, 'must be a duration with its unit'],
  ['an estimate of no time', `- id: a\n  takes: 0s\n  ${look}`, 'steps[0].takes: must be more than 0'],
  [
    'an estimate longer than the time limit',
    '- id: a\n  on: all\n  on-doubt: ask\n  takes: 5m\n  command: { argv: [x], timeout: 2m }',
    'steps[0].takes: is 5m, but the command is ended after 2m',
  ],
  [
    "an estimate longer than the step's time limit",
    '- id: a\n  on: all\n  on-doubt: ask\n  takes: 5m\n  timeout: 90s\n  command: { argv: [x] }',
    'steps[0].takes: is 5m, but the command is ended after 1m30s',
  ],
  ['a duration without a unit', `- id: a\n  timeout: 90\n  ${look}`, 'must be a duration with its unit'],
  [
    'a question as a probe',
    `- id: a\n  ${act}\n  verify: { manual: { instructions: x } }`,
    'asks a person and cannot be a probe',
  ],
  ['a part that is not there', '- id: a\n  use: parts/none.yaml', 'there is no part parts/none.yaml'],
  [
    'an order that is none',
    `- id: a\n  order: serail\n  ${look}`,
    'must be parallel, serial, canary or { batch: N }',
  ],
])('refuses %s', (_, steps, expected) => {
  expect(said(steps).join('\n')).toContain(expected);
});

it('accepts a question as a step of its own, and in front of an act', () => {
  const steps = `- id: ask\n  confirm: "Go on with \${{ size(inputs.pool) }} hosts?"\n- id: act\n  ${act}\n  confirm: Sure?`;
  const { runbook, problems } = parse(runbookWith(steps));
  expect(problems).toEqual([]);
  expect(runbook?.steps[0]).toMatchObject({
    once: true,
    on: 'all',
    call: { action: 'confirm' },
    repeat: 'safe',
    risk: 'read',
  });
  expect(runbook?.steps[1]).toMatchObject({
    confirm: { class: 'confirm', text: 'Sure?' },
    once: false,
    risk: 'change',
  });
});

it('takes a number from an expression where text is wanted, and nothing else', () => {
  const step = (argument: string) =>
    `- id: a\n  on: all\n  on-doubt: ask\n  command: { argv: [x, "${argument}"] }`;
  expect(said(step('${{ inputs.count }}'))).toEqual([]);
  expect(said(step('${{ inputs.count > 1 }}')).join()).toContain(
    'must be text, but the expression yields true or false',
  );
  expect(said(step('${{ inputs.pool }}')).join()).toContain(
    'must be text, but the expression yields a list of hosts',
  );
});

it('points at the very name inside block text', () => {
  const steps =
    '- id: a\n  on: all\n  command:\n    argv:\n      - |\n        one\n        two ${{ host.adress }}\n  on-doubt: ask';
  const [problem] = parse(runbookWith(steps)).problems;
  expect(problem).toMatchObject({ line: 19, column: 24, hint: 'did you mean "address"?' });
});

it('reports what YAML itself refuses: aliases, tags, duplicate keys, two documents', () => {
  const problems = parse('a: &x 1\nb: *x\nc: !secret y\na: 2\n---\nd: 1\n').problems.map(
    ({ line, column, message }) => [line, column, message],
  );
  expect(problems).toEqual(
    expect.arrayContaining([
      [3, 4, expect.stringContaining('tags are not part of the language')],
      [4, 1, 'the same key stands twice in one map'],
      [5, 1, 'a file holds one document'],
    ]),
  );
  expect(parse('format: &x lockstep/1\nname: *x\n').problems).toContainEqual(
    expect.objectContaining({ line: 2, column: 7, message: 'alias *x is refused' }),
  );
  expect(parse(`a: ${'x'.repeat(1024 * 1024)}`).problems[0]?.message).toBe('is larger than 1 MiB');
});

it('reads every key of the model', () => {
  const steps = `
- id: all-keys
  title: All keys
  about: Why
  on: masters:!ldap3
  may-be-empty: true
  once: any
  order: { batch: 2 }
  when: \${{ inputs.count > 1 }}
  for-each: [a, b]
  command: { argv: [tool, "\${{ item }}"] }
  check: { command: { argv: [look] }, until: "result.code == 0", conclusive: false }
  verify: { wait.port: { port: 389 }, within: 1h30m, every: 500ms, times: 3 }
  undo: { command: { argv: [tool, --undo, "\${{ captured.was }}"] } }
  risk: irreversible
  repeat: safe
  on-doubt: ask
  confirm: { class: typed, text: "Reads on \${{ host.name }} stop", typed: "\${{ host.name }}" }
  capture: { was: "\${{ result.stdout }}" }
  retry: { times: 2, delay: 1s, backoff: 2 }
  timeout: 10m
  takes: 5m
  on-failure: undo
  tolerate: 1
  hint: Look at \${{ host.name }}
  exposes: argv`;
  const { runbook, problems } = parse(runbookWith(steps));
  expect(problems).toEqual([]);
  expect(runbook?.steps[0]).toEqual({
    id: 'all-keys',
    title: 'All keys',
    about: 'Why',
    on: 'masters:!ldap3',
    mayBeEmpty: true,
    once: true,
    order: { batch: 2 },
    when: 'inputs.count > 1',
    forEach: ['a', 'b'],
    call: { action: 'command', params: { argv: ['tool', '${{ item }}'] } },
    check: {
      call: { action: 'command', params: { argv: ['look'] } },
      until: 'result.code == 0',
      conclusive: false,
    },
    verify: {
      call: { action: 'wait.port', params: { port: 389 } },
      conclusive: true,
      withinMs: 5_400_000,
      everyMs: 500,
      times: 3,
    },
    undo: { action: 'command', params: { argv: ['tool', '--undo', '${{ captured.was }}'] } },
    risk: 'irreversible',
    repeat: 'safe',
    onDoubt: 'ask',
    confirm: { class: 'typed', text: 'Reads on ${{ host.name }} stop', typed: '${{ host.name }}' },
    capture: { was: '${{ result.stdout }}' },
    retry: { times: 2, delayMs: 1000, backoff: 2 },
    timeoutMs: 600_000,
    takesMs: 300_000,
    onFailure: 'undo',
    tolerate: 1,
    hint: 'Look at ${{ host.name }}',
    exposes: 'argv',
    source: { file: 'a.yaml', line: 13, column: 5 },
  });
});

it.each([
  [
    'that waits after its command',
    'command: { argv: [x], timeout: 2m }\n  verify: { wait.port: { port: 1 } }',
  ],
  ['of a gate, whose time limit is that of one look', 'wait.command: { argv: [x], timeout: 2m, within: 9m }'],
])('an estimate %s may be longer than the time limit', (_, action) => {
  expect(said(`- id: a\n  on: all\n  takes: 5m\n  ${action}`)).toEqual([]);
});
