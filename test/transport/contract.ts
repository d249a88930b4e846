/** What every transport must do; `local`, `fake` and `ssh2` are held to the same sentences. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command, TransportError } from '../../src/engine/ports.ts';
import { Secret } from '../../src/secrets/secret.ts';
import type { Reply } from '../../src/transport/fake-host.ts';
import type { LeaseTerms } from '../../src/transport/lease.ts';
import type { Connection, Token } from '../../src/transport/transport.ts';

export interface Subject {
  readonly connection: Connection;
  /** Tells a scripted host what is to come and what a real one would answer; nothing on real ones. */
  prime(kind: 'probe' | 'change' | 'stream', command: Command, reply: Reply): void;
  /** Ends the subject, and fails when something that was primed never came. */
  end(): Promise<void>;
}

const leaseTerms = (run: string): LeaseTerms => ({
  nonce: `nonce-${run}-${process.pid}`,
  run,
  controller: 'm:b:1:2',
  seconds: 60,
  since: '2026-11-25T01:00:00.000Z',
  who: 'alice@desk',
  why: 'CHG-4211',
});

let runs = 0;
const newToken = (attempt = 1): Token => ({
  run: `contract-${process.pid}`,
  task: `task-${++runs}@host`,
  attempt,
});

const failure = (promise: Promise<unknown>): Promise<TransportError> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );

