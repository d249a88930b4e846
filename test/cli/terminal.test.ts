import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { askPlainly, openTerminal, type Terminal } from '../../src/cli/terminal.ts';
import type { Question } from '../../src/engine/event.ts';
import { styleFor } from '../../src/reporters/style.ts';
import { question } from '../engine/sample-question.ts';

/** A person who types these lines, then closes the terminal. */
function person(...lines: readonly string[]): Terminal & { readonly prompts: string[] } {
  const left = [...lines];
  const prompts: string[] = [];
  return {
    present: true,
    prompts,
    line: async (prompt) => {
      prompts.push(prompt);
      return left.shift();
    },
  };
}

async function answer(terminal: Terminal, change: Partial<Question> = {}) {
  return askPlainly(terminal, question(change), 'alice', () => undefined, styleFor({}, false));
}

describe('a question on plain lines', () => {
  test.each([
    [['y'], { answer: 'yes' }],
    [['yes'], { answer: 'yes' }],
    [[''], { answer: 'no' }],
    [['Y E S'], { answer: 'no' }],
    [[], { answer: 'no' }],
    [['s', 'done by hand'], { answer: 'skip', because: 'done by hand' }],
    [['s', ''], { answer: 'no' }],
  ] as const)('answered %j is %j', async (lines, wanted) => {
    expect(await answer(person(...lines))).toEqual({ by: 'alice', ground: 'terminal', ...wanted });
  });

  test.each([
    ['h1', 'yes'],
    ['h2', 'no'],
    ['y', 'no'],
    ['', 'no'],
  ])('of class typed, answered %j, is %s', async (line, wanted) => {
    expect(await answer(person(line), { class: 'typed', typed: 'h1' })).toMatchObject({ answer: wanted });
  });

  test.each([
    [['h1'], { answer: 'yes' }],
    [['s', 'its log shows it'], { answer: 'skip', because: 'its log shows it' }],
    [['s', ''], { answer: 'no' }],
    [['y'], { answer: 'no' }],
    [[], { answer: 'no' }],
  ] as const)('about running again what failed, answered %j, is %j', async (lines, wanted) => {
    expect(await answer(person(...lines), { purpose: 'repeat', class: 'typed', typed: 'h1' })).toMatchObject(
      wanted,
    );
  });

  test('of class typed before a first time has no way around it', async () => {
    const terminal = person('s', 'a reason');
    expect(await answer(terminal, { class: 'typed', typed: 'h1' })).toMatchObject({ answer: 'no' });
    expect(terminal.prompts).toHaveLength(1);
  });

  test.each([
    [['applied', 'its log says so'], { answer: 'applied', because: 'its log says so' }],
    [['not-applied', 'nothing there'], { answer: 'not-applied', because: 'nothing there' }],
    [['y'], { answer: 'no' }],
    [['h1'], { answer: 'no' }],
    [[], { answer: 'no' }],
  ] as const)('about a doubt, answered %j, is %j', async (lines, wanted) => {
    expect(await answer(person(...lines), { purpose: 'doubt', class: 'typed', typed: 'h1' })).toMatchObject(
      wanted,
    );
  });

  test('for two persons is none that one can answer', async () => {
    expect(await answer(person('y'), { class: 'two-person' })).toBeUndefined();
  });

  test('without a terminal has nobody to ask', async () => {
    const nobody = openTerminal(
      Object.assign(new PassThrough(), { isTTY: false }) as never,
      new PassThrough() as never,
    );
    expect(nobody.present).toBe(false);
    expect(await answer(nobody)).toBeUndefined();
    expect(await nobody.line('x')).toBeUndefined();
  });

  test('lets no target speak to the terminal', async () => {
    let shown = '';
    await askPlainly(
      person('n'),
      question({ text: '\u001b[2Jdone' }),
      'alice',
      (text) => (shown += text),
      styleFor({}, false),
    );
    expect(shown).toBe('\na@h1: ^[[2Jdone\n');
  });
});
