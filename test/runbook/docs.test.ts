import { readFileSync } from 'node:fs';
import { Environment } from '@marcbachmann/cel-js';
import { expect, it } from 'vitest';
import { runbooksPage } from '../../scripts/runbooks-reference.ts';
import { baseEnvironment } from '../../src/runbook/cel.ts';
import { knownKeys } from '../../src/runbook/known-keys.ts';
import { lintShapes } from '../../src/runbook/schema.ts';
import { parse, runbookWith } from './sample.ts';

const text = readFileSync(new URL('../../docs/writing-a-runbook.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, example = '']) => example);
const partOf = (example: string) => /^# (parts\/\S+)/.exec(example)?.[1];
const parts = Object.fromEntries(
  examples.flatMap((example) => (partOf(example) ? [[partOf(example), example]] : [])),
);

/** Steps, invariants and secrets stand in a runbook. */
function wholeOf(example: string): string {
  if (example.startsWith('secrets:'))
    return runbookWith('- { id: a, on: all, wait.port: { port: 389 } }').replace(/^secrets:\n.*\n/m, example);
  if (example.startsWith('invariants:'))
    return runbookWith('- { id: a, on: all, wait.port: { port: 389 } }', example);
  return example.startsWith('- id') ? runbookWith(example) : example;
}

it('has its examples, a whole runbook and a part among them', () => {
  expect(examples.length).toBeGreaterThan(5);
  expect(examples.filter((example) => example.startsWith('format: lockstep/1'))).toHaveLength(1);
  expect(Object.keys(parts)).toEqual(['parts/restart.yaml']);
});

it.each(examples.map((example, index) => [index, example] as const))(
  'lints example %i without a problem',
  (_, example) => {
    const whole = wholeOf(example);
    const { problems } = parse(whole, parts as Record<string, string>);
    expect(problems.filter((problem) => problem.severity === 'error')).toEqual([]);
  },
);

it('names every function of the language', () => {
  const names = (env: Environment) => env.getDefinitions().functions.map((each) => each.name);
  const builtIn = new Set(names(new Environment()));
  const own = new Set(names(baseEnvironment).filter((name) => !builtIn.has(name)));
  expect([...own].filter((name) => !text.includes(`\`${name}(`) && !text.includes(`${name}(`))).toEqual([]);
  expect(own).toContain('keyvals');
});

it('names every key of a step', () => {
  const keys = [...knownKeys(lintShapes({}).step, []), ...knownKeys(lintShapes({}).use, [])];
  expect(keys).toContain('may-be-empty');
  expect(keys.filter((key) => !text.includes(`\`${key}`) && !text.includes(`${key}:`))).toEqual([]);
});

it('names every key of an invariant', () => {
  const section = text.slice(text.indexOf('## Invariants'), text.indexOf('## Expressions'));
  const keys = knownKeys(lintShapes({}).invariant, []);
  expect(keys).toContain('grace');
  expect(keys.filter((key) => !section.includes(`\`${key}\``))).toEqual([]);
});

it('docs/runbooks.md is what the runbooks say', async () => {
  const page = readFileSync(new URL('../../docs/runbooks.md', import.meta.url), 'utf8');
  expect(await runbooksPage(), 'run npm run docs').toBe(page);
});
