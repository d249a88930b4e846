import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { actionsReference, fields, schemaOf } from '../../scripts/actions-reference.ts';
import { actions } from '../../src/actions/index.ts';

const table = Object.entries(actions);

test.each(table)('%s is listed under its own name', (key, action) => {
  expect(action.name).toBe(key);
  expect(action.about).toMatch(/^[A-Z].*[.]$/s);
});

test.each(table)('%s names its parameters in kebab case and describes each', (_key, action) => {
  const all = fields(schemaOf(action));
  expect(all.filter(({ name }) => !/^[a-z][a-z0-9.[\]-]*$/.test(name))).toEqual([]);
  expect(all.filter(({ description }) => description === '').map(({ name }) => name)).toEqual([]);
});

test.each(table)('%s refuses a parameter it does not know', (_key, action) => {
  const { error } = action.params.safeParse({ 'no-such-parameter': 1 });
  expect(error?.issues.some((issue) => issue.code === 'unrecognized_keys')).toBe(true);
});

test('docs/actions.md is what scripts/actions-reference.ts writes', () => {
  const written = readFileSync(new URL('../../docs/actions.md', import.meta.url), 'utf8');
  expect(written, 'run: node scripts/actions-reference.ts').toBe(actionsReference(actions));
});
