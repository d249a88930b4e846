import { describe, expect, test } from 'vitest';
import { hear } from '../../src/cli/hear.ts';
import { tee } from '../../src/reporters/tee.ts';
import { createRedactor } from '../../src/secrets/redact.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { World } from '../engine/world.ts';

const redactor = createRedactor();
redactor.add(new Secret('pw', 'correct-horse-battery'));

function heard() {
  const pieces: string[] = [];
  const notes: string[] = [];
  const ear = hear({
    stream: () => redactor.stream(),
    note: (line) => void notes.push(line),
    output: (stream, text) => void pieces.push(`${stream} ${text}`),
  });
  return { ear, pieces, notes };
}

describe('what a command prints', () => {
  test('is heard piece by piece, and its last line is noted', () => {
    const { ear, pieces, notes } = heard();
    ear.output('stdout', 'one\ntwo\n');
    ear.output('stderr', 'oops\n');
    ear.output('stdout', 'three\n');
    ear.end();
    expect(pieces).toEqual(['stdout one\ntwo\n', 'stderr oops\n', 'stdout three\n']);
    expect(notes).toEqual(['two', 'oops', 'three']);
  });

  test('shows no secret, wherever its pieces end', () => {
    const text = 'bind with correct-horse-battery now\n';
    for (let cut = 1; cut < text.length; cut++) {
      const { ear, pieces, notes } = heard();
      ear.output('stdout', text.slice(0, cut));
      ear.output('stdout', text.slice(cut));
      ear.end();
      expect(pieces.join('').replaceAll('stdout ', '')).toBe('bind with [pw] now\n');
      expect(notes.join('\n')).not.toContain('battery');
    }
  });

  test('is heard to its last letter, though that might have begun a secret', () => {
    const { ear, pieces } = heard();
    ear.output('stdout', 'all is correct');
    expect(pieces.join('')).not.toContain('correct');
    ear.end();
    expect(pieces.join('').replaceAll('stdout ', '')).toBe('all is correct');
  });
});

const step = (say: string) =>
  `- { id: a, on: h1, repeat: once, command: { argv: [do, a] }, on-doubt: ask }\n${say}`;

test('a run hands on what its commands print, task by task, secrets replaced', async () => {
  const world = new World(step(''), { hosts: ['h1'] });
  world.host('h1').next('do a', { stdout: 'got clear-pw\n', stderr: 'and clear-' });
  await world.finish();
  expect(world.heard).toEqual([
    ['a@h1', 'stdout', 'got [pw]\n'],
    ['a@h1', 'stderr', 'and '],
    ['a@h1', 'stderr', 'clear-'],
  ]);
});

test('a resume hands on what a command prints that went on without it', async () => {
  const world = new World(step(''), { hosts: ['h1'] });
  world
    .host('h1')
    .next('do a', { stdout: 'line 1\n', drop: 'while-running', effect: () => void world.away.add('h1') });
  await world.finish();
  world.heard.length = 0;
  world.away.clear();
  expect((await world.finish()).done).toBe(true);
  expect(world.heard).toEqual([['a@h1', 'stdout', 'line 1\n']]);
});

test('of several reporters, those hear it that want to', () => {
  const got: string[] = [];
  const quiet = {
    told: () => undefined,
    note: () => undefined,
    ended: () => undefined,
    pause: () => () => undefined,
  };
  tee(quiet, {
    ...quiet,
    output: (task, stream, text) => void got.push(`${task} ${stream} ${text}`),
  }).output?.('a@h1', 'stdout', 'x');
  expect(got).toEqual(['a@h1 stdout x']);
});
