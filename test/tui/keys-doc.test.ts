import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { keysReference } from '../../scripts/keys-reference.ts';

test('docs/keys.md is the key table', () => {
  expect(readFileSync('docs/keys.md', 'utf8'), 'npm run docs makes it anew').toBe(keysReference());
});
