import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Command } from '../../src/engine/ports.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { changeFrame, checkToken, helloFrame, lookFrame, probeFrame } from '../../src/transport/envelope.ts';
import type { Answer, Session } from '../../src/transport/session.ts';
import type { Token } from '../../src/transport/transport.ts';
import { shells, startSession } from './shells.ts';

const token: Token = { run: 'r1', task: 'restart@ldap1', attempt: 1 };
let directory: string;
let receipts: string;
let session: Session | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lockstep-envelope-'));
  receipts = join(directory, 'receipts');
});
afterEach(() => {
  session?.close();
  session = undefined;
  rmSync(directory, { recursive: true, force: true });
});

async function start(words: readonly string[]): Promise<Session> {
  session = await startSession(words, receipts);
  return session;
}
function change(lane: Session, command: Command, named: Token = token): Promise<Answer> {
  const seq = lane.nextSeq();
  return lane.run(changeFrame(named, seq, command, 'END-OF-INPUT', false), seq, { probe: false });
}
function probe(lane: Session, command: Command): Promise<Answer> {
  const seq = lane.nextSeq();
  return lane.run(probeFrame(seq, command, 'END-OF-INPUT'), seq, { probe: true });
}
function look(lane: Session, named: Token = token): Promise<Answer> {
  const seq = lane.nextSeq();
  return lane.run(lookFrame(named, seq, { stdout: 0, stderr: 0 }, true), seq, { probe: false });
}

