/**
 * The controller's disk fills up, goes read-only, or loses the run's directory, at many moments of a run: no effect is on a
 * host whose intent is not in the journal, and once there is room `resume` ends the run with each effect exactly once.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readJournal } from '../../src/journal/replay.ts';
import { eventsOf, lockstepFor, type Running } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';
import { fill, fragileDisk, smallDisk } from './small-disk.ts';

const { start, run } = lockstepFor();
const lab = sharedLab('disk');
const hosts = ['ldap1', 'ldap2'];
const runbook = join(import.meta.dirname, 'runbooks', 'many-once.yaml');
const items = ['a', 'b', 'c', 'd', 'e', 'f'];
const effectsWanted = hosts.flatMap((host) =>
  ['serial', 'together'].flatMap((step) => items.map((item) => `${step}[${item}]@${host}`)),
);

/** Every effect on every host, as the name of the task that made it. */
async function effects(): Promise<readonly string[]> {
  const found = await Promise.all(
    hosts.map(async (host) => {
      const said = await lab.inside(host, 'cat /srv/effects 2>/dev/null || :');
      return said.split('\n').flatMap((line) => (line === '' ? [] : [`${line}@${host}`]));
    }),
  );
  return found.flat();
}

const forget = async (): Promise<void> => {
  for (const host of hosts) await lab.inside(host, 'rm -f /srv/effects');
};

/** What lockstep has begun goes on on its host when lockstep ends; this waits for it. */
const settle = async (): Promise<void> => {
  for (const host of hosts)
    await lab.inside(host, "while pgrep -f '[/]srv/effects' >/dev/null; do sleep 0.05; done");
};

function runDirectory(disk: string): string {
  const [id = ''] = readdirSync(join(disk, 'runs'));
  return join(disk, 'runs', id);
}

const intentsOf = (events: ReturnType<typeof eventsOf>): ReadonlySet<string> =>
  new Set(events.flatMap((event) => (event.type === 'task.intended' ? [event.task] : [])));

/** Each effect has its intent on disk; none is there twice. */
async function expectIntended(intents: ReadonlySet<string>): Promise<void> {
  await settle();
  const done = await effects();
  expect(new Set(done).size, 'no effect twice').toBe(done.length);
  expect(done.filter((effect) => !intents.has(effect))).toEqual([]);
}

const begin = (disk: string, ...more: readonly string[]): Running =>
  start(['run', runbook, '-i', lab.inventory, '--yes', '--ndjson', ...more], {
    env: { LOCKSTEP_STATE: disk },
  });

async function resumeToTheEnd(disk: string): Promise<void> {
  const env = { LOCKSTEP_STATE: disk };
  const resumed = await run(['resume', 'last', '--yes'], { env });
  expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
  expect((await effects()).toSorted()).toEqual(effectsWanted.toSorted());
  expect((await run(['verify-journal', 'last'], { env })).code).toBe(0);
}

/** Waits for so many intents, and no longer than the run lasts. */
async function intents(running: Running, count: number): Promise<void> {
  let seen = 0;
  const told = new Set<unknown>();
  await running.reports((event) => {
    if (event.type === 'task.intended' && !told.has(event.task)) {
      told.add(event.task);
      seen++;
    }
    return seen >= count;
  });
}

