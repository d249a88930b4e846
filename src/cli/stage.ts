import { type Drift, identityDrift } from '../engine/drift.ts';
import type { TaskRef } from '../engine/event.ts';
import type { Input, Move } from '../engine/input.ts';
import type { Said } from '../engine/invariant.ts';
import { lookAtHost } from '../engine/perform/look-at-invariant.ts';
import { perform } from '../engine/perform/perform.ts';
import { regressed } from '../engine/perform/regressed.ts';
import type { BoundTask, Stage } from '../engine/perform/stage.ts';
import type { Command, WritePorts } from '../engine/ports.ts';
import { findTask, type RunState, stepNumber } from '../engine/state.ts';
import { closingOf } from '../engine/window.ts';
import type { LeaseKeeper } from '../hosts/leases.ts';
import { keepOutput } from '../journal/output.ts';
import type { Learned, Took } from '../plan/estimate.ts';
import type { PlannedInvariant } from '../plan/plan.ts';
import { stepOf } from '../plan/step-of.ts';
import { timingOf } from '../plan/timing.ts';
import { ownTimeout } from '../runbook/own-limit.ts';
import type { RedactedStream } from '../secrets/redact.ts';
import type { Heard, OutputStream, Token } from '../transport/transport.ts';
import { monotonic } from './clock.ts';
import { hear } from './hear.ts';
import { createReadStage, type ReadStagePorts } from './read-stage.ts';
import { redactLeaves } from './redact-leaves.ts';
import { Stopwatch } from './stopwatch.ts';

export interface StagePorts extends Omit<ReadStagePorts, 'met' | 'leases'> {
  readonly leases: LeaseKeeper;
  readonly directory: string;
  /** A redacted stream of its own for each output. */
  readonly stream: () => RedactedStream;
  /** What a command of a task prints, while it runs; secrets replaced. */
  readonly output?: (task: string, stream: OutputStream, text: string) => void;
  /** What came to be known on the way (a host met, a lease taken); told before the result of the next move. */
  readonly news: Input[];
  /** What tasks took in earlier runs, for the change window. */
  readonly learned: Learned;
}

/** The stage of a run, and the `perform` that the loop calls. */
export function createStage(ports: StagePorts): {
  perform(move: Move, state: RunState): Promise<readonly Input[]>;
  /** Meets the hosts of a run that goes on, and tells what is not as it was left. */
  survey(state: RunState): Promise<readonly Drift[]>;
  /** What tasks have taken that this stage carried out. */
  taken(state: RunState): readonly Took[];
  /** One look at one host of an invariant. Never rejects. */
  glance(planned: PlannedInvariant, host: string, state: RunState): Promise<Said>;
  close(): Promise<void>;
} {
  const {
    site,
    stage: reading,
    lookout,
    letGo,
    close,
  } = createReadStage({
    ...ports,
    met: (host, { hostname, machineId, bootId, hostKey, uid }) => {
      ports.news.push({ type: 'met', host, identity: { hostname, machineId, bootId, hostKey, uid } });
    },
  });

  const stopwatch = new Stopwatch(ports.clock?.now ?? monotonic);
  const stage: Stage = {
    ...reading,
    writing(task, attempt) {
      let part = 0;
      const { call, timeoutMs } = stepOf(ports.plan, task.id).step;
      return quotable(
        site.writing(task.host, { ...errandOf(task), token: () => tokenOf(task, attempt, ++part) }),
        // What an action's own parameter says goes before the step's, and that before an action's default.
        timeoutMs === undefined || ownTimeout(call.params) !== undefined ? {} : { timeoutMs },
      );
    },
    connection: (host) => site.connection(host),
    token: tokenOf,
    hear: hearTask,
    keep(task, attempt, result) {
      const { number } = stepOf(ports.plan, task.id);
      const name = `${stepNumber(number)}-${task.id}.${attempt}`;
      return keepOutput(ports.directory, name, result, ports.redact);
    },
    bound: new Map<string, BoundTask>(),
    now: monotonic,
  };

  /** What would change something is told with the time, where that decides whether it may begin. */
  function timed(result: Input, state: RunState): Input {
    if (result.type !== 'looked' || !closingOf(state.policy)) return result;
    const { look, task } = result;
    if (look.kind !== 'differs' && look.kind !== 'asks') return result;
    const { ref } = findTask(state, task).found;
    const timing = timingOf(ports.plan, state, ref, ports.learned, (ports.clock?.now ?? Date.now)());
    return { ...result, look: { ...look, timing } };
  }

  /** Writing ports whose commands' output is redacted whole: their errors quote its last lines. */
  function quotable(inner: WritePorts, limit: Pick<Command, 'timeoutMs'>): WritePorts {
    return {
      ...inner,
      execute: async (command) => reading.clean(await inner.execute({ ...command, ...limit })),
      on: (host) => quotable(inner.on(host), limit),
    };
  }

  function errandOf(task: TaskRef) {
    return {
      signal: letGo,
      note: (line: string) => ports.note(task.id, ports.redact(line)),
      hear: () => hearTask(task),
    };
  }

  function hearTask(task: TaskRef): Heard {
    const { stream, note, output } = ports;
    return hear({
      stream,
      note: (line) => note(task.id, line),
      output: output && ((name, text) => output(task.id, name, text)),
    });
  }

  function tokenOf(task: TaskRef, attempt: number, part: number): Token {
    const step = stepOf(ports.plan, task.id).step.id;
    const item = task.index === undefined ? '' : `.${task.index}`;
    const suffix = part === 1 ? '' : `.part${part}`;
    return { run: ports.run.id, task: `${step}${item}@${task.host}${suffix}`, attempt };
  }

  return {
    async perform(move, state) {
      const result = await stopwatch.around(move, () => perform(stage, move, state));
      return [...ports.news.splice(0), timed(reading.clean(result), state)];
    },
    taken: (state) => stopwatch.taken(ports.plan, state),
    async survey(state) {
      const met = await Promise.all(
        Object.entries(state.identities).map(async ([host, before]) => {
          const now = await site.meet(host).catch(() => undefined);
          return now ? identityDrift(host, before, now) : [];
        }),
      );
      const found = await regressed(stage, state);
      return redactLeaves([...met.flat(), ...found], ports.redact);
    },
    glance: (planned, host, state) => lookAtHost(lookout, planned, host, state),
    close,
  };
}
