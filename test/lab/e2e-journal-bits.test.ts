/** A journal that is not as it was written: `verify-journal` names the record, and `resume` stops before it contacts anybody. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { countingWay } from './counting-way.ts';
import { type Ended, lockstepFor } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';

const { run, state } = lockstepFor();
const lab = sharedLab('bits', { hosts: 1 });
const way = countingWay(lab);
const runbook = join(import.meta.dirname, 'runbooks', 'one-of-two.yaml');
/** Positions tried in each record, spread over it, its first byte, its sum and its line end among them. */
const POSITIONS = 10;

let held: string;
let good: Buffer;
/** Where each record begins, and one past the last line end. */
let starts: readonly number[];

/** Keeps a run of its own below a state directory of its own. */
async function hold(name: string, inventory: string): Promise<string> {
  const env = { LOCKSTEP_STATE: join(state, name) };
  const first = await run(['run', runbook, '-i', inventory, '--yes'], { env });
  expect(first.code, first.stdout + first.stderr).toBe(2);
  return readdirSync(join(state, name, 'runs'))[0] ?? '';
}

const journalOf = (name: string, id = held): string => join(state, name, 'runs', id, 'journal.ndjson');

beforeAll(async () => {
  const inventory = await way.inventory(state);
  held = await hold('held', inventory);
  good = readFileSync(journalOf('held'));
  starts = [0, ...[...good.entries()].flatMap(([at, byte]) => (byte === 0x0a ? [at + 1] : []))];
});

interface Verdicts {
  readonly verify: Ended;
  readonly resume: Ended;
  /** Connections that the two have made. */
  readonly contacts: number;
  /** The run's directory is as it was before them. */
  readonly untouched: boolean;
}

const copies = { made: 0 };

/** What `verify-journal` and `resume` say of these bytes, each asked in a copy of the held run. */
async function judge(bytes: Buffer): Promise<Verdicts> {
  const name = `copy-${++copies.made}`;
  cpSync(join(state, 'held'), join(state, name), { recursive: true });
  writeFileSync(journalOf(name), bytes);
  const env = { LOCKSTEP_STATE: join(state, name) };
  const before = way.taken();
  const verify = await run(['verify-journal', 'last'], { env });
  const resume = await run(['resume', 'last', '--yes'], { env });
  const contacts = way.taken() - before;
  const files = readdirSync(join(state, name, 'runs', held));
  const untouched =
    readFileSync(journalOf(name)).equals(bytes) &&
    files.sort().join() ===
      readdirSync(join(state, 'held', 'runs', held))
        .sort()
        .join();
  return { verify, resume, contacts, untouched };
}

/** Both stop with exit code 5 and name the record, and nothing has been touched. */
function expectFound({ verify, resume, contacts, untouched }: Verdicts, record: number, about: string): void {
  for (const { code, stdout, stderr } of [verify, resume]) {
    expect(code, `${about}\n${stdout}${stderr}`).toBe(5);
    expect(stderr, about).toMatch(new RegExp(`/journal\\.ndjson:${record}: record ${record} `));
  }
  expect(contacts, about).toBe(0);
  expect(untouched, about).toBe(true);
}

const recordCount = (): number => starts.length - 1;
const lines = (): string[] => good.toString('utf8').trimEnd().split('\n');
const joined = (parts: readonly (string | undefined)[]): Buffer => Buffer.from(`${parts.join('\n')}\n`);

test('the held run has a journal of many kinds of records, and it is whole', async () => {
  expect(recordCount()).toBeGreaterThan(12);
  expect(new Set(lines().map((line) => JSON.parse(line).event.type)).size).toBeGreaterThan(9);
  const verified = await run(['verify-journal', 'last'], { env: { LOCKSTEP_STATE: join(state, 'held') } });
  expect(verified).toMatchObject({ code: 0, stderr: '' });
  expect(way.taken()).toBeGreaterThan(0);
});

test('one flipped bit in any record is found, its record named, and no resume begins', async () => {
  const tried = new Set<number>();
  let flips = 0;
  for (let record = 1; record <= recordCount(); record++) {
    const [from = 0, to = 0] = [starts[record - 1], starts[record]];
    const batch: Promise<void>[] = [];
    for (let position = 0; position < POSITIONS; position++) {
      const byte = from + Math.round(((to - 1 - from) * position) / (POSITIONS - 1));
      const bit = (record + position) % 8;
      const bad = Buffer.from(good);
      bad[byte] = (good[byte] ?? 0) ^ (1 << bit);
      tried.add(bit);
      flips++;
      const about = `bit ${bit} of byte ${byte}, in record ${record}`;
      batch.push(judge(bad).then((verdicts) => expectFound(verdicts, record, about)));
      if (batch.length === 3) await Promise.all(batch.splice(0));
    }
    await Promise.all(batch);
  }
  expect(tried.size).toBe(8);
  expect(flips).toBe(recordCount() * POSITIONS);
});