export function transportContract(name: string, start: () => Promise<Subject>): void {
  describe(`the ${name} transport`, () => {
    let subject: Subject;
    const probe = (command: Command, reply: Reply) => {
      subject.prime('probe', command, reply);
      return subject.connection.probe(command);
    };
    const change = (token: Token, command: Command, reply: Reply) => {
      subject.prime('change', command, reply);
      return subject.connection.execute(token, command);
    };

    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject.end());

    test('says who the host is, the same each time', async () => {
      const first = await subject.connection.identity();
      expect(first.hostname).not.toBe('');
      expect(first.bootId).not.toBe('');
      expect(await subject.connection.identity()).toEqual(first);
    });

    test('gives back what a probe wrote, byte for byte, and its code', async () => {
      const stdout = "no newline, 'quotes', $HOME, \\n, é\u0101\u{1f600}";
      const command = {
        argv: ['sh', '-c', 'printf %s "$1"; printf "to stderr\\n" >&2; exit 3', 'sh', stdout],
      };
      const result = await probe(command, { code: 3, stdout, stderr: 'to stderr\n' });
      expect(result).toMatchObject({
        exit: { kind: 'exited', code: 3 },
        stdout,
        stderr: 'to stderr\n',
        truncated: false,
      });
    });

    test('runs a script with values from env, a secret among them', async () => {
      const command = {
        script: 'printf "%s-%s" "$A" "$B"',
        env: { A: "it's", B: new Secret('b', '$x `y`') },
      };
      expect((await probe(command, { stdout: "it's-$x `y`" })).stdout).toBe("it's-$x `y`");
    });

    test.each([
      ['lines', 'one\ntwo $HOME `id` \\ end\n'],
      ['text without a last newline', 'one\ntwo\\'],
      ['nothing', ''],
    ])('gives a command %s on stdin', async (_what, stdin) => {
      const result = await change(newToken(), { argv: ['cat'], stdin }, { stdout: stdin });
      expect(result.stdout).toBe(stdin);
    });

    test('executes a change, tells that it started, and keeps its receipt', async () => {
      const token = newToken();
      const command = { argv: ['sh', '-c', 'echo out; echo err >&2; exit 7'] };
      subject.prime('change', command, { code: 7, stdout: 'out\n', stderr: 'err\n' });
      let started = 0;
      const seen: string[] = [];
      const progress = {
        started: () => void started++,
        output: (stream: string, text: string) => void seen.push(stream, text),
      };
      const result = await subject.connection.execute(token, command, progress);
      expect(result).toMatchObject({ exit: { kind: 'exited', code: 7 }, stdout: 'out\n', stderr: 'err\n' });
      expect(started).toBe(1);
      expect(seen).toEqual(['stdout', 'out\n', 'stderr', 'err\n']);
      expect(await subject.connection.receipt(token)).toMatchObject({
        kind: 'ended',
        result: { exit: { kind: 'exited', code: 7 }, stdout: 'out\n', stderr: 'err\n' },
      });
    });

    test('refuses to start a token twice', async () => {
      const token = newToken();
      await change(token, { argv: ['true'] }, {});
      const error = await failure(subject.connection.execute(token, { argv: ['true'] }));
      expect([error.kind, error.message]).toEqual(['lost', expect.stringContaining('begun before')]);
      expect(await subject.connection.receipt(token)).toMatchObject({ kind: 'ended' });
    });

    test('fences a token that never started, so that it never can', async () => {
      const token = newToken();
      expect(await subject.connection.receipt(token)).toEqual({ kind: 'never-started' });
      const error = await failure(subject.connection.execute(token, { argv: ['true'] }));
      expect(error.kind).toBe('not-started');
      expect(await subject.connection.receipt(token)).toEqual({ kind: 'never-started' });
      expect(await subject.connection.reattach(token)).toEqual({ kind: 'never-started' });
    });

    test('lets a holder of the lease start, and nobody whose lease was taken over', async () => {
      const { connection } = subject;
      const seen = await connection.lease({ act: 'look' });
      const claim = (run: string, over?: number) =>
        connection.lease({ act: 'claim', terms: leaseTerms(run), ...(over !== undefined && { over }) });
      const first = await claim('first', seen.kind === 'held' ? seen.epoch : undefined);
      if (first.kind !== 'taken') throw new Error(first.kind);
      const lease = { epoch: first.epoch, nonce: leaseTerms('first').nonce };
      await change({ ...newToken(), lease }, { argv: ['true'] }, {});
      expect(await claim('second')).toMatchObject({ kind: 'held', holder: leaseTerms('first') });
      expect(await claim('second', first.epoch)).toMatchObject({ kind: 'taken', epoch: first.epoch + 1 });
      const token = newToken();
      const error = await failure(connection.execute({ ...token, lease }, { argv: ['true'] }));
      expect([error.kind, error.message]).toEqual(['fenced', expect.stringContaining('holds')]);
      expect(await connection.receipt(token)).toEqual({ kind: 'never-started' });
      const again = { epoch: first.epoch + 1, nonce: leaseTerms('second').nonce };
      expect(await connection.lease({ act: 'renew', lease })).toMatchObject({ kind: 'held' });
      expect(await connection.lease({ act: 'renew', lease: again })).toEqual({ kind: 'kept' });
      expect(await connection.lease({ act: 'free', lease: again })).toEqual({ kind: 'kept' });
      expect(await connection.lease({ act: 'look' })).toEqual({ kind: 'free', epoch: first.epoch + 1 });
    });

    test('tells a command that was killed from one that exited', async () => {
      const killed = { kind: 'killed', signal: 'SIGKILL' } as const;
      const result = await change(newToken(), { script: 'kill -KILL $$' }, { exit: killed });
      expect(result.exit).toEqual(killed);
    });

    test('starts nothing once it is cancelled', async () => {
      const token = newToken();
      const error = await failure(
        subject.connection.execute(token, { argv: ['true'] }, {}, AbortSignal.abort()),
      );
      expect(error.kind).toBe('not-started');
      expect(await subject.connection.receipt(token)).toEqual({ kind: 'never-started' });
    });

    test('refuses a token that is no file name', async () => {
      const token = { run: '../etc', task: 'x', attempt: 1 };
      await expect(subject.connection.execute(token, { argv: ['true'] })).rejects.toThrow(
        'cannot name a token',
      );
    });

    test('streams what a command writes', async () => {
      const command = { argv: ['printf', 'a\\0b'] };
      subject.prime('stream', command, { stdout: 'a\0b' });
      const { stdio, ended } = await subject.connection.stream(command);
      const chunks: Buffer[] = [];
      for await (const chunk of stdio) chunks.push(Buffer.from(chunk));
      expect(Buffer.concat(chunks).toString()).toBe('a\0b');
      expect(await ended).toEqual({ code: 0, signal: null, stderr: '' });
    });

    test('streams into a command until its input ends', async () => {
      const command = { argv: ['sh', '-c', 'cat >/dev/null; echo done >&2; exit 4'] };
      subject.prime('stream', command, { code: 4, stderr: 'done\n' });
      const { stdio, ended } = await subject.connection.stream(command);
      stdio.resume();
      stdio.end(Buffer.alloc(300_000, 'x'));
      expect(await ended).toEqual({ code: 4, signal: null, stderr: 'done\n' });
    });

    test('starts nothing after it was closed', async () => {
      const closing = await start();
      await closing.connection.close();
      expect((await failure(closing.connection.execute(newToken(), { argv: ['true'] }))).kind).toBe(
        'not-started',
      );
      await closing.end();
    });
  });
}
