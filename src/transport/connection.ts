/** A host, over sessions of its `sh`: what `ssh2` and `local` share, which is all but how to get there. */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Command, CommandResult } from '../engine/ports.ts';
import { TransportError } from '../engine/ports.ts';
import { effectiveUser } from './become.ts';
import { changeFrame, checkToken, probeFrame } from './envelope.ts';
import { follow, lookAgain, lost, showMeanwhile, Transcript } from './follow.ts';
import type { LeaseAnswer, LeaseAsk } from './lease.ts';
import { askLease } from './lease-lane.ts';
import { LaneLost } from './link.ts';
import { exitOf } from './output.ts';
import type { Dial } from './reach.ts';
import { Reach } from './reach.ts';
import { notBegun, tokenText } from './receipts.ts';
import { recover } from './recover.ts';
import { openUnixRelay, withSocketManners } from './relay.ts';
import type { Answer, Session } from './session.ts';
import { needsPrintf } from './shell.ts';
import type { Watch } from './stop.ts';
import { stopBelow, watch } from './stop.ts';
import { openStream } from './stream.ts';
import type {
  ByteStream,
  Connection,
  HostIdentity,
  Progress,
  Receipt,
  Target,
  Token,
  TransportOptions,
} from './transport.ts';

const PROBE_MS = 60_000;
const CHANGE_MS = 600_000;

export class ShellConnection implements Connection {
  readonly target: Target;
  readonly #reach: Reach;

  constructor(target: Target, dial: Dial, options: TransportOptions) {
    this.target = target;
    this.#reach = new Reach(target, dial, options);
  }

  async identity(): Promise<HostIdentity> {
    const { link } = await this.#reach.up();
    const hello = await this.#reach
      .withLane('probe', undefined, async (lane) => lane.hello)
      .catch((error: unknown) => {
        throw error instanceof LaneLost ? this.#reach.notStarted(error.message, error) : error;
      });
    const { hostname, machineId, bootId, uid } = hello;
    return { hostname, machineId, bootId, hostKey: link.hostKey, uid };
  }

