/** A scripted host: what it expects to be asked, what it answers, and the tokens it keeps. */
import type { Duplex } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { Command, CommandResult, Exit } from '../engine/ports.ts';
import { reveal } from '../secrets/secret.ts';
import { FakeLease } from './fake-lease.ts';
import type { HostIdentity, Receipt } from './transport.ts';

export type FakeKind = 'probe' | 'change' | 'stream';

/** A list is argv, a string is a script, an object names the fields that must be equal (texts are compared in clear). */
export type Pattern = readonly string[] | string | Partial<Command> | ((command: Command) => boolean);

/**
 * `drop` cuts the link for good at that moment of a change; `execute` then rejects with `lost`, and the receipt tells:
 * `before-start` never-started, `while-running` running (until reattached), `after-end` ended, `vanished` vanished.
 */
export interface Reply {
  readonly code?: number;
  readonly exit?: Exit;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly drop?: 'before-start' | 'while-running' | 'after-end' | 'vanished';
  /** Rejects: proven that nothing started. */
  readonly unreachable?: boolean;
  /** Answers when this resolves; an abort meanwhile kills by SIGTERM. */
  readonly until?: Promise<unknown>;
  /** Runs when the command does, to change what the test's world holds. */
  readonly effect?: (command: Command) => void;
}

/** Everything the host was asked, in order. */
export interface Call {
  readonly kind: FakeKind;
  readonly command: Command;
  readonly token?: string;
}

interface Expectation {
  readonly kind: FakeKind | undefined;
  readonly pattern: Pattern;
  readonly reply: Reply | ((command: Command) => Reply);
}

export type FakeToken =
  | { readonly state: 'fenced' }
  | { readonly state: 'running' | 'ended' | 'vanished'; readonly result: CommandResult };

const IDENTITY: HostIdentity = {
  hostname: '',
  machineId: 'fake',
  bootId: 'boot-1',
  hostKey: 'SHA256:fake',
  uid: 0,
};

export class FakeHost {
  readonly name: string;
  readonly calls: Call[] = [];
  readonly tokens = new Map<string, FakeToken>();
  /** Bytes that streams were sent. */
  readonly received: Buffer[] = [];
  identity: HostIdentity;
  readonly lease = new FakeLease();
  /** Answers forwardTcp (`host:port`) and forwardUnix (a path). */
  onForward: ((where: string, as: string | undefined) => Duplex) | undefined;
  readonly #expected: Expectation[] = [];
  readonly #always: Expectation[] = [];
  readonly #complaints: string[] = [];

  constructor(name: string) {
    this.name = name;
    this.identity = { ...IDENTITY, hostname: name };
  }

  /** The next probe, once, in this order. */
  expectProbe(pattern: Pattern, reply: Expectation['reply'] = {}): this {
    this.#expected.push({ kind: 'probe', pattern, reply });
    return this;
  }

  /** The next change, once, in this order. */
  expectChange(pattern: Pattern, reply: Expectation['reply'] = {}): this {
    this.#expected.push({ kind: 'change', pattern, reply });
    return this;
  }

  /** The next stream, once, in this order; `stdout` is what it sends. */
  expectStream(pattern: Pattern, reply: Expectation['reply'] = {}): this {
    this.#expected.push({ kind: 'stream', pattern, reply });
    return this;
  }

  /** Answered any number of times, also never; looked at when the next expectation does not match. */
  always(pattern: Pattern, reply: Expectation['reply'] = {}): this {
    this.#always.push({ kind: undefined, pattern, reply });
    return this;
  }

  /** Another boot: what ran has vanished. */
  reboot(bootId: string): this {
    this.identity = { ...this.identity, bootId };
    for (const [name, token] of this.tokens) {
      if (token.state === 'running') this.tokens.set(name, { ...token, state: 'vanished' });
    }
    return this;
  }

  /** Takes the call down and finds its reply. Throws when nothing expects it. */
  answer(kind: FakeKind, command: Command, token?: string): Reply {
    this.calls.push(token === undefined ? { kind, command } : { kind, command, token });
    const [next] = this.#expected;
    const fits = (one: Expectation): boolean =>
      (one.kind === undefined || one.kind === kind) && matches(one.pattern, command);
    const found = next !== undefined && fits(next) ? this.#expected.shift() : this.#always.find(fits);
    if (found === undefined) {
      const wanted = next === undefined ? 'nothing more' : `${next.kind} ${show(next.pattern)}`;
      const complaint = `${this.name} was asked for ${kind} ${show(command)}, but expects ${wanted}`;
      this.#complaints.push(complaint);
      throw new Error(complaint);
    }
    const reply = typeof found.reply === 'function' ? found.reply(command) : found.reply;
    return reply;
  }

  /** What went unasked, and what was asked without being expected. */
  unmet(): readonly string[] {
    const missing = this.#expected.map(
      ({ kind, pattern }) => `${this.name} was never asked for ${kind} ${show(pattern)}`,
    );
    return [...this.#complaints, ...missing];
  }
}

export function resultOf(reply: Reply): CommandResult {
  return {
    exit: reply.exit ?? { kind: 'exited', code: reply.code ?? 0 },
    stdout: reply.stdout ?? '',
    stderr: reply.stderr ?? '',
    truncated: false,
    durationMs: 0,
  };
}

export function receiptOf(token: FakeToken): Receipt {
  if (token.state === 'fenced') return { kind: 'never-started' };
  const { result } = token;
  if (token.state === 'ended') return { kind: 'ended', result };
  const { stdout, stderr } = result;
  if (token.state === 'running') return { kind: 'running', pid: 4242, stdout, stderr };
  return { kind: 'vanished', why: 'its shell is gone and left no exit code: it was killed', stdout, stderr };
}

function matches(pattern: Pattern, command: Command): boolean {
  if (typeof pattern === 'function') return pattern(command);
  if (typeof pattern === 'string') return command.script === pattern;
  if (isArgv(pattern)) return isDeepStrictEqual(command.argv, pattern);
  return isDeepStrictEqual(
    clear(pattern),
    clear(Object.fromEntries(Object.keys(pattern).map((key) => [key, command[key as keyof Command]]))),
  );
}

function isArgv(pattern: Pattern): pattern is readonly string[] {
  return Array.isArray(pattern);
}

/** The command with its secrets in clear, for comparison only. */
function clear(command: Partial<Command>): object {
  const { stdin, env } = command;
  return {
    ...command,
    ...(stdin === undefined ? {} : { stdin: reveal(stdin) }),
    ...(env === undefined
      ? {}
      : { env: Object.fromEntries(Object.entries(env).map(([name, text]) => [name, reveal(text)])) }),
  };
}

function show(what: Pattern): string {
  return typeof what === 'function' ? 'one that a function accepts' : JSON.stringify(what);
}
