/**
 * Canary secrets of many shapes go through every place where a secret may stand, and hosts say them in every form: nothing that
 * lockstep keeps, shows or starts has one in it. The seed makes the same canaries again (`CANARY_SEED`).
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labDir } from '../../src/lab/lab-paths.ts';
import { type Ended, eventsOf, lockstepFor, outcomes } from './lockstep.ts';
import { type Access, layAccess } from './secrets/access.ts';
import { type Canary, makeCanaries } from './secrets/canaries.ts';
import { canaryRunbook, exposingRunbook, foreignRunbook, slowRunbook } from './secrets/canary-runbook.ts';
import { CRASHES, crash } from './secrets/crashes.ts';
import { type Sampled, samplePs } from './secrets/ps-sampler.ts';
import { type Leak, Scanner, tellLeaks } from './secrets/scanner.ts';
import { answerAsks, laySources, sourcesFor, writeInventory } from './secrets/sources.ts';
import { sharedLab } from './shared-lab.ts';

const { run, start, atTerminal, state } = lockstepFor();
const lab = sharedLab('secrets', { hosts: 1 });
const seed = process.env['CANARY_SEED'] ?? randomBytes(6).toString('hex');
const canaries = makeCanaries(seed);
const scanner = new Scanner(canaries);
/** What the test itself needs: the sources, which hold the canaries. */
const own = mkdtempSync(join(tmpdir(), 'lockstep-canaries-'));
const temporary = join(own, 'tmp');
const sources = join(own, 'sources');
let sampling: ReturnType<typeof samplePs>;
let sampled: Sampled;
let access: Access;

/** Fails with each leak, its place, form and canary. */
function expectNone(leaks: readonly Leak[]): void {
  expect(tellLeaks(leaks, canaries), `CANARY_SEED=${seed}`).toBe('');
}

const scanEnded = (what: string, { stdout, stderr }: Pick<Ended, 'stdout' | 'stderr'>): void => {
  expectNone([...scanner.scan(`stdout of ${what}`, stdout), ...scanner.scan(`stderr of ${what}`, stderr)]);
};

const runbookFile = (name: string, text: string): string => {
  const path = join(own, `${name}.yaml`);
  writeFileSync(path, text);
  return path;
};

/** The process id of the lockstep that works on the only run of a state directory. */
function lockedBy(folder: string): number {
  const [id = ''] = readdirSync(join(folder, 'runs'));
  return JSON.parse(readFileSync(join(folder, 'runs', id, 'lock'), 'utf8')).pid;
}

/** Everything that tells of a run afterwards. */
async function tellAgain(folder: string): Promise<void> {
  const env = { LOCKSTEP_STATE: folder };
  for (const words of [
    ['show'],
    ['show', '--json'],
    ['show', '--ndjson'],
    ['runs'],
    ['runs', '--json'],
    ['verify-journal', '--json'],
  ]) {
    const told = await run(words, { env });
    expect(told.code, told.stderr).toBe(0);
    scanEnded(words.join(' '), told);
  }
  expectNone(scanner.scanFolder(folder));
}

beforeAll(async () => {
  mkdirSync(temporary);
  await laySources(lab, sources, canaries);
  access = await layAccess(lab, own, canaries);
  sampling = samplePs(canaries);
});
afterAll(async () => {
  await sampling?.stop();
  rmSync(own, { recursive: true, force: true });
});

