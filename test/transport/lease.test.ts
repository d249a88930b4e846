/** A lease as every sh of this machine keeps it: one holder, a growing epoch, and no start without it. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changeFrame, lookFrame } from '../../src/transport/envelope.ts';
import type { Lease, LeaseAnswer, LeaseAsk, LeaseTerms } from '../../src/transport/lease.ts';
import { leaseFrame, readLease } from '../../src/transport/lease-frame.ts';
import type { Session } from '../../src/transport/session.ts';
import { shells, startSession } from './shells.ts';

let directory: string;
let receipts: string;
const open: Session[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lockstep-lease-'));
  receipts = join(directory, 'receipts');
});
afterEach(() => {
  for (const session of open.splice(0)) session.close();
  rmSync(directory, { recursive: true, force: true });
});

const terms = (run: string, more: Partial<LeaseTerms> = {}): LeaseTerms => ({
  nonce: `nonce-of-${run}`,
  run,
  controller: 'm:b:1:2',
  seconds: 60,
  since: '2026-11-25T01:00:00.000Z',
  who: 'alice@desk',
  why: "CHG-4211: it's \\n $HOME `id` über",
  ...more,
});
const alice = terms('run-a');
const bob = terms('run-b', { who: 'bob@jump' });

describe.each(shells)('a lease kept by %s', (_name, words) => {
  async function lane(): Promise<Session> {
    const session = await startSession(words, receipts);
    open.push(session);
    return session;
  }
  async function ask(session: Session, what: LeaseAsk): Promise<LeaseAnswer> {
    const seq = session.nextSeq();
    return readLease('here', await session.run(leaseFrame(seq, what), seq, { probe: false }));
  }
  const claim = (session: Session, who: LeaseTerms, over?: number) =>
    ask(session, { act: 'claim', terms: who, ...(over !== undefined && { over }) });
  async function begin(session: Session, run: string, attempt: number, lease: Lease) {
    const seq = session.nextSeq();
    const token = { run, task: 'a@h', attempt, lease };
    const command = { argv: ['touch', join(directory, `ran-${attempt}`)] };
    return (await session.run(changeFrame(token, seq, command, 'END', false), seq, { probe: false })).words;
  }
  const ran = (attempt: number) => existsSync(join(directory, `ran-${attempt}`));

  test('is taken by one, and told to the next: who, since when and why, byte for byte', async () => {
    const session = await lane();
    expect(await ask(session, { act: 'look' })).toEqual({ kind: 'free', epoch: 0 });
    expect(await claim(session, alice)).toEqual({ kind: 'taken', epoch: 1, running: [] });
    const agoSeconds = expect.any(Number);
    const held = { kind: 'held', epoch: 1, holder: alice, agoSeconds, lapsed: false, running: [] };
    expect(await claim(await lane(), bob)).toEqual(held);
    expect(await ask(session, { act: 'look' })).toEqual(held);
  });

  test('asked for again by its holder is the same one', async () => {
    const session = await lane();
    await claim(session, alice);
    expect(await claim(session, alice)).toEqual({ kind: 'taken', epoch: 1, running: [] });
  });

  test('given back is free, and the next holder has the next epoch', async () => {
    const session = await lane();
    await claim(session, alice);
    const lease = { epoch: 1, nonce: alice.nonce };
    expect(await ask(session, { act: 'free', lease })).toEqual({ kind: 'kept' });
    expect(await ask(session, { act: 'look' })).toEqual({ kind: 'free', epoch: 1 });
    expect(await claim(session, bob)).toEqual({ kind: 'taken', epoch: 2, running: [] });
    expect(readdirSync(receipts).sort()).toEqual(['lease.2', 'lease.2.beat']);
  });

  test('is taken over only by one who has seen that very epoch', async () => {
    const session = await lane();
    await claim(session, alice);
    expect(await claim(session, bob, 7)).toMatchObject({ kind: 'held', holder: alice });
    expect(await claim(session, bob, 1)).toEqual({ kind: 'taken', epoch: 2, running: [] });
    expect(await ask(session, { act: 'renew', lease: { epoch: 1, nonce: alice.nonce } })).toMatchObject({
      kind: 'held',
      epoch: 2,
      holder: bob,
    });
    expect(await ask(session, { act: 'free', lease: { epoch: 1, nonce: alice.nonce } })).toMatchObject({
      kind: 'held',
      holder: bob,
    });
  });

  test('lapses when it was not renewed for its time, also across a boot', async () => {
    const session = await lane();
    await claim(session, alice);
    const beat = join(receipts, 'lease.1.beat');
    const [stamp = '', boot = ''] = readFileSync(beat, 'utf8').trim().split(' ');
    expect([stamp.length, boot]).toEqual([10, session.hello.bootId]);
    writeFileSync(beat, `${Number(stamp) - 61} ${boot}\n`);
    const lapsed = await ask(session, { act: 'look' });
    expect(lapsed).toMatchObject({ kind: 'held', lapsed: true });
    if (lapsed.kind === 'held') expect(lapsed.agoSeconds).toBeGreaterThanOrEqual(61);
    await ask(session, { act: 'renew', lease: { epoch: 1, nonce: alice.nonce } });
    expect(await ask(session, { act: 'look' })).toMatchObject({ lapsed: false });
    expect(readFileSync(beat, 'utf8')).toHaveLength(stamp.length + boot.length + 2);
    writeFileSync(beat, `${stamp} another-boot\n`);
    // What was before this boot cannot be older than the boot, as far as this clock can tell.
    const uptime = Number(stamp) - 1_000_000_000;
    expect(await ask(session, { act: 'look' })).toMatchObject({ lapsed: uptime > 60 });
  });

  test('lets its holder start, and refuses whoever holds it no longer', async () => {
    const session = await lane();
    await claim(session, alice);
    const old = { epoch: 1, nonce: alice.nonce };
    expect(await begin(session, 'run-a', 1, old)).toEqual(['e', '0']);
    await claim(await lane(), bob, 1);
    expect(await begin(session, 'run-a', 2, old)).toEqual(['n', 'lease']);
    expect(await begin(session, 'run-b', 3, { epoch: 2, nonce: bob.nonce })).toEqual(['e', '0']);
    expect([ran(1), ran(2), ran(3)]).toEqual([true, false, true]);
    const seq = session.nextSeq();
    const token = { run: 'run-a', task: 'a@h', attempt: 2 };
    const looked = await session.run(lookFrame(token, seq, { stdout: 0, stderr: 0 }, true), seq, {
      probe: false,
    });
    expect(looked.words).toEqual(['q', 'never']);
  });

  test('refuses after its folder was removed, even where the epoch is the same again', async () => {
    const session = await lane();
    await claim(session, alice);
    rmSync(receipts, { recursive: true });
    expect(await begin(session, 'run-a', 1, { epoch: 1, nonce: alice.nonce })).toEqual(['n', 'lease']);
    await claim(session, bob);
    expect(await begin(session, 'run-a', 2, { epoch: 1, nonce: alice.nonce })).toEqual(['n', 'lease']);
    expect([ran(1), ran(2)]).toEqual([false, false]);
  });

  test.each([
    ['still run there', false],
    ['still run there though their shell was killed', true],
  ])('names the commands of the former run that %s', async (_what, killed) => {
    const [mine, other] = [await lane(), await lane()];
    await claim(mine, alice);
    const seq = mine.nextSeq();
    const token = { run: 'run-a', task: 'slow@h', attempt: 1, lease: { epoch: 1, nonce: alice.nonce } };
    const go = join(directory, 'go');
    const command = { script: `until [ -e ${go} ]; do sleep 0.02; done` };
    let started: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      started = resolve;
    });
    const frame = changeFrame(token, seq, command, 'END', true);
    const running = mine.run(frame, seq, { probe: false, onStarted: started });
    await begun;
    const ended = running.catch(() => undefined);
    let child = '';
    if (killed) {
      const children = `/proc/${mine.hello.pid}/task/${mine.hello.pid}/children`;
      while (child === '') {
        await sleep(5);
        child = readFileSync(children, 'utf8').trim();
      }
      process.kill(mine.hello.pid, 'SIGKILL');
      await ended;
    }
    expect(await ask(other, { act: 'look' })).toMatchObject({ kind: 'held', running: ['slow@h.1'] });
    expect(await claim(other, bob, 1)).toEqual({ kind: 'taken', epoch: 2, running: ['slow@h.1'] });
    writeFileSync(go, '');
    if (!killed) expect((await ended)?.words).toEqual(['e', '0']);
    // It leaves nothing behind that would look for its file for ever.
    while (killed && existsSync(`/proc/${child}`)) await sleep(5);
  });

  test('is held by one only, however many ask at once', async () => {
    const lanes = await Promise.all(Array.from({ length: 8 }, lane));
    for (let round = 0; round < 6; round++) {
      const free = await ask(lanes[0] as Session, { act: 'look' });
      const over = free.kind === 'held' ? free.epoch : undefined;
      const claims = lanes.map((session, index) => claim(session, terms(`r${round}-${index}`), over));
      const answers = await Promise.all(claims);
      expect(answers.filter(({ kind }) => kind === 'taken')).toHaveLength(1);
      const winner = answers.findIndex(({ kind }) => kind === 'taken');
      expect(await ask(lanes[3] as Session, { act: 'look' })).toMatchObject({
        epoch: round + 1,
        holder: { run: `r${round}-${winner}` },
      });
    }
  });

  test('that cannot be kept is an error that names the cause', async () => {
    writeFileSync(receipts, 'a file, not a directory');
    await expect(claim(await lane(), alice)).rejects.toMatchObject({
      kind: 'not-started',
      message: expect.stringMatching(/the lease of here cannot be kept there: .*receipts/),
    });
  });

  test('whose file is torn is nobody’s', async () => {
    mkdirSync(receipts, { recursive: true });
    for (const text of ['', 'nonce', 'nonce run-a m:b:1:2 60']) {
      writeFileSync(join(receipts, 'lease.4'), text);
      expect([text, await ask(await lane(), { act: 'look' })]).toEqual([text, { kind: 'free', epoch: 4 }]);
    }
    expect(await claim(await lane(), bob)).toEqual({ kind: 'taken', epoch: 5, running: [] });
  });
});
