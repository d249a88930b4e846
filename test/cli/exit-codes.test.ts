import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exitCodesReference } from '../../scripts/exit-codes-reference.ts';

test('docs/exit-codes.md is what npm run docs would write', () => {
  expect(readFileSync('docs/exit-codes.md', 'utf8')).toBe(exitCodesReference());
});
