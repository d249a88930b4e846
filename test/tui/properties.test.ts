/** What holds of every screen, every size, and every sequence of keys. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { press } from '../../src/tui/keys.ts';
import type { Act, Screen } from '../../src/tui/screen.ts';
import { Store } from '../../src/tui/store.ts';
import { view } from '../../src/tui/view/view.ts';
import { words } from '../../src/tui/words.ts';
import { briefs, RandomRun } from '../engine/random-run.ts';
import * as stories from './stories.ts';

const KEYS = [
  ...[
    'up',
    'down',
    'left',
    'right',
    'enter',
    'escape',
    'pageup',
    'pagedown',
    'home',
    'end',
    'tab',
    'backspace',
  ],
  ...[
    'n',
    'N',
    's',
    'd',
    '!',
    'r',
    'm',
    'u',
    'h',
    'q',
    'g',
    'c',
    '/',
    'f',
    '?',
    'a',
    'x',
    'k',
    'j',
    ' ',
    'ctrl-c',
    'ctrl-u',
  ],
  ...['日', '\u001b', '', 'l', '2', 'F13'],
];
const key = fc.constantFrom(...KEYS, 'y');
const keys = fc.array(key, { maxLength: 30 });
/** Names, texts and output as a hostile host might give them. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(
    '\u001b[2J\u001b[1;1H',
    '\u202e evil',
    'a\u0300\u0301\u0302',
    '👩‍👩‍👧‍👦 家族',
    '\ud800',
    'tab\there',
    'x'.repeat(5000),
  ),
);
const size = fc.record({ columns: fc.integer({ min: 20, max: 200 }), rows: fc.integer({ min: 6, max: 60 }) });

const scenes = fc.constantFrom(
  () => stories.atAgreement(),
  () => stories.asking(),
  () => stories.asking({ class: 'typed', typed: 'ldap2' }),
  () => stories.asking({ class: 'two-person' }),
  () => stories.askingBoth(),
  () => stories.failed(),
  () => stories.doubtful(),
  () => stories.heldByOperator(),
  () => stories.done(),
  () => stories.writing({ unicode: false }),
);

/** A run of the engine's own dice, told to a store with a hostile title, output and notes. */
const randomScreens = fc
  .record({
    steps: briefs,
    texts: fc.array(hostile, { minLength: 4, maxLength: 4 }),
    dice: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
    ticks: fc.integer({ min: 0, max: 40 }),
    unicode: fc.boolean(),
    readOnly: fc.boolean(),
    keys,
  })
  .map(({ steps, texts, dice, ticks, unicode, readOnly, keys: pressed }): Screen => {
    const [title = '', name = '', output = '', note = ''] = texts;
    let die = 0;
    const named = steps.map((step) => ({ ...step, title: title + step.id, hosts: step.hosts }));
    const run = new RandomRun(named, true, (below) => (dice[die++ % dice.length] ?? 0) % below);
    for (let tick = 0; tick < ticks; tick++) if (!run.tick(() => undefined)) break;
    const store = new Store({ now: 0, unicode, readOnly, zone: 60 });
    const state = { ...run.state, runbook: { ...run.state.runbook, name } };
    const at = new Date(0).toISOString();
    store.told(
      run.events.map((event, index) => ({ seq: index + 1, at, mono: 0, event })),
      state,
    );
    for (const task of state.steps.flatMap((step) => step.tasks)) {
      store.output(task.ref.id, 'stdout', `${output}\r${output}\n${output}`);
      store.note(task.ref.id, note);
    }
    for (const one of pressed) store.key(one, 10_000);
    return store.getSnapshot();
  });

test('every screen has at most rows - 1 rows, none wider than the columns, and nothing that a terminal would obey', () => {
  fc.assert(
    fc.property(randomScreens, size, (screen, at) => {
      const frame = view(screen, at);
      expect(frame.length).toBeLessThanOrEqual(at.rows - 1);
      for (const row of frame) {
        const text = row.map((span) => span.text).join('');
        expect(stringWidth(text)).toBeLessThanOrEqual(at.columns);
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        if (!screen.unicode) expect(text).toMatch(/^[\u0020-\u007e]*$/);
      }
    }),
    { numRuns: 300 },
  );
});

test('every scene fits every size, whatever was pressed', () => {
  fc.assert(
    fc.property(scenes, keys, size, (make, pressed, at) => {
      const frame = view(make().press(...pressed).screen, at);
      expect(frame.length).toBe(at.rows - 1);
      for (const row of frame)
        expect(stringWidth(row.map((span) => span.text).join(''))).toBeLessThanOrEqual(at.columns);
    }),
    { numRuns: 300 },
  );
});

/** The acts that a sequence of keys leads to; the run does not answer. */
function acts(screen: Screen, pressed: readonly string[]): readonly Act[] {
  let now = screen;
  return pressed.flatMap((one) => {
    const { look, act } = press(now, one);
    now = { ...now, look };
    return act ? [act] : [];
  });
}

test('no sequence of keys without a y says yes', () => {
  fc.assert(
    fc.property(scenes, fc.array(fc.constantFrom(...KEYS), { maxLength: 40 }), (make, pressed) => {
      for (const act of acts(make().screen, pressed)) expect(act).not.toMatchObject({ answer: 'yes' });
    }),
    { numRuns: 300 },
  );
});

test('a typed question takes no other word, and a question for two takes no answer', () => {
  const other = fc.array(fc.constantFrom('l', 'd', 'a', 'p', '1', ' ', 'y', 'enter', 'escape', 'backspace'), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(other, (pressed) => {
      const typed = stories.asking({ class: 'typed', typed: 'ldap2' }).after(1).screen;
      for (const act of acts(typed, pressed)) expect(act).not.toMatchObject({ answer: 'yes' });
      const both = stories.asking({ class: 'two-person' }).after(1).screen;
      for (const act of acts(both, pressed)) expect(act.kind).not.toBe('answer');
    }),
    { numRuns: 200 },
  );
});

test('a screen that only watches commands nothing', () => {
  const watching = fc.constantFrom(
    () => stories.asking({}, { readOnly: true }),
    () => stories.failed({ readOnly: true }),
    () => stories.doubtful({ readOnly: true }),
  );
  fc.assert(
    fc.property(watching, fc.array(key, { maxLength: 40 }), (make, pressed) => {
      for (const act of acts(make().screen, pressed)) expect(['leave', 'copy']).toContain(act.kind);
    }),
    { numRuns: 200 },
  );
});

test('words are sentences without control characters, for every pair of screens', () => {
  fc.assert(
    fc.property(randomScreens, randomScreens, (before, after) => {
      for (const line of [...words(undefined, after), ...words(before, after)])
        expect(line).toMatch(/^[^\p{Cc}\p{Cf}]+[.?!:]$/u);
    }),
    { numRuns: 200 },
  );
});
