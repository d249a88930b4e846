import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withTable } from '../../scripts/undo-reference.ts';
import { actions } from '../../src/actions/index.ts';

const page = readFileSync(new URL('../../docs/undo.md', import.meta.url), 'utf8');

test('docs/undo.md tells of every action what its undo brings back', () => {
  expect(withTable(page, actions), 'run npm run docs').toBe(page);
});

test('every action that reads back has an inverse', () => {
  const without = Object.values(actions).filter(
    (action) => action.kind === 'change' && action.proof === 'readback' && !action.undo,
  );
  expect(without.map(({ name }) => name)).toEqual([]);
});
