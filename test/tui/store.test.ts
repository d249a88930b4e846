import { describe, expect, test } from 'vitest';
import type { RunState } from '../../src/engine/state.ts';
import type { Screen } from '../../src/tui/screen.ts';
import { Store } from '../../src/tui/store.ts';
import { Scene, START, step } from './scene.ts';
import * as stories from './stories.ts';

const TASK = 'restart@ldap2';

function outputOf(...chunks: readonly string[]): readonly string[] {
  const scene = stories.atAgreement();
  for (const chunk of chunks) scene.store.output(TASK, 'stdout', chunk);
  return (scene.screen.stories[TASK]?.output ?? []).map(({ text }) => text);
}

/** Characters that a screen keeps of all that was printed. */
function kept({ stories: all }: Screen): number {
  return Object.values(all).reduce(
    (sum, { output }) => sum + output.reduce((line, { text }) => line + text.length, 0),
    0,
  );
}

describe('output', () => {
  test('is split into lines, however it is cut into chunks', () => {
    expect(outputOf('one\ntwo\nthree')).toEqual(['one', 'two', 'three']);
    expect(outputOf('o', 'ne\nt', 'wo\n', 'three\n')).toEqual(['one', 'two', 'three']);
    expect(outputOf('one\r\ntwo\r', '\nthree\n')).toEqual(['one', 'two', 'three']);
  });

  test('written over with returns shows what was written last', () => {
    expect(outputOf('10 %\r20 %\r30 %')).toEqual(['30 %']);
    expect(outputOf('10 %\r', '20 %\r', '100 %\r\n', 'done\n')).toEqual(['100 %', 'done']);
  });

  test('shows control sequences and broken letters instead of obeying them', () => {
    const [cleared, title, marks, broken] = outputOf(
      '\u001b[2Jgone\n\u001b]0;title\u0007\nabc\u202edef\u200b\n\ufffd \u0000 \u009b1m\n',
    );
    expect(cleared).toBe('^[[2Jgone');
    expect(title).toBe('^[]0;title^G');
    expect(marks).toBe('abc\\u202edef\\u200b');
    expect(broken).toBe('\ufffd ^@ \\x9b1m');
  });

  test('of stderr is told from that of stdout, and neither ends the line of the other', () => {
    const scene = stories.atAgreement();
    scene.store.output(TASK, 'stdout', 'half');
    scene.store.output(TASK, 'stderr', 'trouble\n');
    scene.store.output(TASK, 'stdout', ' a line\n');
    expect(scene.screen.stories[TASK]?.output.map(({ text, tone }) => [text, tone])).toEqual([
      ['trouble', 'warn'],
      ['half a line', undefined],
    ]);
  });

  test('is cut at 400 characters a line, and says how much is gone', () => {
    const [line] = outputOf('x'.repeat(1000), 'y'.repeat(500), '\n');
    expect(line).toBe(`${'x'.repeat(400)} … (1100 more)`);
    expect(outputOf('\u0001'.repeat(400))[0]).toHaveLength(400 + ' … (400 more)'.length);
  });

  test('keeps the last 500 lines of a task, and counts those before', () => {
    const scene = stories.atAgreement();
    for (let line = 1; line <= 5000; line++) scene.store.output(TASK, 'stdout', `line ${line}\n`);
    const story = scene.screen.stories[TASK];
    expect(story?.output).toHaveLength(500);
    expect(story?.output.at(-1)?.text).toBe('line 5000');
    expect(story?.dropped).toBeGreaterThanOrEqual(4400);
  });

  test('keeps that of 64 tasks, and lets the one go that was longest quiet', () => {
    const scene = stories.atAgreement();
    for (let task = 0; task < 100; task++) scene.store.output(`t${task}@h`, 'stdout', 'one\n');
    scene.store.output('t36@h', 'stdout', 'two\n');
    scene.store.output('t100@h', 'stdout', 'one\n');
    const { stories: all } = scene.screen;
    expect(Object.values(all).filter(({ output }) => output.length > 0)).toHaveLength(64);
    expect(all['t36@h']?.output.map(({ text }) => text)).toEqual(['one', 'two']);
    expect(all['t37@h']).toMatchObject({ output: [], dropped: 1 });
  });

  test('stays bounded under a flood of lines of 1 MB, of control sequences and of lines without an end', () => {
    const scene = stories.fleet();
    const megabyte = '\u001b[31mx'.repeat(160_000);
    for (let round = 0; round < 4; round++)
      for (let task = 0; task < 80; task++) {
        scene.store.output(`t${task}@h`, 'stdout', `${megabyte}\n`);
        scene.store.output(`t${task}@h`, 'stderr', megabyte);
      }
    const lines = `${'é'.repeat(399)}\n`.repeat(2000);
    for (let task = 0; task < 80; task++) scene.store.output(`t${task}@h`, 'stdout', lines);
    expect(kept(scene.screen)).toBeLessThan(7_000_000);
  });
});