describe(`${canaries.length} canaries`, () => {
  test('differ, and are of many shapes', () => {
    expect(canaries.length).toBeGreaterThanOrEqual(30);
    expect(new Set(canaries.map(({ value }) => value)).size).toBe(canaries.length);
    for (const { shape, pieces } of canaries) expect(pieces.length, shape).toBeGreaterThan(0);
  });

  test('with --ndjson: a run to its end, and all that tells of it', async () => {
    const { inventory, env } = sourcesFor(lab, sources, canaries, { round: 0, asks: false });
    const folder = join(state, 'ndjson');
    const told = await run(
      ['run', runbookFile('all', canaryRunbook(canaries)), '-i', inventory, '--yes', '--ndjson'],
      {
        env: { ...env, LOCKSTEP_STATE: folder, TMPDIR: temporary },
      },
    );
    expect(told.code, told.stderr).toBe(0);
    const ended = outcomes(told.stdout);
    for (const { name } of canaries) expect(ended[`${name}-says@ldap1`], name).toBe('changed');
    const failed = Object.entries(ended).filter(([, outcome]) => outcome === 'failed');
    expect(failed.length).toBeGreaterThanOrEqual(canaries.length);
    scanEnded('run --ndjson', told);
    await tellAgain(folder);
  });

  test('with --plain: held by SIGTERM in the middle of a command, resumed', async () => {
    const some = canaries.filter((_, index) => index % 4 === 0);
    const { inventory, env } = sourcesFor(lab, sources, some, { round: 1, asks: false });
    const folder = join(state, 'plain');
    const withEnv = { env: { ...env, LOCKSTEP_STATE: folder, TMPDIR: temporary } };
    const begun = start(
      ['run', runbookFile('even', canaryRunbook(some)), '-i', inventory, '--yes', '--plain'],
      withEnv,
    );
    await begun.says('Step slow');
    await sleep(500);
    begun.kill('SIGTERM');
    const held = await begun.ended;
    expect(held.code, held.stdout.slice(-2000) + held.stderr).toBe(130);
    scanEnded('run --plain', held);
    const resumed = await run(['resume', '--yes', '--plain'], withEnv);
    expect(resumed.code, resumed.stdout.slice(-2000) + resumed.stderr).toBe(0);
    scanEnded('resume --plain', resumed);
    await tellAgain(folder);
  });

  test('at a terminal: asked for, killed by SIGKILL in the middle of a command, resumed', async () => {
    const some = canaries.filter((_, index) => index % 2 === 1);
    const { inventory, env, kinds } = sourcesFor(lab, sources, some, { round: 2, asks: true });
    const folder = join(state, 'terminal');
    const withEnv = { env: { ...env, LOCKSTEP_STATE: folder, TMPDIR: temporary, NO_COLOR: undefined } };
    const begun = atTerminal(
      ['run', runbookFile('odd', canaryRunbook(some)), '-i', inventory, '--yes'],
      withEnv,
    );
    const asked = answerAsks(begun, some);
    await begun.says('Step slow');
    // Past two seconds the last words of the command are drawn: one half of the secret.
    await begun.says(/2\.\d s {2}\d+ Step slow/);
    process.kill(lockedBy(folder), 'SIGKILL');
    expect((await begun.ended).code).toBe(137);
    expect(await asked).toBe([...kinds.values()].filter((kind) => kind === 'ask').length);
    scanEnded('run at a terminal', await begun.ended);

    const again = atTerminal(['resume', '--yes'], withEnv);
    void answerAsks(again, some);
    const resumed = await again.ended;
    expect(resumed.code, resumed.stdout.slice(-3000)).toBe(0);
    scanEnded('resume at a terminal', resumed);
    await tellAgain(folder);
  });

  test('that open the way to a host: logins, sudo, a key; and a host that says them again', async () => {
    const { inventory, runbook, env, ways } = access;
    for (const [index, flags] of [['--ndjson'], ['--plain']].entries()) {
      const folder = join(state, `access-${index}`);
      const told = await run(['run', runbook, '-i', inventory, '--yes', ...flags], {
        env: { ...env, LOCKSTEP_STATE: folder, TMPDIR: temporary },
      });
      expect(told.code, told.stdout + told.stderr).toBe(0);
      if (index === 0) {
        const failed = Object.values(outcomes(told.stdout)).filter((outcome) => outcome === 'failed');
        expect(failed).toHaveLength(ways);
      }
      scanEnded(`run ${flags} of the ways in`, told);
      await tellAgain(folder);
    }
    const checked = await run(['inventory', 'check', '-i', inventory], {
      env: { ...env, TMPDIR: temporary },
    });
    expect(checked.stdout).toContain(`${ways} hosts can be worked on`);
    scanEnded('inventory check', checked);
    scanEnded('inventory show', await run(['inventory', 'show', '-i', inventory], { env }));
  });

  test.each(CRASHES)(
    'in a lockstep that breaks down by %s: no core, no report, no last words hold one, and a resume ends the run',
    async (how) => {
      const canary = canaries[1] as Canary;
      const inventory = writeInventory(lab, join(own, 'inventory-crash.yaml'), {
        vars: { secrets: { [canary.name]: `env:CANARY_${canary.name}` } },
      });
      const folder = join(state, `crash-${how}`);
      const secret = { [`CANARY_${canary.name}`]: canary.value };
      const words = ['run', runbookFile('slow', slowRunbook(canary)), '-i', inventory, '--yes', '--plain'];
      const { code, stdout, stderr } = await crash(how, folder, words, secret);
      expect(code, stdout + stderr).toBe({ throw: 70, reject: 70, abort: 134, memory: 134, signal: 0 }[how]);
      scanEnded(`a lockstep that broke down by ${how}`, { stdout, stderr });
      if (code === 70) expect(stderr).toContain(`cannot send [${canary.name}]`);
      const left = readdirSync(folder);
      const reports = left.filter((name) => name.startsWith('report.'));
      expect(reports).toHaveLength(how === 'memory' || how === 'signal' ? 1 : 0);
      expect(left.filter((name) => name.startsWith('core'))).toEqual([]);
      expectNone(scanner.scanFolder(folder));

      const resumed = await run(['resume', '--yes'], {
        env: { ...secret, LOCKSTEP_STATE: join(folder, 'state') },
      });
      expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
      scanEnded(`the resume after ${how}`, resumed);
      await tellAgain(join(folder, 'state'));
    },
  );

  test('are not in what is left in temporary folders, logs and receipts, but for what a command itself has printed', async () => {
    const made = (await lab.inside('ldap1', 'cat /root/canary/generated')).trim();
    expect(made.length).toBeGreaterThan(30);
    const generated = new Scanner([
      { name: 'made', shape: 'generated', value: made, pieces: [made.slice(0, 16)] },
    ]);
    expectNone(generated.scanFolder(state));
    const root = join(labDir(lab.name), 'ldap1', 'root');
    expectNone(scanner.scanFolder(temporary));
    expectNone(scanner.scanFolder(join(root, 'tmp')));
    expectNone(scanner.scanFolder(join(root, 'var/log'), (path) => /\/(journal|private)\//.test(path)));
    expectNone(scanner.scan('the log of ldap1', await lab.inside('ldap1', 'journalctl --no-pager -o cat')));

    const receipts = join(root, 'var/lib/lockstep');
    const said = /\/(c\d\d-(says|fails|counts)|slow|makes|again)@[\w.-]+\.(out|err)$/;
    expectNone(scanner.scanFolder(receipts, (path) => said.test(path)));
    const files = readdirSync(receipts, { recursive: true, withFileTypes: true });
    expect(files.length).toBeGreaterThan(200);
    for (const file of files) {
      const mode = statSync(join(file.parentPath, file.name)).mode & 0o777;
      expect(mode, file.name).toBe(file.isDirectory() ? 0o700 : 0o600);
    }
  });

  test('are in no argument of any process, here or on the host, while all this was under way', async () => {
    sampled = await sampling.stop();
    expect(sampled.hits, `CANARY_SEED=${seed}`).toEqual([]);
    expect(sampled.rounds).toBeGreaterThan(500);
    expect(sampled.lines).toBeGreaterThan(100);
  });
});

describe('the check itself finds a leak that is planted', () => {
  const [one, two] = canaries as readonly [Canary, Canary];
  const found = (place: string, bytes: string): readonly string[] =>
    new Scanner(canaries).scan(place, bytes).map(({ canary }) => canary);

  test('in a journal, an output and at a terminal, in forms of every kind', () => {
    const base64 = Buffer.from(`user:${one.value}`).toString('base64');
    expect(found('a journal', JSON.stringify({ event: { what: two.value } }))).toContain(two.name);
    expect(found('an output', `x:: ${base64.slice(0, 9)}\n ${base64.slice(9)}\n`)).toContain(one.name);
    expect(found('an output', `${one.value.slice(0, 4)}\r\n ${one.value.slice(4)}`)).toContain(one.name);
    const half = one.value.length / 2 + 3;
    expect(
      found('a terminal', `${one.value.slice(0, half)}\u001b[0m\r\u001b[K${one.value.slice(half)}`),
    ).toContain(one.name);
    expect(found('a report', Buffer.from(one.value, 'utf16le').toString('latin1'))).toContain(one.name);
    expect(found('a dump', Buffer.from(one.value).toString('hex'))).toContain(one.name);
  });

  test('by a host that says what lockstep cannot know: in its journal, outputs, ndjson, screen and show', async () => {
    const [foreign] = makeCanaries(`${seed} foreign`) as readonly [Canary];
    await lab.inside('ldap1', 'umask 077; cat >/root/foreign', foreign.value);
    const folder = join(state, 'foreign');
    const inventory = writeInventory(lab, join(own, 'inventory-foreign.yaml'), {});
    const words = ['run', runbookFile('foreign', foreignRunbook()), '-i', inventory, '--yes'];
    const env = { LOCKSTEP_STATE: folder };
    const ndjson = await run([...words, '--ndjson'], { env });
    const plain = await run([...words, '--plain'], { env });
    const terminal = await atTerminal(words, { env }).ended;
    expect([ndjson.code, plain.code, terminal.code]).toEqual([2, 2, 2]);
    const [id = ''] = readdirSync(join(folder, 'runs'));
    const places: Readonly<Record<string, string>> = {
      journal: readFileSync(join(folder, 'runs', id, 'journal.ndjson'), 'utf8'),
      output: readdirSync(join(folder, 'runs', id, 'output'))
        .map((name) => readFileSync(join(folder, 'runs', id, 'output', name), 'utf8'))
        .join(''),
      ndjson: ndjson.stdout,
      plain: plain.stdout,
      terminal: terminal.stdout,
      show: (await run(['show'], { env })).stdout,
      json: (await run(['show', '--json'], { env })).stdout,
    };
    const foreignScanner = new Scanner([foreign]);
    for (const [place, bytes] of Object.entries(places))
      expect(foreignScanner.scan(place, bytes).length, place).toBeGreaterThan(0);
  });

  test('in an argument of a process here, and of one that lockstep itself has started on the host', async () => {
    const watching = samplePs(canaries);
    await watching.looking;
    const here = start(['lint', '/nowhere', one.value]).ended;
    const inventory = writeInventory(lab, join(own, 'inventory-exposed.yaml'), {
      vars: { secrets: { [two.name]: `file:${join(sources, two.name)}` } },
    });
    const path = runbookFile('exposed', exposingRunbook(two));
    const { code, stderr, stdout } = await run(['run', path, '-i', inventory, '--yes', '--ndjson'], {
      env: { LOCKSTEP_STATE: join(state, 'exposed') },
    });
    expect(code, stderr + stdout).toBe(0);
    expect(eventsOf(stdout).at(-1)).toMatchObject({ type: 'run.ended' });
    await here;
    const { hits } = await watching.stop();
    expect(hits.find(({ inHost, canary }) => !inHost && canary === one.name)).toBeDefined();
    expect(hits.find(({ inHost, canary }) => inHost && canary === two.name)).toBeDefined();
  });
});

test('how much was searched', () => {
  expect(scanner.bytes).toBeGreaterThan(5_000_000);
  expect(scanner.forms).toBeGreaterThan(1000);
  process.stdout.write(
    `seed ${seed}: ${canaries.length} canaries, ${scanner.forms} forms, ${scanner.bytes} bytes; ${sampled.looks} looks at arguments in ${sampled.rounds} rounds, ${sampled.lines} different\n`,
  );
});