describe.each(shells)('a frame read by %s', (_name, words) => {
  test.each([
    ['a change', (command: Command) => changeFrame(token, 2, command, 'END-OF-INPUT', true)],
    ['a probe', (command: Command) => probeFrame(2, command, 'END-OF-INPUT')],
  ])('that is cut at any byte runs nothing: %s', { timeout: 60_000 }, (_kind, render) => {
    const ran = join(directory, 'ran');
    const frame = render({ argv: ['touch', ran], env: { A: 'b' }, stdin: 'in\n', cwd: '/tmp' });
    const hello = helloFrame('nonce', 1, receipts);
    const [program = 'sh', ...args] = words;
    const bytes = Buffer.from(hello + frame);
    const from = Buffer.byteLength(hello);
    // The frame without its last newline is whole, so the cuts end before the last brace.
    for (let end = from; end < bytes.length - 1; end++) {
      spawnSync(program, args, { input: bytes.subarray(0, end) });
      if (existsSync(ran) || existsSync(receipts))
        throw new Error(`cut after ${JSON.stringify(bytes.toString('utf8', from, end))}`);
    }
    spawnSync(program, args, { input: bytes });
    expect(existsSync(ran)).toBe(true);
  });

  test('passes every byte of an argument, a value and an input', async () => {
    const ascii = String.fromCharCode(...Array.from({ length: 127 }, (_, index) => index + 1));
    // UTF-8 holds all of 0x80-0xbf as second bytes; dash and bash use some of them as marks of their own.
    const wide = Array.from({ length: 64 }, (_, index) => String.fromCodePoint(0x100 + index)).join('');
    const text = `${ascii}${wide}é\u{1f600}'"\\`;
    const lane = await start(words);
    const argv = await change(lane, { argv: ['printf', '%s', text] });
    expect(argv.stdout.text()).toBe(text);
    const env = await change(lane, { script: 'printf %s "$A"', env: { A: text } }, { ...token, attempt: 2 });
    expect(env.stdout.text()).toBe(text);
    for (const stdin of [`${text}\n`, text, `\0${text}\0\0`, '\\0101\\n\\c']) {
      expect((await probe(lane, { argv: ['cat'], stdin })).stdout.text()).toBe(stdin);
    }
  });

  test('passes 1 MiB of input to a command that reads it, and to one that does not', async () => {
    const lane = await start(words);
    const lines = `${'0123456789abcdé\n'.repeat(65_536)}`;
    for (const stdin of [lines, `${lines}x`]) {
      const sum = createHash('md5').update(stdin).digest('hex');
      expect((await probe(lane, { argv: ['md5sum'], stdin })).stdout.text()).toBe(`${sum}  -\n`);
      expect((await probe(lane, { argv: ['true'], stdin })).words).toEqual(['p', '0']);
    }
    expect((await probe(lane, { argv: ['echo', 'still in step'] })).stdout.text()).toBe('still in step\n');
  });

  test('runs argv as a program, so that no builtin reaches the lane', async () => {
    const lane = await start(words);
    for (const argv of [
      ['exit', '3'],
      ['set', '-x'],
      ['_ls_say', 'e', '0'],
      ['exec', 'true'],
    ]) {
      expect((await probe(lane, { argv })).words).toEqual(['p', '127']);
    }
    expect((await probe(lane, { argv: ['command', '-v', 'cd'] })).stdout.text()).toBe('cd\n');
  });

  test('leaves the command its umask, home directory, and default SIGPIPE', async () => {
    const lane = await start(words);
    const script = 'umask; pwd; sh -c "kill -PIPE \\$\\$"; echo $?';
    const answer = await change(lane, { script });
    const umask = process.umask().toString(8).padStart(4, '0');
    expect(answer.stdout.text()).toBe(`${umask}\n${process.env.HOME}\n141\n`);
  });

  test('starts in cwd and is back after it; a cwd that is not there starts nothing', async () => {
    const lane = await start(words);
    expect((await change(lane, { argv: ['pwd'], cwd: '/usr' })).stdout.text()).toBe('/usr\n');
    expect((await probe(lane, { argv: ['pwd'] })).stdout.text()).toBe(`${process.env.HOME}\n`);
    const missing = { ...token, attempt: 2 };
    expect((await change(lane, { argv: ['pwd'], cwd: '/no/such' }, missing)).words).toEqual(['n', 'cwd']);
    const refused = await probe(lane, { argv: ['pwd'], cwd: '/no/such' });
    expect(refused.words).toEqual(['n', 'cwd']);
    expect(refused.stderr.text()).toContain('/no/such');
    expect((await look(lane, missing)).words).toEqual(['q', 'never']);
  });

  test('keeps the secret out of what the shell says of a killed command', async () => {
    const lane = await start(words);
    const command = {
      script: 'kill -SEGV $$',
      env: { PW: new Secret('pw', 'hunter2') },
      stdin: new Secret('in', 'hunter3'),
    };
    const answer = await change(lane, command);
    expect(answer.words).toEqual(['e', '139']);
    expect(answer.stderr.text()).toBe('');
    expect(answer.said.text()).not.toMatch(/hunter/);
  });

  test('keeps secrets out of every argv', async () => {
    const lane = await start(words);
    const secret = 'hunter2-in-argv';
    const script = `cat >/dev/null; cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'hunter2[-]in-argv'`;
    for (const stdin of [`${secret}\n`, secret]) {
      const command = { script, env: { PW: new Secret('pw', secret) }, stdin: new Secret('in', stdin) };
      expect((await probe(lane, command)).stdout.text()).toBe('0\n');
    }
  });

  test('makes files that only the user can read', async () => {
    const lane = await start(words);
    await change(lane, { argv: ['echo', 'x'] });
    expect(statSync(join(receipts, 'r1')).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(receipts, 'r1'))) {
      expect(statSync(join(receipts, 'r1', name)).mode & 0o777).toBe(0o600);
    }
  });

  test('starts nothing where no receipt can be kept', async () => {
    writeFileSync(receipts, 'a file, not a directory');
    const lane = await start(words);
    const answer = await change(lane, { argv: ['touch', join(directory, 'ran')] });
    expect(answer.words).toEqual(['n', 'dir']);
    expect(answer.said.text()).toContain(receipts);
    expect(existsSync(join(directory, 'ran'))).toBe(false);
  });

  test('starts nothing when the output file cannot be made, and proves it later', async () => {
    mkdirSync(join(receipts, 'r1', 'restart@ldap1.1.out'), { recursive: true });
    const lane = await start(words);
    const answer = await change(lane, { argv: ['touch', join(directory, 'ran')] });
    expect(answer.words).toEqual(['n', 'files']);
    expect(existsSync(join(directory, 'ran'))).toBe(false);
    expect((await look(lane)).words).toEqual(['q', 'never']);
  });

  test('knows a command that its killed shell has left behind, until that ends', async () => {
    const doomed = await startSession(words, receipts);
    const go = join(directory, 'go');
    const script = `echo begun; while [ ! -e ${go} ]; do sleep 0.05; done; echo ended >${directory}/ran`;
    const running = change(doomed, { script });
    running.catch(() => {});
    const output = join(receipts, 'r1', 'restart@ldap1.1.out');
    await vi.waitUntil(() => existsSync(output) && readFileSync(output, 'utf8') !== '', { timeout: 10_000 });
    const lane = await start(words);
    expect((await look(lane)).words.join(' ')).toBe(`q running ${doomed.hello.pid} ${doomed.hello.started}`);
    process.kill(doomed.hello.pid, 'SIGKILL');
    await expect(running).rejects.toThrow('SIGKILL');
    expect((await look(lane)).words.join(' ')).toMatch(/^q orphan \d+ \d+$/);
    expect(existsSync(join(directory, 'ran'))).toBe(false);
    writeFileSync(go, '');
    await vi.waitUntil(async () => (await look(lane)).words[1] !== 'orphan', { timeout: 10_000 });
    expect(existsSync(join(directory, 'ran'))).toBe(true);
    expect((await look(lane)).words.join(' ')).toBe('q killed');
  });

  test('reads a receipt with a torn end, of a dead shell and of another boot for what it is', async () => {
    const lane = await start(words);
    const { pid, started, bootId } = lane.hello;
    mkdirSync(join(receipts, 'r1'), { recursive: true });
    const write = (text: string) => writeFileSync(join(receipts, 'r1', 'restart@ldap1.1'), text);
    const startLine = (of: number, at: string, boot: string) => `start ${of} ${at} ${boot} 1.00\n`;
    const cases: readonly [string, string][] = [
      [startLine(pid, started, bootId), `q running ${pid} ${started}`],
      [`${startLine(pid, started, bootId)}exit 0`, `q running ${pid} ${started}`],
      [`${startLine(pid, started, bootId)}exit 0 3.5\n`, 'q ended 0 1.00 3.5'],
      [startLine(pid, `${started}9`, bootId), 'q killed'],
      [startLine(4_194_300, started, bootId), 'q killed'],
      [startLine(pid, started, 'another-boot'), 'q rebooted'],
      ['start 12', 'q empty'],
      ['', 'q empty'],
      ['fenced\n', 'q never'],
    ];
    for (const [text, words] of cases) {
      write(text);
      expect([text, (await look(lane)).words.join(' ')]).toEqual([text, words]);
    }
  });
});

test('a token is a safe file name', () => {
  for (const run of ['', '..', '.x', 'a/b', 'a b', 'a\n', 'x'.repeat(201)]) {
    expect(() => checkToken({ run, task: 't', attempt: 1 })).toThrow(TypeError);
  }
  expect(() => checkToken({ run: 'r', task: 't', attempt: 1.5 })).toThrow(TypeError);
  expect(() => checkToken({ run: '20261122-ab', task: 'step@host.example', attempt: 0 })).not.toThrow();
});

test('an exit code is in the token as soon as the command has ended', async () => {
  const lane = await start(['sh']);
  await change(lane, { argv: ['sh', '-c', 'exit 5'] });
  expect(readFileSync(join(receipts, 'r1', 'restart@ldap1.1'), 'utf8')).toMatch(
    /^start \d+ \d+ [0-9a-f-]+ [\d.]+\nexit 5 [\d.]+\n$/,
  );
});