  /** A probe only looks, so one that was cut off by a dropped link is run again, once. */
  async probe(command: Command, signal?: AbortSignal): Promise<CommandResult> {
    for (let left = 1; ; left--) {
      try {
        return await this.#probe(command, signal);
      } catch (error) {
        if (!(error instanceof LaneLost)) throw error;
        if (left > 0 && !signal?.aborted) continue;
        throw error.written ? lost(this.#reach, error) : this.#reach.notStarted(error.message, error);
      }
    }
  }

  #probe(command: Command, signal: AbortSignal | undefined): Promise<CommandResult> {
    this.#refuseAborted(signal);
    return this.#reach.withLane('probe', command.as, async (lane) => {
      this.#checkInput(lane, command);
      const seq = lane.nextSeq();
      const frame = probeFrame(seq, command, delimiterFor(command));
      const timeoutMs = command.timeoutMs ?? PROBE_MS;
      const watching = watch(timeoutMs, signal);
      const begun = performance.now();
      try {
        const run = lane.run(frame, seq, { probe: true });
        const answer = await this.#attend(lane, command.as, run, watching);
        const refused = notBegun(this.target.name, 'the probe', answer);
        if (refused !== undefined) throw refused;
        return this.#result(answer, timeoutMs, watching, begun);
      } finally {
        watching.off();
      }
    });
  }

  async execute(
    token: Token,
    command: Command,
    progress?: Progress,
    signal?: AbortSignal,
  ): Promise<CommandResult> {
    checkToken(token);
    this.#refuseAborted(signal);
    const timeoutMs = command.timeoutMs ?? CHANGE_MS;
    const transcript = new Transcript(progress);
    let begun = 0;
    let watching: Watch | undefined;
    let before: Session['hello'] | undefined;
    try {
      return await this.#reach.withLane('change', command.as, async (lane) => {
        this.#checkInput(lane, command);
        this.#refuseAborted(signal);
        before = lane.hello;
        begun = performance.now();
        watching = watch(timeoutMs, signal);
        const seq = lane.nextSeq();
        const started = progress?.started?.bind(progress);
        const frame = changeFrame(token, seq, command, delimiterFor(command), started !== undefined);
        const run = lane.run(frame, seq, { probe: false, onStarted: started });
        const streaming =
          progress?.output === undefined
            ? undefined
            : showMeanwhile(this.#reach, token, command.as, transcript, run);
        const answer = await this.#attend(lane, command.as, run, watching);
        await streaming;
        const refused = notBegun(this.target.name, tokenText(token), answer);
        if (refused !== undefined) throw refused;
        transcript.finish(answer.stdout, answer.stderr);
        return this.#result(answer, timeoutMs, watching, begun);
      });
    } catch (error) {
      if (!(error instanceof LaneLost)) throw error;
      if (!error.written || before === undefined || watching === undefined)
        throw this.#reach.notStarted(error.message, error);
      const result = await recover(this.#reach, token, command.as, transcript, watching, before, error);
      const exit =
        watching.reason() === 'timeout' && result.stopped ? timedOut(timeoutMs) : result.ended.exit;
      return { ...result.ended, exit, durationMs: Math.round(performance.now() - begun) };
    } finally {
      watching?.off();
    }
  }

  async receipt(token: Token, as?: string): Promise<Receipt> {
    checkToken(token);
    return (await lookAgain(this.#reach, token, as, undefined, true)).receipt;
  }

  async reattach(token: Token, as?: string, progress?: Progress, signal?: AbortSignal): Promise<Receipt> {
    checkToken(token);
    const watching = watch(undefined, signal);
    try {
      return (await follow(this.#reach, token, as, new Transcript(progress), watching)).receipt;
    } finally {
      watching.off();
    }
  }

  lease(ask: LeaseAsk, as?: string): Promise<LeaseAnswer> {
    return askLease(this.#reach, ask, as);
  }

  async stream(command: Command, signal?: AbortSignal): Promise<ByteStream> {
    this.#refuseAborted(signal);
    return openStream(this.#reach, command, signal);
  }

  async forwardTcp(host: string, port: number): Promise<Duplex> {
    const { link } = await this.#reach.up();
    return withSocketManners(
      await link.forwardTcp(host, port).catch((error) => this.#noPipe(`${host}:${port}`, error)),
    );
  }

  async forwardUnix(path: string, as?: string): Promise<Duplex> {
    const { link } = await this.#reach.up();
    if (effectiveUser(this.target, as, link.user) !== link.user) return openUnixRelay(this.#reach, path, as);
    try {
      return withSocketManners(await link.forwardUnix(path));
    } catch (error) {
      // sshd says the same of a path that is not there and of forwarding it forbids; the relay tells them apart.
      if (link.hostKey === '') return this.#noPipe(path, error);
      return openUnixRelay(this.#reach, path, as);
    }
  }

  close(): Promise<void> {
    return this.#reach.close();
  }

  /** Waits for a frame's answer; when the watch fires, ends the command by way of another lane. */
  async #attend(
    lane: Session,
    as: string | undefined,
    run: Promise<Answer>,
    watching: Watch,
  ): Promise<Answer> {
    const first = await Promise.race([run, watching.fired]);
    if (typeof first !== 'string') return first;
    const below = { pid: lane.hello.pid, started: lane.hello.started };
    try {
      const stopped = await this.#reach.withLane('control', as, (control) => stopBelow(control, below));
      // Nothing was there to signal: it ended by itself at that moment, or its frame has not arrived yet.
      if (!stopped) return await this.#attendAgain(run, below, as);
    } catch (error) {
      if (error instanceof LaneLost || (error instanceof TransportError && error.kind === 'not-started'))
        return await run;
      lane.close();
      void run.catch(() => {});
      throw lost(this.#reach, error);
    }
    return run;
  }

  async #attendAgain(
    run: Promise<Answer>,
    below: { pid: number; started: string },
    as: string | undefined,
  ): Promise<Answer> {
    for (;;) {
      const quiet = watch(1000, undefined);
      const first = await Promise.race([run, quiet.fired]);
      quiet.off();
      if (typeof first !== 'string') return first;
      await this.#reach.withLane('control', as, (control) => stopBelow(control, below));
    }
  }

  #result(answer: Answer, timeoutMs: number, watching: Watch, begun: number): CommandResult {
    const { stdout, stderr } = answer;
    const exit = exitOf(Number(answer.words[1]));
    return {
      exit: watching.reason() === 'timeout' ? timedOut(timeoutMs) : exit,
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated: stdout.truncated || stderr.truncated,
      durationMs: Math.round(performance.now() - begun),
    };
  }

  #checkInput(lane: Session, command: Command): void {
    if (lane.hello.printf || !needsPrintf(command)) return;
    throw new TransportError(
      'not-started',
      this.target.name,
      `the sh of ${this.target.name} has no builtin printf, so input that does not end in a newline could be seen by others`,
      'End the input with a newline, or make sh a shell such as dash, bash or busybox.',
    );
  }

  #refuseAborted(signal: AbortSignal | undefined): void {
    if (!signal?.aborted) return;
    throw new TransportError(
      'not-started',
      this.target.name,
      'cancelled before it started',
      'Nothing has to be done.',
    );
  }

  #noPipe(where: string, error: unknown): never {
    const detail = error instanceof Error ? error.message : String(error);
    const { name } = this.target;
    throw new TransportError(
      'not-started',
      name,
      `${name} cannot connect to ${where}: ${detail}`,
      `Check that ${where} listens.`,
    );
  }
}

function timedOut(afterMs: number): CommandResult['exit'] {
  return { kind: 'timed-out', afterMs };
}

/** Ends a here-document; random, so that no input holds it. */
function delimiterFor(command: Command): string {
  return command.stdin === undefined ? '' : `end-${randomBytes(16).toString('hex')}`;
}
