/** The real program, with this machine as its host: a run followed from elsewhere, notes, and a failed task passed over. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventsOf, lockstepFor, outcomes } from './lockstep.ts';

const { run, start, atTerminal, state } = lockstepFor();

let count = 0;
/** A runbook whose first step waits for the file `go` and then ends with `code`; words that run it. */
function story(code = 0) {
  count += 1;
  const folder = join(state, `story-${count}`);
  mkdirSync(folder);
  const at = (name: string) => join(folder, name);
  writeFileSync(
    at('inventory.yaml'),
    `format: lockstep-inventory/1\naccess: { transport: local, receipts: ${at('receipts')} }\nhosts: { here: {} }\n`,
  );
  const wait = `echo waiting; until test -e ${at('go')}; do sleep 0.1; done; exit ${code}`;
  writeFileSync(
    at('story.yaml'),
    `format: lockstep/1\nname: test/story\nversion: 1.0.0\ntitle: A story\nsteps:
  - { id: waits, title: Wait, on: here, repeat: once, on-doubt: ask, command: { script: "${wait}" } }
  - { id: after, title: After, on: here, repeat: once, on-doubt: ask, command: { argv: [touch, "${at('after')}"] } }\n`,
  );
  return {
    words: ['run', at('story.yaml'), '-i', at('inventory.yaml')],
    go: () => writeFileSync(at('go'), ''),
  };
}

async function newest(): Promise<{ run: string; state: string }> {
  const [first] = JSON.parse((await run(['runs', '--json'])).stdout) as { run: string; state: string }[];
  if (!first) throw new Error('there are no runs');
  return first;
}
const journalOf = (id: string) => readFileSync(join(state, 'runs', id, 'journal.ndjson'), 'utf8');
const intended = (event: { type: string }) => event.type === 'task.intended';

describe('attach', () => {
  test('tells a run of another process from its beginning, goes on as it goes on, and ends as it ends', async () => {
    const { words, go } = story();
    const running = start([...words, '--ndjson']);
    await running.reports(intended);
    const plain = start(['attach', 'last']);
    const records = start(['attach', 'last', '--ndjson']);
    await plain.says(/01 Wait {2}waits on here/);
    await records.reports(intended);
    expect(plain.stdout()).not.toContain('02 After');
    go();
    const [own, told, kept] = await Promise.all([running.ended, plain.ended, records.ended]);
    expect([own.code, told.code, kept.code], told.stderr).toEqual([0, 0, 0]);
    expect(told.stdout).toContain('02 After  after on here');
    expect(told.stdout).toMatch(/^done: 2 changed$/m);
    expect(kept.stdout).toBe(journalOf((await newest()).run));
    expect(kept.stdout).toBe(own.stdout);
  });

  test('of a run that is over tells what show tells, with the exit code of its state', async () => {
    const { words, go } = story(3);
    go();
    expect((await run(words)).code).toBe(2);
    const told = await run(['attach', 'last', '--plain']);
    expect([told.code, told.stdout]).toEqual([2, (await run(['show', 'last'])).stdout]);
  });

  test('ends when the process of the run is killed, and leaves the run as it is', async () => {
    const { words, go } = story();
    const running = start([...words, '--ndjson']);
    await running.reports(intended);
    const told = start(['attach']);
    await told.says('01 Wait');
    // The launcher runs node as its child, or is it; the lock names the one that counts.
    const { run: id } = await newest();
    const { pid } = JSON.parse(readFileSync(join(state, 'runs', id, 'lock'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    const { code, stdout } = await told.ended;
    expect([code, stdout]).toEqual([2, expect.stringMatching(/^held at 01 waits: it was broken off$/m)]);
    go();
    expect((await run(['resume', 'last'])).code).toBe(0);
  });

  test('left by Ctrl-C lets the run go on', async () => {
    const { words, go } = story();
    const running = start([...words, '--ndjson']);
    await running.reports(intended);
    const told = atTerminal(['attach', '--plain']);
    await told.says('01 Wait');
    told.type('\u0003');
    expect((await told.ended).code).toBe(130);
    go();
    expect((await running.ended).code).toBe(0);
  });

  test('of what is no run says so', async () => {
    const { code, stderr } = await run(['attach', 'nope']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/no run nope .*\n {2}next: lockstep runs lists them/),
    ]);
  });
});

describe('a note', () => {
  test('is refused while another process works on the run, and says where it can be written', async () => {
    const { words, go } = story();
    const running = start([...words, '--ndjson']);
    await running.reports(intended);
    const { code, stderr } = await run(['note', 'last', 'called the help desk']);
    expect(code).toBe(6);
    expect(stderr).toMatch(/process \d+ is working on this run.*\n {2}next: .*at the terminal that runs it/);
    go();
    expect((await running.ended).code).toBe(0);
  });

  test('stands in the journal of a run that is over, where show and attach tell it', async () => {
    const { words, go } = story();
    go();
    await run(words);
    const { code, stdout } = await run(['note', 'last', ' all good \u001b[31mat 03:10 ']);
    expect([code, stdout]).toEqual([0, `noted in run ${(await newest()).run}\n`]);
    expect(eventsOf(journalOf((await newest()).run)).at(-1)).toMatchObject({
      type: 'run.noted',
      text: 'all good \u001b[31mat 03:10',
    });
    const shown = (await run(['show', 'last'])).stdout;
    expect(shown).toMatch(/^ {2}note +all good .*at 03:10 {2}\(\w+\)$/m);
    expect(shown).not.toContain('\u001b');
    expect(shown).toMatch(/^done: 2 changed$/m);
    expect((await run(['verify-journal', 'last'])).code).toBe(0);
    expect((await run(['note', 'last', '  '])).code).toBe(1);
  });
});

test('a failed task that is passed over is not done again by a resume, which goes on behind it', async () => {
  const { words, go } = story(3);
  go();
  expect((await run(words)).code).toBe(2);
  const refused = await run(['resolve', 'last', 'after@here', '--as', 'skipped', '--because', 'x']);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('has no task after@here')]);
  const { code, stdout } = await run([
    'resolve',
    'last',
    'waits@here',
    '--as',
    'skipped',
    '--because',
    'not tonight',
  ]);
  expect([code, stdout]).toEqual([0, expect.stringContaining('waits@here is skipped by the word of')]);
  const end = await run(['resume', 'last', '--ndjson']);
  expect([end.code, outcomes(end.stdout)]).toEqual([0, { 'after@here': 'changed' }]);
  expect((await run(['show', 'last'])).stdout).toMatch(/passed over waits@here {2}by \w+: not tonight/);
});
