import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Event } from '../../src/engine/event.ts';
import { evolve } from '../../src/engine/evolve.ts';
import type { RunState } from '../../src/engine/state.ts';
import { ndjsonReporter } from '../../src/reporters/ndjson.ts';
import { showDuration, styleFor, tame } from '../../src/reporters/style.ts';
import { textReporter } from '../../src/reporters/text.ts';
import { World } from '../engine/world.ts';
import { told } from './told.ts';

const plain = styleFor({}, false);
const ESC = '\u001b';

const STORY = `
- { id: clocks, title: Clocks agree, on: all, read.command: { argv: [say, ok] } }
- id: restart
  title: Restart, one at a time
  on: all
  order: serial
  risk: irreversible
  command: { argv: [do, restart] }
  verify: { command: { argv: [has, restart] } }
  hint: Look at \${{ host.name }} first.
- { id: never, on: all, read.command: { argv: [say, ok] } }
`;

describe('the text reporter', () => {
  test('tells a run line by line, and a failure again at the end with host, step, output and next move', async () => {
    const world = new World(STORY, { hosts: ['h1', 'h2'] });
    world.host('h2').next('do restart', { code: 1, stderr: 'slapd: bad config\nline 41\n' });
    await world.finish({ yes: 'typed' });
    expect(told(world.events)).toMatchInlineSnapshot(`
      "test/story 1.0.0: A story
      run 20261122-015312-7f3a by alice, 3 steps

      01 Clocks agree  clocks on h1 h2
        unchanged   h1        3.0 s
        unchanged   h2        4.0 s

      02 Restart, one at a time  restart on h1 h2  point of no return
        differs     h1        do restart
                      + do restart
        asks        h1        Restart, one at a time: a point of no return on h1; there is no way back by undo.
        answer      yes by alice (--yes=typed)
        changed     h1        6.0 s
        differs     h2        the same as h1
        asks        h2        Restart, one at a time: a point of no return on h2; there is no way back by undo.
        answer      yes by alice (--yes=typed)
        failed      h2        12.0 s  do restart exited 1; stderr: line 41
                      | slapd: bad config
                      | line 41
      stopping: restart@h2 failed: do restart exited 1; stderr: line 41

      h2 · 02 restart: failed: do restart exited 1; stderr: line 41
          | slapd: bad config
          | line 41
          all output: /runs/7f3a/output/02-restart@h2.1.log
          next: Look at h2 first.
      held at 02 restart: restart@h2 failed: do restart exited 1; stderr: line 41
      1 changed, 2 unchanged, 1 failed; 2 of 3 steps left
      the point of no return is crossed (restart@h2): the way is forward, not back
      go on with: lockstep resume 20261122-015312-7f3a
      lockstep undo 20261122-015312-7f3a does not lead back behind it: it takes back what came after, and what else can be
      journal: /runs/7f3a
      "
    `);
  });

  test('tells a question, its answer and what was done with it', async () => {
    const world = new World(
      `- { id: a, on: h1, command: { argv: [do, a] }, on-doubt: ask, confirm: "Sure?" }\n`,
      { hosts: ['h1'] },
    );
    await world.finish({ person: () => ({ answer: 'skip', because: 'done by hand' }) });
    expect(told(world.events)).toMatchInlineSnapshot(`
      "test/story 1.0.0: A story
      run 20261122-015312-7f3a by alice, 1 step

      01 a  a on h1
        differs     h1        do a
                      + do a
        asks        h1        Sure?
        answer      skip by alice (terminal)  done by hand
        skipped     h1        5.0 s  done by hand

      done: 1 skipped
      journal: /runs/7f3a
      "
    `);
  });

  test('tells whose hosts were taken over, what has drifted, and who accepted it', async () => {
    const world = new World(
      `- { id: a, on: h1, repeat: safe, command: { argv: [do, a] }, on-doubt: ask }\n- { id: b, on: h1, repeat: safe, command: { argv: [do, b] }, on-doubt: ask }\n`,
      { hosts: ['h1'] },
    );
    world.host('h1').next('do b', { code: 1 });
    await world.finish();
    const host = world.fake.host('h1');
    host.identity = { ...host.identity, machineId: 'another' };
    const terms = { nonce: 'n', run: '20261122-0101-b0b0', controller: 'x', seconds: 60 };
    const bob = { ...terms, since: '2026-11-22T01:01:00.000Z', who: 'bob@jump', why: 'CHG-9' };
    host.lease.answer({ act: 'claim', terms: bob });
    host.lease.lapsed = true;
    await world.finish();
    await world.finish({ acceptDrift: ['machine-id:h1'] });
    const lines = told(world.events);
    const resumed = lines.slice(lines.indexOf('resumed'));
    expect(resumed).toContain(
      '  taken over  h1        from run 20261122-0101-b0b0 of bob@jump since 2026-11-22T01:01:00.000Z (CHG-9), which nobody has renewed\n',
    );
    expect(resumed).toContain('  drift       machine-id:h1: h1 showed fake, and now shows another\n');
    expect(resumed).toContain('  accepted    machine-id:h1 by alice (--accept-drift)\n');
    expect(resumed).not.toContain('stopping: machine-id');
  });

  test('tells a doubt, how it was settled, and a resume with the step it goes on with', async () => {
    const world = new World(
      `- { id: a, title: An act, on: h1, command: { argv: [do, a] }, on-doubt: ask }\n`,
      { hosts: ['h1'] },
    );
    world.host('h1').next('do a', { drop: 'vanished' });
    await world.finish();
    await world.finish({ person: () => ({ answer: 'applied', because: 'it is in its log' }) });
    expect(told(world.events)).toMatchInlineSnapshot(`
      "test/story 1.0.0: A story
      run 20261122-015312-7f3a by alice, 1 step

      01 An act  a on h1
        differs     h1        do a
                      + do a
        in doubt    h1        the link dropped
        asks        h1        It is not known whether a@h1 took effect: its shell is gone and left no exit code: it was killed. Look at h1: did it happen?
      stopping: a@h1 asks, and nobody is there to answer: It is not known whether a@h1 took effect: its shell is gone and left no exit code: it was killed. Look at h1: did it happen?
      test/story 1.0.0: run 20261122-015312-7f3a resumed

      01 An act  a on h1
        asks        h1        It is not known whether a@h1 took effect: its shell is gone and left no exit code: it was killed. Look at h1: did it happen?
        answer      applied by alice (terminal)  it is in its log
        settled     h1        applied by person: it is in its log
        changed     h1        6.0 s

      done: 1 changed
      journal: /runs/7f3a
      "
    `);
  });

  test('shows the beginning of a long diff', () => {
    const lines = Array.from({ length: 20 }, (_, index) => ({ op: '+' as const, text: `line ${index + 1}` }));
    const text = told([
      { ...OPENED, steps: [BRIEF] },
      { type: 'step.began', step: 'a', tasks: [{ id: 'a@h1', host: 'h1' }] },
      { type: 'task.looked', task: 'a@h1', attempt: 1, changes: [{ what: '/etc/x', lines }] },
    ]);
    expect(text).toContain('+ line 14\n');
    expect(text).not.toContain('line 15');
    expect(text).toContain('… 6 more lines in the journal');
  });

  test('lets no target speak to the terminal, nor pass for lockstep itself', async () => {
    const world = new World(`- { id: a, on: h1, command: { argv: [do, a] }, on-doubt: ask }\n`, {
      hosts: ['h1'],
    });
    const hostile = `${ESC}[2J${ESC}]0;owned\u0007\u009b31m\u202edone\ndone: 1 changed\r`;
    world.host('h1').next('do a', { code: 1, stderr: hostile });
    await world.finish();
    const text = told(world.events, { LANG: 'C.UTF-8' });
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text).toContain('^[[2J^[]0;owned^G\\x9b31m\\u202edone');
    expect(text.split('\n').filter((line) => line.startsWith('done:'))).toEqual([]);
  });

  test('colours a terminal, and nothing else: not a pipe, not with NO_COLOR, not TERM=dumb', async () => {
    const world = new World(`- { id: a, on: h1, read.command: { argv: [say, x] } }\n`, { hosts: ['h1'] });
    await world.finish();
    expect(told(world.events, {}, true)).toContain(`${ESC}[1m`);
    for (const [env, isTerminal] of [
      [{}, false],
      [{ NO_COLOR: '1' }, true],
      [{ TERM: 'dumb' }, true],
    ] as const)
      expect(told(world.events, env, isTerminal)).not.toContain(`${ESC}[1m`);
  });

  test('uses signs only where the locale can show them', async () => {
    const world = new World(`- { id: a, on: h1, read.command: { argv: [say, x] } }\n`, { hosts: ['h1'] });
    await world.finish();
    expect(told(world.events, { LANG: 'de_DE.UTF-8' })).toContain('✔ unchanged');
    expect(told(world.events, { LANG: 'C' })).not.toContain('✔');
  });
});

