/**
 * A world of scripted hosts, for tests and rehearsals. It outlives its transports, so a test can end one controller and
 * go on with another; tokens start once, as on real hosts.
 */
import { Duplex } from 'node:stream';
import type { Command, CommandResult } from '../engine/ports.ts';
import { TransportError } from '../engine/ports.ts';
import { checkToken } from './envelope.ts';
import type { Reply } from './fake-host.ts';
import { FakeHost, receiptOf, resultOf } from './fake-host.ts';
import type { LeaseAnswer, LeaseAsk } from './lease.ts';
import type { Connection, HostIdentity, Progress, Receipt, Target, Token, Transport } from './transport.ts';

export class FakeWorld {
  readonly #hosts = new Map<string, FakeHost>();

  /** The host of that name, made on first use. */
  host(name: string): FakeHost {
    const host = this.#hosts.get(name) ?? new FakeHost(name);
    this.#hosts.set(name, host);
    return host;
  }

  connection(target: Target): Connection {
    return new FakeConnection(target, this.host(target.name));
  }

  /** A transport whose targets all live here. */
  transport(): Transport {
    const connections = new Map<string, Connection>();
    return {
      connect: (target) => {
        const connection = connections.get(target.name) ?? this.connection(target);
        connections.set(target.name, connection);
        return connection;
      },
      closeAll: async () => {
        for (const connection of connections.values()) await connection.close();
      },
    };
  }

  /** Throws when a host was asked for what it did not expect, or not asked for what it did. */
  assertDone(): void {
    const unmet = [...this.#hosts.values()].flatMap((host) => host.unmet());
    if (unmet.length > 0) throw new Error(unmet.join('\n'));
  }
}

const keyOf = (token: Token): string => `${token.run}/${token.task}.${token.attempt}`;

class FakeConnection implements Connection {
  readonly target: Target;
  readonly #host: FakeHost;
  #closed = false;

  constructor(target: Target, host: FakeHost) {
    this.target = target;
    this.#host = host;
  }

  async identity(): Promise<HostIdentity> {
    this.#refuseClosed();
    return this.#host.identity;
  }

  async probe(command: Command, signal?: AbortSignal): Promise<CommandResult> {
    this.#refuseClosed(signal);
    const reply = this.#host.answer('probe', command);
    this.#refuseUnreachable(reply);
    return this.#run(command, reply, signal);
  }

  async execute(
    token: Token,
    command: Command,
    progress?: Progress,
    signal?: AbortSignal,
  ): Promise<CommandResult> {
    checkToken(token);
    this.#refuseClosed(signal);
    const key = keyOf(token);
    this.#refuseSecond(key);
    if (token.lease && !this.#host.lease.isHeldBy(token.lease))
      throw this.#error('fenced', `${key} did not start: this run holds ${this.target.name} no longer`);
    const reply = this.#host.answer('change', command, key);
    this.#refuseUnreachable(reply);
    if (reply.drop === 'before-start') throw this.#error('lost', 'the link dropped');
    const { tokens } = this.#host;
    tokens.set(key, { state: 'running', result: resultOf(reply) });
    progress?.started?.();
    if (reply.stdout) progress?.output?.('stdout', reply.stdout);
    if (reply.stderr) progress?.output?.('stderr', reply.stderr);
    const result = await this.#run(command, reply, signal);
    if (reply.drop === undefined || reply.drop === 'after-end') tokens.set(key, { state: 'ended', result });
    if (reply.drop === 'vanished') tokens.set(key, { state: 'vanished', result });
    if (reply.drop !== undefined) throw this.#error('lost', 'the link dropped');
    return result;
  }

  async receipt(token: Token): Promise<Receipt> {
    checkToken(token);
    this.#refuseClosed();
    const { tokens } = this.#host;
    const found = tokens.get(keyOf(token));
    if (found !== undefined) return receiptOf(found);
    tokens.set(keyOf(token), { state: 'fenced' });
    return { kind: 'never-started' };
  }

  async reattach(token: Token, _as?: string, progress?: Progress): Promise<Receipt> {
    const key = keyOf(token);
    const found = this.#host.tokens.get(key);
    if (found?.state === 'running') {
      this.#host.tokens.set(key, { ...found, state: 'ended' });
      if (found.result.stdout) progress?.output?.('stdout', found.result.stdout);
      if (found.result.stderr) progress?.output?.('stderr', found.result.stderr);
    }
    return this.receipt(token);
  }

  async lease(ask: LeaseAsk): Promise<LeaseAnswer> {
    this.#refuseClosed();
    return this.#host.lease.answer(ask);
  }

  async stream(command: Command, signal?: AbortSignal) {
    this.#refuseClosed(signal);
    const reply = this.#host.answer('stream', command);
    this.#refuseUnreachable(reply);
    reply.effect?.(command);
    const { received } = this.#host;
    const { exit, stderr } = resultOf(reply);
    let finish: () => void = () => {};
    const written = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const stdio = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        received.push(chunk);
        done();
      },
      final(done) {
        finish();
        done();
      },
    });
    stdio.push(reply.stdout ?? '');
    stdio.push(null);
    // As a real command: a source ends when it has been read, a sink when its input ends.
    stdio.once('end', () => (reply.stdout === undefined ? undefined : finish()));
    const ended = written.then(() => ({
      code: exit.kind === 'exited' ? exit.code : null,
      signal: exit.kind === 'killed' ? exit.signal : null,
      stderr,
    }));
    return { stdio, ended };
  }

  async forwardTcp(host: string, port: number): Promise<Duplex> {
    return this.#forward(`${host}:${port}`, undefined);
  }

  async forwardUnix(path: string, as?: string): Promise<Duplex> {
    return this.#forward(path, as);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #forward(where: string, as: string | undefined): Duplex {
    this.#refuseClosed();
    const { onForward, name } = this.#host;
    if (onForward === undefined)
      throw this.#error('not-started', `${name} cannot connect to ${where}: connection refused`);
    return onForward(where, as);
  }

  /** The effect and the answer; an abort while it waits kills it. */
  async #run(command: Command, reply: Reply, signal: AbortSignal | undefined): Promise<CommandResult> {
    reply.effect?.(command);
    if (reply.until === undefined) return resultOf(reply);
    const aborted = new Promise<'aborted'>((resolve) => {
      signal?.addEventListener('abort', () => resolve('aborted'), { once: true });
    });
    const first = await Promise.race([reply.until, aborted]);
    return first === 'aborted'
      ? { ...resultOf(reply), exit: { kind: 'killed', signal: 'SIGTERM' } }
      : resultOf(reply);
  }

  #refuseClosed(signal?: AbortSignal): void {
    if (this.#closed) throw this.#error('not-started', 'the connection was closed by lockstep');
    if (signal?.aborted) throw this.#error('not-started', 'cancelled before it started');
  }

  #refuseUnreachable(reply: Reply): void {
    if (reply.unreachable)
      throw this.#error('not-started', `${this.target.name} is not reachable: refused the connection`);
  }

  #refuseSecond(key: string): void {
    const found = this.#host.tokens.get(key);
    if (found === undefined) return;
    if (found.state === 'fenced')
      throw this.#error('not-started', `${key} did not start: its token is fenced`);
    throw this.#error('lost', `${key} was begun before: its token exists on ${this.target.name}`);
  }

  #error(kind: TransportError['kind'], message: string): TransportError {
    return new TransportError(kind, this.target.name, message, 'This is a fake host: look at the test.');
  }
}
