/** A whole run on scripted hosts: a runbook in YAML, the real plan, loop and stage, and a journal in memory. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { actions as allActions } from '../../src/actions/index.ts';
import { acceptDrifts } from '../../src/cli/accept-drift.ts';
import { certainGate } from '../../src/cli/certain-gate.ts';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import { type AskAfterHold, type Beginning, runOn } from '../../src/cli/go-on.ts';
import { createReadStage } from '../../src/cli/read-stage.ts';
import { runOpened } from '../../src/cli/run-opened.ts';
import { createStage } from '../../src/cli/stage.ts';
import { takeLeases } from '../../src/cli/take-leases.ts';
import type { ActionTable } from '../../src/engine/action.ts';
import type { Event, Policy, Question, Sealed } from '../../src/engine/event.ts';
import { evolve } from '../../src/engine/evolve.ts';
import type { Forecast } from '../../src/engine/forecast/forecast.ts';
import { foresee } from '../../src/engine/forecast/foresee.ts';
import type { Input } from '../../src/engine/input.ts';
import { guarded } from '../../src/engine/perform/guarded.ts';
import { InvariantWatch } from '../../src/engine/perform/invariant-watch.ts';
import type { Answer, RunPorts } from '../../src/engine/run.ts';
import type { RunState } from '../../src/engine/state.ts';
import { Leases } from '../../src/hosts/leases.ts';
import type { Inventory } from '../../src/inventory/model.ts';
import { searchPlaces } from '../../src/ldap/places.ts';
import { briefsOf } from '../../src/plan/briefs.ts';
import { type Learned, learnFrom } from '../../src/plan/estimate.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { parseRunbook } from '../../src/runbook/parse-runbook.ts';
import { createRedactor } from '../../src/secrets/redact.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { FakeWorld } from '../../src/transport/fake.ts';
import { FakeClock } from './fake-clock.ts';
import { Life } from './life.ts';
import { SimHost } from './sim-host.ts';

export const RUN = { id: '20261122-015312-7f3a', started: '2026-11-22T01:53:12.000Z' };
const REDACTOR = createRedactor();
REDACTOR.add(new Secret('pw', 'clear-pw'));
const NOBODY = { present: false, line: () => Promise.resolve(undefined) };
const OPERATOR = { name: 'alice', host: 'desk', terminal: false };

export interface RunOptions {
  /** What the run is allowed beside `yes`. */
  readonly policy?: Partial<Policy>;
  /** `typed` as by `--yes=typed`. */
  readonly yes?: boolean | 'typed';
  /** The sealed plan that the run carries out, or its digest. */
  readonly sealed?: string | Sealed;
  /** Answers a question; without it nobody is there. */
  readonly person?: (question: Question) => Partial<Answer> & Pick<Answer, 'answer'>;
  /** The whole port, for what is no person. */
  readonly ask?: RunPorts['ask'];
  readonly life?: Life;
  /** Why hosts that another run holds are taken over. */
  readonly takeOver?: string;
  /** Names of what may be other than the run left it. */
  readonly acceptDrift?: readonly string[];
  /** Each record takes its time to reach the disk. */
  readonly slowDisk?: boolean;
  /** Somebody who stays when the run is held. */
  readonly afterHold?: AskAfterHold;
  /** Told of each batch once it is in the journal. */
  readonly recorded?: (events: readonly Event[], command: (input: Input) => void) => void;
}

export class World {
  readonly fake = new FakeWorld();
  /** `h1 starts a`, `h1 ends a`, in order over all hosts. */
  readonly log: string[] = [];
  /** The journal: what is in it has been through JSON. */
  events: Event[] = [];
  readonly asked: Question[] = [];
  /** What the commands of tasks printed while they ran. */
  readonly heard: (readonly [task: string, stream: string, text: string])[] = [];
  /** Hosts that cannot be reached now. */
  readonly away = new Set<string>();
  /** What tasks took, kept at the end of each run. */
  learned: Learned = {};
  readonly clock = new FakeClock(Date.parse(RUN.started));
  plan: Plan;
  readonly #names: readonly string[];
  readonly #actions: ActionTable;
  readonly #directory: string;
  readonly #hosts = new Map<string, SimHost>();
  #lives = 0;