describe('the progress line', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function following(isTerminal: boolean) {
    const chunks: string[] = [];
    const reporter = textReporter({
      write: (chunk) => chunks.push(chunk),
      style: plain,
      isTerminal,
      now: Date.now,
      columns: () => 40,
    });
    let state: RunState | undefined;
    const events: Event[] = [
      { ...OPENED, steps: [BRIEF] },
      { type: 'step.began', step: 'a', tasks: [{ id: 'a@h1', host: 'h1' }] },
    ];
    for (const event of events) {
      state = evolve(state, event);
      reporter.told([{ seq: 1, at: '', mono: 0, event }], state);
    }
    chunks.length = 0;
    return { chunks, reporter, state: state as RunState };
  }

  test('is quiet for two seconds, then is redrawn in its place, cut to the terminal', () => {
    const { chunks, reporter } = following(true);
    vi.advanceTimersByTime(1_999);
    expect(chunks).toEqual([]);
    reporter.note('a@h1', `${ESC}[31mbehind by 3 changes and more\n`);
    vi.advanceTimersByTime(501);
    expect(chunks).toEqual([
      `\r${ESC}[K  2.0 s  01 An act on h1  h1: ^[[31mbeh`,
      `\r${ESC}[K  2.5 s  01 An act on h1  h1: ^[[31mbeh`,
    ]);
  });

  test('is a line every half minute where nothing can be redrawn', () => {
    const { chunks } = following(false);
    vi.advanceTimersByTime(61_000);
    expect(chunks).toEqual(['  30.0 s  01 An act on h1\n', '  1 m 00 s  01 An act on h1\n']);
  });

  test('keeps quiet while a question is asked, and after the end', () => {
    const { chunks, reporter, state } = following(true);
    const giveBack = reporter.pause();
    vi.advanceTimersByTime(10_000);
    expect(chunks).toEqual([]);
    giveBack();
    vi.advanceTimersByTime(2_000);
    expect(chunks).toHaveLength(1);
    reporter.ended(state, '/runs/x');
    const count = chunks.length;
    vi.advanceTimersByTime(10_000);
    expect(chunks).toHaveLength(count);
  });
});

