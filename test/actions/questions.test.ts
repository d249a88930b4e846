import { expect, test } from 'vitest';
import { confirm } from '../../src/actions/confirm.ts';
import { manual } from '../../src/actions/manual.ts';

test('a question is a plain confirmation unless it says more', () => {
  expect(confirm.question({ text: 'Go on?' })).toEqual({ class: 'confirm', text: 'Go on?' });
  expect(confirm.question({ text: 'Wipe?', class: 'typed', typed: 'ldap2' })).toEqual({
    class: 'typed',
    text: 'Wipe?',
    typed: 'ldap2',
  });
});

test.each([
  [{ text: 'x', class: 'typed' }, false],
  [{ text: 'x', class: 'confirm', typed: 'y' }, false],
  [{ text: 'x', typed: 'y' }, false],
  [{ text: '', class: 'confirm' }, false],
  [{ text: 'x', class: 'maybe' }, false],
  [{ text: 'x', class: 'two-person' }, true],
])('what must be typed goes with class typed and no other: %j', (params, valid) => {
  expect(confirm.params.safeParse(params).success).toBe(valid);
});

test('manual work is a question whose text is the work', () => {
  expect(manual.question({ instructions: 'Plug it in.' })).toEqual({ class: 'confirm', text: 'Plug it in.' });
  expect(manual.question({ instructions: 'Plug it in.', class: 'two-person' })).toHaveProperty(
    'class',
    'two-person',
  );
});
