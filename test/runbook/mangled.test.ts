import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Problem } from '../../src/runbook/model.ts';
import { parse, runbookWith } from './sample.ts';

const good = runbookWith(`
- id: add
  on: \${{ inputs.pool + [inputs.newcomer] }}
  order: { batch: 2 }
  command: { argv: [add, "ldap://\${{ inputs.newcomer.address }}:389/"], stdin: "\${{ secrets.root }}" }
  check: { command: { argv: [look] }, until: "result.code == 0" }
  capture: { sid: "\${{ number(result.stdout) }}" }
- id: wait
  on: masters
  wait.port: { port: 389 }
  when: \${{ captured.sid > 1 && names(inputs.pool).size() > 1 }}`);

function isUseful(problem: Problem): boolean {
  return problem.line >= 1 && problem.column >= 1 && problem.message !== '' && problem.hint !== '';
}

it('is a good runbook before it is mangled', () => {
  expect(parse(good).problems).toEqual([]);
});

it('never throws for a text with a piece cut out or put in, and says something useful', () => {
  const scraps = [
    ...readFileSync(new URL('cases/twelve-mistakes.yaml', import.meta.url), 'utf8').split(/(?=[\s{}[\]:"$])/),
  ];
  const odd = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    '"',
    "'",
    '${{',
    '}}',
    '&a ',
    '*a',
    '!x ',
    '\t',
    '\n',
    '__proto__: 1',
    '? ',
    '|',
    '%',
    '\0',
    '😀',
    '<<: ',
  );
  const insert = fc.oneof(odd, fc.constantFrom(...scraps), fc.string());
  fc.assert(
    fc.property(fc.nat(good.length), fc.nat(40), fc.array(insert, { maxLength: 3 }), (at, length, pieces) => {
      const { runbook, problems } = parse(good.slice(0, at) + pieces.join('') + good.slice(at + length));
      expect(problems.every(isUseful)).toBe(true);
      expect(runbook === undefined).toBe(problems.some((problem) => problem.severity === 'error'));
    }),
    { numRuns: 400 },
  );
});

it('never throws for any JSON in the place of any value', () => {
  const keys = ['format', 'name', 'version', 'title', 'needs', 'inputs', 'secrets', 'invariants', 'steps'];
  const stepKeys = [
    'id',
    'on',
    'when',
    'for-each',
    'wait.port',
    'command',
    'check',
    'undo',
    'confirm',
    'capture',
    'retry',
    'use',
    'with',
  ];
  const step = fc.dictionary(fc.constantFrom(...stepKeys), fc.jsonValue({ maxDepth: 3 }));
  const document = fc.dictionary(
    fc.constantFrom(...keys),
    fc.oneof(fc.jsonValue(), fc.array(step, { maxLength: 3 })),
  );
  fc.assert(
    fc.property(document, (value) => {
      const { runbook, problems } = parse(JSON.stringify(value));
      expect(runbook).toBeUndefined();
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.every(isUseful)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

it('takes the names of what every object has for plain words, wherever they stand', () => {
  const names = ['toString', 'valueOf', 'constructor', 'hasOwnProperty', 'toJSON', '__proto__'];
  const plain = JSON.stringify({ format: 1, name: 'a', version: '1.0.0', title: 'a' }).slice(1, -1);
  const places = [
    (odd: string) => `{ "format": ${odd} }`,
    (odd: string) => `{ ${plain}, "inputs": { "a": { "type": ${odd} } }, "steps": [] }`,
    (odd: string) => `{ ${plain}, "inputs": { "a": ${odd} }, "steps": [] }`,
    (odd: string) => `{ ${plain}, "steps": [{ "id": ${odd}, "on": "all", "command": { "argv": [a] } }] }`,
    (odd: string) => `{ ${plain}, "steps": [{ "id": "a", "on": "all", "order": ${odd} }] }`,
    (odd: string) => `{ ${plain}, "steps": [{ "id": "a", "on": "all", "command": ${odd} }] }`,
    (odd: string) => `{ ${plain}, "steps": [{ "id": "a", "on": "all", "file": { "mode": ${odd} } }] }`,
    (odd: string) => `{ ${plain}, "steps": [{ "id": "a", "on": "all", "use": "x", "with": ${odd} }] }`,
  ];
  for (const place of places) {
    for (const name of names) {
      for (const odd of [`"${name}"`, `{ "${name}": 0 }`, `{ "${name}": "" }`, `[{ "${name}": [] }]`]) {
        const { runbook, problems } = parse(place(odd));
        expect(runbook, place(odd)).toBeUndefined();
        expect(problems.filter((problem) => !isUseful(problem))).toEqual([]);
      }
    }
  }
});

it('survives what is nested without end', () => {
  expect(parse('['.repeat(20_000)).problems.length).toBeGreaterThan(0);
  expect(parse(`a: ${'[ '.repeat(200)}${'] '.repeat(200)}`).problems.length).toBeGreaterThan(0);
  const deep = `\${{ ${'('.repeat(5_000)}1${')'.repeat(5_000)} }}`;
  expect(parse(good.replace('masters\n', `"${deep}"\n`)).problems.length).toBeGreaterThan(0);
});