describe('a journal whose records are whole, but not in their places', () => {
  test.each<[string, (all: string[]) => (string | undefined)[], number]>([
    ['a record taken out', (all) => all.toSpliced(5, 1), 6],
    ['the first record taken out', (all) => all.slice(1), 1],
    ['two records changed over', (all) => all.toSpliced(5, 2, all[6] ?? '', all[5] ?? ''), 6],
    ['a record twice', (all) => all.toSpliced(5, 0, all[4] ?? ''), 6],
    ['the last record twice', (all) => [...all, all.at(-1)], -1],
    ['a line of something else behind it', (all) => [...all, 'something else'], -1],
    ['an empty line in it', (all) => all.toSpliced(3, 0, ''), 4],
  ])('with %s is found', async (what, change, record) => {
    expectFound(await judge(joined(change(lines()))), record < 0 ? recordCount() + 1 : record, what);
  });

  test('of another run, copied over, is found by its first record', async () => {
    const other = await hold('other', join(state, 'counting.yaml'));
    expect(other).not.toBe(held);
    const verdicts = await judge(readFileSync(journalOf('other', other)));
    expectFound(verdicts, 1, 'the journal of another run');
    expect(verdicts.resume.stderr).toContain(
      `record 1 opens run ${other}, and this is the journal of ${held}`,
    );
  });

  test('of another run is found too when only its later records were copied over', async () => {
    const [other = ''] = readdirSync(join(state, 'other', 'runs'));
    const theirs = readFileSync(journalOf('other', other), 'utf8').trimEnd().split('\n');
    expectFound(
      await judge(joined([...lines().slice(0, 5), ...theirs.slice(5)])),
      6,
      'the records of another run',
    );
  });
});

describe('what a write that never finished leaves', () => {
  test('is no damage: both say how many bytes, and the run is brought to its end', async () => {
    await lab.inside('ldap1', 'touch /srv/mended');
    mkdirSync(join(state, 'torn'));
    cpSync(join(state, 'held'), join(state, 'torn'), { recursive: true });
    const env = { LOCKSTEP_STATE: join(state, 'torn') };
    const lastLine = good.length - (starts.at(-2) ?? 0);
    writeFileSync(journalOf('torn'), good.subarray(0, good.length - Math.floor(lastLine / 2)));
    const bytes = Math.ceil(lastLine / 2);

    const verified = await run(['verify-journal', 'last'], { env });
    expect(verified.code, verified.stderr).toBe(0);
    expect(verified.stdout).toContain(
      `${recordCount() - 1} records, each as it was written; ${bytes} bytes of a last record that was never finished`,
    );
    const resumed = await run(['resume', 'last', '--yes'], { env });
    expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
    expect(resumed.stdout).toContain(`the journal's last line was torn; ${bytes} bytes were cut off`);
    expect(await lab.inside('ldap1', 'sort /srv/bits | uniq -c')).toMatch(/^ *2 first\n *1 second\n$/);
    expect((await run(['verify-journal', 'last'], { env })).stdout).toMatch(/each as it was written$/m);
  });

  test('garbage without a line end behind the last record is told as such bytes', async () => {
    const { verify } = await judgeOnly(Buffer.concat([good, Buffer.from('garbage')]));
    expect(verify).toMatchObject({ code: 0 });
    expect(verify.stdout).toContain('; 7 bytes of a last record that was never finished');
  });

  test('a journal without a record proves nothing, and is not resumed', async () => {
    const { verify, resume, contacts } = await judge(Buffer.alloc(0));
    expect(verify.code).toBe(5);
    expect(verify.stderr).toContain(
      'its journal holds no record: it was never begun, or its journal was emptied',
    );
    expect(resume.code).toBe(1);
    expect(resume.stderr).toContain('has no first record: nothing was begun');
    expect(contacts).toBe(0);
  });
});

/** As `judge`, without a resume: for bytes that are accepted. */
async function judgeOnly(bytes: Buffer): Promise<Pick<Verdicts, 'verify'>> {
  const name = `copy-${++copies.made}`;
  cpSync(join(state, 'held'), join(state, name), { recursive: true });
  writeFileSync(journalOf(name), bytes);
  return { verify: await run(['verify-journal', 'last'], { env: { LOCKSTEP_STATE: join(state, name) } }) };
}
