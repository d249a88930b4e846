import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { needsPrintf, quote, renderCommand } from '../../src/transport/shell.ts';

const plain = { inner: '', outer: '' };

describe('quoting', () => {
  test('gives the shell one word back, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'grapheme' }).filter((word) => !word.includes('\0')),
          { maxLength: 20 },
        ),
        (words) => {
          const out = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(quote).join(' ')}`]).toString();
          expect(out).toBe(words.length === 0 ? '\0' : words.map((word) => `${word}\0`).join(''));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('refuses a NUL', () => {
    expect(() => quote('a\0b')).toThrow('NUL');
  });
});

describe('a command that cannot be meant is refused', () => {
  test.each([
    [{}, 'either argv or script'],
    [{ argv: ['a'], script: 'b' }, 'either argv or script'],
    [{ argv: [] }, 'names no program'],
    [{ argv: ['-c'] }, 'an option and not a program'],
    [{ argv: ['a'], env: { 'A;rm': 'x' } }, 'environment variable'],
    [{ argv: ['a', 'x'.repeat(131_072)] }, '128 KiB'],
    [{ argv: ['a'], stdin: 'a\nEND\n' }, 'delimiter'],
  ])('%j', (command, message) => {
    expect(() => renderCommand(command, plain, 'END')).toThrow(message);
  });
});

test('only input that is not lines needs a builtin printf', () => {
  expect(needsPrintf({ argv: ['a'] })).toBe(false);
  expect(needsPrintf({ argv: ['a'], stdin: '' })).toBe(false);
  expect(needsPrintf({ argv: ['a'], stdin: 'line\n' })).toBe(false);
  expect(needsPrintf({ argv: ['a'], stdin: 'no newline' })).toBe(true);
  expect(needsPrintf({ argv: ['a'], stdin: 'nul\0\n' })).toBe(true);
});
