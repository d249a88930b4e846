import { setTimeout as delay } from 'node:timers/promises';
import type { ActionTable } from '../engine/action.ts';
import { type Drift, identityDrift } from '../engine/drift.ts';
import type { TaskRef } from '../engine/event.ts';
import type { Input, Move } from '../engine/input.ts';
import type { Said } from '../engine/invariant.ts';
import { lookAtHost } from '../engine/perform/look-at-invariant.ts';
import { perform } from '../engine/perform/perform.ts';
import { regressed } from '../engine/perform/regressed.ts';
import type { BoundTask, Stage } from '../engine/perform/stage.ts';
import type { WritePorts } from '../engine/ports.ts';
import type { RunState } from '../engine/state.ts';
import { Unknown, type Value } from '../engine/value.ts';
import type { LeaseKeeper } from '../hosts/leases.ts';
import type { OpenDirectory, SitePorts } from '../hosts/site.ts';
import { Site } from '../hosts/site.ts';
import { keepOutput } from '../journal/output.ts';
import { fixedScope } from '../plan/fixed-scope.ts';
import type { Plan, PlannedInvariant } from '../plan/plan.ts';
import { stepOf } from '../plan/step-of.ts';
import type { Scope } from '../runbook/scope.ts';
import type { RedactedStream } from '../secrets/redact.ts';
import type { Secret } from '../secrets/secret.ts';
import type { Connection, Token } from '../transport/transport.ts';
import { monotonic } from './clock.ts';
import { redactLeaves } from './redact-leaves.ts';

export interface StagePorts {
  readonly plan: Plan;
  readonly actions: ActionTable;
  readonly run: Scope['run'];
  readonly directory: string;
  readonly connection: (host: string) => Connection;
  readonly openDirectory: OpenDirectory;
  /** Fetches when first asked, then remembers. */
  readonly secret: (name: string, host: string) => Promise<Secret>;
  readonly redact: (text: string) => string;
  /** A redacted stream of its own for each output. */
  readonly stream: () => RedactedStream;
  readonly note: (task: string, line: string) => void;
  readonly leases: LeaseKeeper;
  /** What came to be known on the way (a host met, a lease taken); told before the result of the next move. */
  readonly news: Input[];
  /** The wall clock in ms and a sleep, unless the real ones. */
  readonly clock?: Pick<SitePorts, 'now' | 'sleep'>;
}

/** The stage of a run, and the `perform` that the loop calls. */
export function createStage(ports: StagePorts): {
  perform(move: Move, state: RunState): Promise<readonly Input[]>;
  /** Meets the hosts of a run that goes on, and tells what is not as it was left. */
  survey(state: RunState): Promise<readonly Drift[]>;
  /** One look at one host of an invariant. Never rejects. */
  glance(planned: PlannedInvariant, host: string, state: RunState): Promise<Said>;
  close(): Promise<void>;
} {
  /** By host and name: a secret from `host:` is another one on each. */
  const fetched = new Map<string, Secret>();
  const letGo = new AbortController();
  const world: SitePorts = {
    host: (name) => {
      const host = ports.plan.inventory.hosts[name];
      if (!host) throw new Error(`the inventory has no host ${name}`);
      return host;
    },
    connection: ports.connection,
    openDirectory: ports.openDirectory,
    now: ports.clock?.now ?? Date.now,
    sleep: ports.clock?.sleep ?? ((ms, signal) => delay(ms, undefined, signal ? { signal } : {})),
    met: (host, { hostname, machineId, bootId, hostKey, uid }) => {
      ports.news.push({ type: 'met', host, identity: { hostname, machineId, bootId, hostKey, uid } });
    },
    leases: ports.leases,
  };
  const site = new Site(world);
  /** With directory connections of its own: a look at an invariant must not stand in front of what the run does. */
  const lookout = new Site(world);

  const stage: Stage = {
    plan: ports.plan,
    actions: ports.actions,
    meet: (host) => site.meet(host),
    reading: (task) => site.reading(task.host, errandOf(task)),
    writing(task, attempt) {
      let part = 0;
      return quotable(
        site.writing(task.host, { ...errandOf(task), token: () => tokenOf(task, attempt, ++part) }),
      );
    },
    connection: (host) => site.connection(host),
    token: tokenOf,
    clean,
    evaluate: async (use, task, state, result) => {
      for (;;) {
        const missing = new Set<string>();
        const value = use(scopeOf(task, state, missing, result));
        if (missing.size === 0) return value;
        for (const name of missing) fetched.set(`${task.host} ${name}`, await ports.secret(name, task.host));
      }
    },
    redact: ports.redact,
    keep(task, attempt, result) {
      const { number } = stepOf(ports.plan, task.id);
      const name = `${String(number).padStart(2, '0')}-${task.id}.${attempt}`;
      return keepOutput(ports.directory, name, result, ports.redact);
    },
    bound: new Map<string, BoundTask>(),
    now: monotonic,
  };

  /** What a target said may hold a secret: it is replaced before anything is decided, journaled or shown. */
  function clean<T>(value: T): T {
    return redactLeaves(value, ports.redact);
  }

  /** Writing ports whose commands' output is redacted whole: their errors quote its last lines. */
  function quotable(inner: WritePorts): WritePorts {
    return {
      ...inner,
      execute: async (command) => clean(await inner.execute(command)),
      on: (host) => quotable(inner.on(host)),
    };
  }

  function errandOf(task: TaskRef) {
    return {
      signal: letGo.signal,
      note: (line: string) => ports.note(task.id, ports.redact(line)),
      progress: { output: lastWords((line) => ports.note(task.id, line)) },
    };
  }

  /** Notes the last line of a command's output so far; each stream is redacted as a whole, wherever its chunks end. */
  function lastWords(note: (line: string) => void): (stream: string, chunk: string) => void {
    const streams = new Map<string, RedactedStream>();
    return (name, chunk) => {
      const stream = streams.get(name) ?? ports.stream();
      streams.set(name, stream);
      const last = stream.push(chunk).trimEnd().split('\n').at(-1);
      if (last) note(last);
    };
  }

  function tokenOf(task: TaskRef, attempt: number, part: number): Token {
    const step = stepOf(ports.plan, task.id).step.id;
    const item = task.index === undefined ? '' : `.${task.index}`;
    const suffix = part === 1 ? '' : `.part${part}`;
    return { run: ports.run.id, task: `${step}${item}@${task.host}${suffix}`, attempt };
  }

  function scopeOf(task: TaskRef, state: RunState, missing: Set<string>, result?: Value): Scope {
    const host = ports.plan.inventory.hosts[task.host];
    return {
      ...fixedScope(ports.plan.inventory, ports.plan.inputs, ports.run),
      ...(host && { host }),
      ...(task.item !== undefined && { item: task.item }),
      ...(result !== undefined && { result }),
      secrets(name) {
        const known = fetched.get(`${task.host} ${name}`);
        if (known) return known;
        missing.add(name);
        return new Unknown(`secret ${name}`);
      },
      captured: (on, name) => state.captured[on]?.[name],
    };
  }

  return {
    async perform(move, state) {
      const result = await perform(stage, move, state);
      return [...ports.news.splice(0), clean(result)];
    },
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
    glance(planned, host, state) {
      const reading: Stage['reading'] = (task) => lookout.reading(task.host, errandOf(task));
      return lookAtHost({ ...stage, reading }, planned, host, state);
    },
    async close() {
      letGo.abort();
      // A look that hangs is not waited for: it goes with its link, which is closed after this.
      lookout.close().catch(() => undefined);
      await site.close();
    },
  };
}