  constructor(
    steps: string,
    options: { hosts?: readonly string[]; head?: string; actions?: ActionTable } = {},
  ) {
    const names = options.hosts ?? ['h1', 'h2', 'h3'];
    this.#names = names;
    this.#actions = { ...allActions, ...options.actions };
    this.plan = planOf(steps, names, options.head ?? '', this.#actions);
    for (const name of names) this.#hosts.set(name, new SimHost(name, this.fake, this.log));
    for (const host of this.#hosts.values()) host.peers = [...this.#hosts.values()];
    this.#directory = mkdtempSync(join(tmpdir(), 'lockstep-world-'));
    mkdirSync(join(this.#directory, 'output'));
    onTestFinished(() => rmSync(this.#directory, { recursive: true, force: true }));
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.clock.now();
  }

  set now(ms: number) {
    this.clock.set(ms);
  }

  /** From now on the run goes on with another text. */
  renew(steps: string): void {
    this.plan = planOf(steps, this.#names, '', this.#actions);
  }

  host(name: string): SimHost {
    const host = this.#hosts.get(name);
    if (!host) throw new Error(`this world has no host ${name}`);
    return host;
  }

  /** Opens the run, or resumes it when the journal has begun. Resolves to undefined when the controller dies. */
  async run(options: RunOptions = {}): Promise<RunState | undefined> {
    const { life = new Life(), yes = false } = options;
    const policy: Policy = {
      yes: yes !== false,
      ...(yes === 'typed' && { typed: true as const }),
      ...options.policy,
    };
    const connection = (name: string) =>
      life.over(this.fake.connection({ ...TARGET, name, address: name }), () => this.away.has(name));
    let command: (input: Input) => void = () => undefined;
    const listen = (listener: (input: Input) => void): void => {
      command = listener;
    };
    const { plan } = this;
    const controller = `life-${++this.#lives}`;
    const news: Input[] = [];
    const leases = new Leases({
      connection,
      terms: {
        run: RUN.id,
        controller,
        seconds: 60,
        since: RUN.started,
        who: 'alice@desk',
        why: 'test/story',
      },
      isGone: (one) => /^life-/.test(one) && one !== controller,
      taken: (taken) => void news.push({ type: 'leased', ...taken }),
      lost: (text) => command({ type: 'hold', reason: 'locked', text }),
    });
    const record = async (events: readonly Event[]): Promise<void> => {
      await life.step();
      if (options.slowDisk)
        for (let turn = 0; turn < 20; turn++) await new Promise((turned) => setImmediate(turned));
      if (this.events.length > 2_000) throw new Error('the run goes on for ever');
      this.events.push(...events.map((event) => JSON.parse(JSON.stringify(event)) as Event));
      options.recorded?.(events, (input) => command(input));
      await life.step();
    };
    const opening: Event = this.events.length === 0 ? this.#opened(policy, options.sealed) : resumed(policy);
    const stretch = async ({ before, events: first }: Beginning): Promise<RunState> => {
      const stage = createStage({
        plan: this.plan,
        actions: this.#actions,
        run: RUN,
        directory: this.#directory,
        connection,
        leases,
        news,
        learned: this.learned,
        openDirectory: () => Promise.reject(new Error('no directory here')),
        // `own` is another one on each host, as one from `host:` is.
        secret: async (name, host) => new Secret(name, `clear-${name === 'own' ? host : name}`),
        redact,
        stream: () => REDACTOR.stream(),
        note: () => undefined,
        output: (task, name, text) => void this.heard.push([task, name, text]),
        clock: this.clock,
      });
      const watch = new InvariantWatch({
        invariants: plan.invariants,
        look: (planned, host, state) => stage.glance(planned, host, state),
        now: () => this.clock.now(),
        pause: (ms, signal) => this.clock.pause(ms, signal),
        tell: (input) => command(input),
      });
      const end = await runOpened(before, first, {
        enter: async (state) => {
          if (state.cursor >= state.steps.length) return watch.enter(state);
          const gate =
            options.person || options.ask
              ? undefined
              : await certainGate(plan, state, () => this.forecast(false, state));
          if (gate) return [gate];
          const hold = await takeLeases(leases, plan, NOBODY, options.takeOver);
          const leased = news.splice(0);
          if (hold) return [...leased, hold];
          const drifts = before ? await stage.survey(state) : [];
          const found = news.splice(0);
          const drifted = await acceptDrifts(drifts, options.acceptDrift ?? [], NOBODY, 'alice');
          const broken = await watch.enter(state);
          return [...leased, ...drifted, ...found, ...news.splice(0), ...broken];
        },
        leave() {
          watch.stop();
          return leases.release();
        },
        perform: guarded(watch, (move, state) => stage.perform(move, state)),
        record,
        ask: (question) => this.#ask(question, options),
        listen,
      });
      this.learned = learnFrom(this.learned, stage.taken(end));
      await stage.close();
      return end;
    };
    const running = runOn(
      { before: fold(this.events), events: [opening] },
      {
        stretch,
        record,
        afterHold: options.afterHold,
        signals: { listen, keep: () => undefined, mustLeave: () => false },
        operator: OPERATOR,
        redact,
      },
    );
    const end = await Promise.race([running, life.died]);
    if (end === 'died') return undefined;
    expect(fold(this.events), 'the fold of the journal is the live state').toEqual(plain(end));
    return end;
  }

  /** What a plan says of the run that would follow. */
  async forecast(offline = false, from?: RunState): Promise<Forecast> {
    const { stage, close } = createReadStage({
      plan: this.plan,
      actions: this.#actions,
      run: RUN,
      connection: (name) =>
        new Life().over(this.fake.connection({ ...TARGET, name, address: name }), () => this.away.has(name)),
      openDirectory: () => Promise.reject(new Error('no directory here')),
      secret: async (name, host) => new Secret(name, `clear-${name === 'own' ? host : name}`),
      redact,
      note: () => undefined,
      met: () => undefined,
      clock: { now: () => this.now, sleep: () => Promise.resolve() },
    });
    const ports = { offline, placesOf: searchPlaces, shown: (_name: string, value: string) => value };
    const forecast = await foresee(stage, ports, from);
    await close();
    expect(plain(forecast), 'a forecast is plain JSON').toEqual(forecast);
    return forecast;
  }

  /** The same, for a run that is not killed. */
  async finish(options: RunOptions = {}): Promise<RunState> {
    const state = await this.run(options);
    if (!state) throw new Error('the controller died');
    return state;
  }

  /** Outputs can be kept, or (as on a full disk) not. */
  setOutputs(work: boolean): void {
    const path = join(this.#directory, 'output');
    rmSync(path, { recursive: true });
    if (work) mkdirSync(path);
    else writeFileSync(path, '');
  }

  /** Names of the acts done on each host, in order. */
  acts(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries([...this.#hosts].map(([name, host]) => [name, host.done]));
  }

  #opened(policy: Policy, sealed: string | Sealed | undefined): Event {
    const { runbook } = this.plan;
    return {
      type: 'run.opened',
      run: RUN.id,
      started: RUN.started,
      runbook: { name: runbook.name, version: runbook.version, digest: 'd' },
      title: runbook.title,
      text: '',
      inputs: {},
      inventory: {},
      source: { runbook: 'test', inventory: 'test' },
      steps: briefsOf(this.plan, this.#actions),
      policy,
      operator: OPERATOR,
      versions: {},
      ...(sealed !== undefined && {
        sealed: typeof sealed === 'string' ? { digest: sealed, diffs: {} } : sealed,
      }),
    };
  }

  async #ask(question: Question, { person, ask }: RunOptions): ReturnType<RunPorts['ask']> {
    this.asked.push(question);
    if (ask) return ask(question);
    return person && { by: 'alice', ground: 'terminal', ...person(question) };
  }
}

const redact = (text: string): string => text.replaceAll(/clear-(\w+)/g, '[$1]');
const TARGET = { port: 22, user: 'root', transport: 'fake', identityFiles: [], knownHostsFiles: [] } as const;

export function fold(events: readonly Event[]): RunState | undefined {
  return events.reduce<RunState | undefined>(evolve, undefined);
}

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** `a@h1` → its outcome, or where it stands. */
export function outcomes(state: RunState): Readonly<Record<string, string>> {
  const tasks = state.steps.flatMap((step) => step.tasks);
  return Object.fromEntries(
    tasks.map((task) => [
      task.ref.id,
      task.state.status === 'ended' ? task.state.outcome : task.state.status,
    ]),
  );
}

/** Why a task ended as it did. */
export function why(state: RunState, id: string): string | undefined {
  const task = state.steps.flatMap((step) => step.tasks).find((one) => one.ref.id === id);
  return task?.state.status === 'ended' ? task.state.why?.what : undefined;
}

export { exitCodeOf };

function resumed(policy: Policy): Event {
  return { type: 'run.resumed', operator: OPERATOR, policy, tornBytes: 0 };
}

export function inventoryOf(names: readonly string[]): Inventory {
  const host = (name: string) => ({
    name,
    address: name,
    platform: 'openldap',
    groups: ['all'],
    vars: {},
    access: {},
  });
  return {
    source: 'test',
    hosts: Object.fromEntries(names.map((name) => [name, host(name)])),
    groups: { all: names },
    vars: { site: 'north' },
    files: [],
  };
}

export function planOf(
  steps: string,
  hosts: readonly string[],
  head = '',
  actions: ActionTable = allActions,
): Plan {
  const text = `format: lockstep/1\nname: test/story\nversion: 1.0.0\ntitle: A story\n${head}steps:\n${steps}`;
  const texts = { main: { file: 'story.yaml', text }, path: 'story.yaml', parts: {} };
  const { runbook, problems } = parseRunbook(texts, actions);
  if (!runbook) throw new Error(JSON.stringify(problems, undefined, 2));
  const planned = makePlan(runbook, inventoryOf(hosts), {}, RUN);
  if (!planned.plan) throw new Error(JSON.stringify(planned.problems, undefined, 2));
  return planned.plan;
}