describe('subscribers', () => {
  test('are told once for all that happens in a turn, and of a key at once', async () => {
    const store = new Store({ now: 0, unicode: true, readOnly: false, zone: 0 });
    let told = 0;
    const stop = store.subscribe(() => void told++);
    for (let line = 0; line < 100; line++) store.output(TASK, 'stdout', 'x\n');
    store.tick(1000);
    expect(told).toBe(0);
    await Promise.resolve();
    expect(told).toBe(1);
    store.key('?', 1001);
    expect(told).toBe(2);
    stop();
    store.tick(2000);
    await Promise.resolve();
    expect(told).toBe(2);
  });

  test('see the same screen until they are told, and the same stories where nothing was added', async () => {
    const store = new Store({ now: 0, unicode: true, readOnly: false, zone: 0 });
    store.subscribe(() => undefined);
    store.output(TASK, 'stdout', 'x\n');
    const before = store.getSnapshot();
    expect(before.stories).toEqual({});
    await Promise.resolve();
    const after = store.getSnapshot();
    expect(after.stories[TASK]?.output).toHaveLength(1);
    store.output('other@ldap1', 'stdout', 'y\n');
    await Promise.resolve();
    expect(store.getSnapshot().stories[TASK]).toBe(after.stories[TASK]);
  });
});

describe('a task', () => {
  test('has its story: when it began, what happened, the last word about it, when it ended', () => {
    const { screen } = stories.atAgreement();
    const story = screen.stories['agreement@ldap2'];
    expect(story?.events.map(({ text }) => text)).toEqual([
      'differs: olcDatabase={1}mdb,cn=config',
      'started (attempt 1)',
      'done in 812 ms, verifying',
    ]);
    expect(story?.note?.text).toBe('contextCSN of 003 is 1.9 s behind');
    expect(story?.ended).toBeUndefined();
    const done = screen.stories['back-up@ldap1'];
    expect((done?.ended ?? 0) - (done?.begun ?? 0)).toBe(4000);
  });

  test('keeps a bounded story, however often it is tried', () => {
    const scene = new Scene([step('a', 'A', ['h'], { retry: { times: 500, delayMs: 1, backoff: 1 } })]).begin(
      'a',
    );
    for (let attempt = 1; attempt <= 300; attempt++)
      scene.tell({ type: 'task.retried', task: 'a@h', attempt, failure: { what: 'no' }, delayMs: 1 });
    expect(scene.screen.stories['a@h']?.events.length).toBeLessThanOrEqual(60);
  });
});

test('the clock of a run that is done stands still, that of a held one goes on', () => {
  const done = stories.done();
  const { now } = done.screen;
  expect(done.after(60).screen.now).toBe(now);
  const held = stories.failed();
  expect(held.after(60).screen.now).toBe(held.now);
});

test('a run that is over took as long as it took, however late it is looked at', () => {
  const late = new Store({ now: START + 86_400_000, unicode: true, readOnly: true });
  const { records, state } = stories.done();
  late.told(records, state as RunState);
  expect(late.getSnapshot().now).toBe(stories.done().screen.now);
});