test('the ndjson reporter gives each record a line, as it stands in the journal', () => {
  const chunks: string[] = [];
  const record = { seq: 1, at: 'now', mono: 1, event: OPENED };
  ndjsonReporter((text) => chunks.push(text)).told(
    [record, { ...record, seq: 2 }],
    evolve(undefined, OPENED),
  );
  expect(
    chunks
      .join('')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  ).toEqual([record, { ...record, seq: 2 }]);
});

test.each([
  [850, '850 ms'],
  [12_340, '12.3 s'],
  [59_900, '59.9 s'],
  [245_000, '4 m 05 s'],
  [7_620_000, '2 h 07 m'],
])('%d ms are shown as %s', (ms, text) => {
  expect(showDuration(ms)).toBe(text);
});

test('a text is cut with a count of what is left out', () => {
  expect(tame('abcdef', 4)).toBe('abcd … (2 more)');
});

const BRIEF = {
  id: 'a',
  title: 'An act',
  action: 'command',
  kind: 'change',
  hosts: ['h1'],
  order: 'parallel',
  risk: 'change',
  repeat: 'costly',
  proof: 'command',
  checked: false,
  verified: false,
  onFailure: 'hold',
  tolerate: 0,
} as const;

const OPENED = {
  type: 'run.opened',
  run: '7f3a',
  started: '',
  runbook: { name: 'test/x', version: '1.0.0', digest: '' },
  title: 'X',
  text: '',
  inputs: {},
  inventory: {},
  source: { runbook: '', inventory: '' },
  steps: [],
  policy: { yes: false },
  operator: { name: 'alice', host: 'desk', terminal: false },
  versions: {},
} as const;

test('a further line of a message is indented, so that it cannot pass for a line of ours', () => {
  expect(tame('systemctl restart slapd exited 1\ndone: 3 changed\n')).toBe(
    'systemctl restart slapd exited 1\n      done: 3 changed',
  );
});

test('a question is told by the prompt alone where one is shown, and by a line of its own elsewhere', async () => {
  const world = new World(
    '- { id: a, on: all, confirm: Sure?, command: { argv: [do, it] }, on-doubt: ask }',
    {
      hosts: ['h1'],
    },
  );
  await world.finish({ ask: async () => undefined });
  const prompted = world.events.map(
    (event): Event =>
      event.type === 'run.opened' ? { ...event, operator: { ...event.operator, terminal: true } } : event,
  );
  const env = { NO_COLOR: '1' };
  expect(told(prompted, env, true)).not.toMatch(/asks +h1 +Sure/);
  expect(told(prompted)).toMatch(/asks +h1 +Sure/);
  // At a terminal with --no-input there is no prompt.
  expect(told(world.events, env, true)).toMatch(/asks +h1 +Sure/);
});

test('what a person does beside the answers is told where it happened: a note, a task passed over, a hold taken back', async () => {
  const world = new World('- { id: a, on: h1, command: { argv: [do, a] }, on-doubt: ask }', {
    hosts: ['h1'],
  });
  world.host('h1').next('do a', { code: 1 });
  await world.finish();
  const text = told([
    ...world.events,
    { type: 'run.noted', text: `told the help desk${ESC}[31m`, by: 'alice' },
    { type: 'task.skipped', task: 'a@h1', attempt: 1, by: 'alice', because: 'not tonight' },
    { type: 'run.resumed', operator: OPENED.operator, policy: { yes: false }, tornBytes: 0 },
    { type: 'run.stopping', reason: 'operator', text: 'held by h' },
    { type: 'run.going-on', by: 'bob' },
    { type: 'run.ended', outcome: 'done' },
  ]);
  expect(text).toMatch(/^ {2}note {8}told the help desk\S* {2}\(alice\)$/m);
  expect(text).not.toContain(ESC);
  expect(text).toMatch(/^ {2}passed over a@h1 {2}by alice: not tonight$/m);
  expect(text).toMatch(/^going on after all, by bob$/m);
  expect(text).toMatch(/^done: 1 skipped$/m);
});