describe('a disk that is full', () => {
  test('before a run: nothing is begun and nothing is left; the message says what to free', async () => {
    const disk = smallDisk();
    const ballast = fill(disk);
    await forget();
    const { code, stdout, stderr } = await begin(disk).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^lockstep: \/\S+: the disk is full \(ENOSPC\), so no further step was started$/m);
    expect(stderr).toContain(
      'next: free space there or make it writable, then start it again: nothing was begun',
    );
    expect(await effects()).toEqual([]);
    rmSync(ballast);
    expect(readdirSync(join(disk, 'runs'))).toEqual([]);
    expect((await begin(disk).ended).code).toBe(0);
    expect((await effects()).toSorted()).toEqual(effectsWanted.toSorted());
  });

  test.each([
    // After so many intents, with so many bytes of output each.
    [1, 10],
    [2, 0],
    [3, 10],
    [5, 2000],
    [7, 0],
    [9, 10],
    [11, 5000],
    [12, 0],
    [13, 10],
    [14, 0],
  ])('after %i intents of commands that print %i bytes', async (count, bytes) => {
    const disk = smallDisk();
    await forget();
    const controller = begin(disk, '--set', `bytes=${bytes}`);
    await intents(controller, count);
    const ballast = fill(disk);
    const { code, stderr } = await controller.ended;
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(
      /^lockstep: \/\S+\/(journal\.ndjson|output\/\S+\.log): the disk is full \(ENOSPC\), so no further step was started$/m,
    );
    expect(stderr).toMatch(/^ {2}next: free space on the file system of \/\S+, then resume the run$/m);

    const { records, tornBytes } = readJournal(runDirectory(disk));
    expect(tornBytes).toBe(0);
    expect(records.at(-1)?.event.type).not.toBe('run.ended');
    await expectIntended(intentsOf(records.map(({ event }) => event)));

    // Still full: a resume says so too, and starts nothing that it cannot record.
    const full = await run(['resume', 'last', '--yes'], { env: { LOCKSTEP_STATE: disk } });
    expect(full.code, full.stderr).toBe(2);
    expect(full.stderr).toContain('the disk is full (ENOSPC)');
    await expectIntended(intentsOf(readJournal(runDirectory(disk)).records.map(({ event }) => event)));

    rmSync(ballast);
    await resumeToTheEnd(disk);
  });

  test.each([60_000, 90_000, 200_000])(
    'because each command prints %i bytes: what was begun is known, and goes on',
    async (bytes) => {
      const disk = smallDisk();
      await forget();
      const { code, stderr } = await begin(disk, '--set', `bytes=${bytes}`).ended;
      expect(code, stderr).toBe(2);
      expect(stderr).toContain('the disk is full (ENOSPC)');
      for (let rounds = 0; ; rounds++) {
        const { records } = readJournal(runDirectory(disk));
        await expectIntended(intentsOf(records.map(({ event }) => event)));
        // As an operator would: old outputs are what can go.
        rmSync(join(runDirectory(disk), 'output'), { recursive: true });
        mkdirSync(join(runDirectory(disk), 'output'));
        const resumed = await run(['resume', 'last', '--yes'], { env: { LOCKSTEP_STATE: disk } });
        if (resumed.code === 0) break;
        expect(resumed.code, resumed.stderr).toBe(2);
        expect(rounds).toBeLessThan(20);
      }
      expect((await effects()).toSorted()).toEqual(effectsWanted.toSorted());
    },
  );
});

describe('a disk that turns read-only', () => {
  test.each([1, 4, 8, 12, 13])('after %i intents', async (count) => {
    const disk = fragileDisk();
    await forget();
    const controller = begin(disk.directory);
    await intents(controller, count);
    disk.breaks();
    const { code, stdout, stderr } = await controller.ended;
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(/it cannot be written, so no further step was started: E(ROFS|IO|UCLEAN)/);
    expect(stderr).toMatch(/next: make \/\S+ writable, then resume the run/);
    const still = await run(['resume', 'last', '--yes'], { env: { LOCKSTEP_STATE: disk.directory } });
    expect(still.code, still.stderr).toBe(2);
    expect(still.stderr).toMatch(/cannot be written, so no further step was started: EROFS/);

    disk.mends();
    const { records } = readJournal(runDirectory(disk.directory));
    // A file system that aborts in the very moment of a sync may lose the record that it has just acknowledged
    // (docs/silent-failures.md); lockstep has told it by then, and its token keeps it from a second start.
    const events = [...records.map(({ event }) => event), ...eventsOf(stdout)];
    await expectIntended(intentsOf(events));
    await resumeToTheEnd(disk.directory);
  });
});

describe("a run's directory that is removed", () => {
  test.each([
    [1, 10],
    [4, 0],
    [9, 10],
    [13, 0],
  ])('after %i intents of commands that print %i bytes: nothing more begins', async (count, bytes) => {
    const disk = smallDisk();
    await forget();
    const controller = begin(disk, '--set', `bytes=${bytes}`);
    await intents(controller, count);
    rmSync(runDirectory(disk), { recursive: true });
    const { code, stdout, stderr } = await controller.ended;
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(/: it cannot be written: its directory is gone, so no further step was started$/m);
    expect(stderr).toContain('without its journal, look at the hosts');
    // The records went to a file that is gone, so what was told is what was on disk before.
    await expectIntended(intentsOf(eventsOf(stdout)));
    expect(existsSync(join(disk, 'runs')) && readdirSync(join(disk, 'runs'))).toEqual([]);
  });
});
