/** Random runs for properties: briefs, and inputs such as the world might give to what is under way. */
import fc from 'fast-check';
import { decide } from '../../src/engine/decide.ts';
import type { Event, StepBrief } from '../../src/engine/event.ts';
import { evolve } from '../../src/engine/evolve.ts';
import { actOn } from '../../src/engine/held-act.ts';
import type { Input, Look, Move, Verdict } from '../../src/engine/input.ts';
import { next } from '../../src/engine/next.ts';
import type { RunState } from '../../src/engine/state.ts';
import { actsFor } from './acts-for.ts';

const HOSTS = ['h1', 'h2', 'h3'];
const OPERATOR = { name: 'alice', host: 'desk', terminal: false };

export const briefs: fc.Arbitrary<readonly StepBrief[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('change' as const, 'gate' as const, 'ask' as const),
      hosts: fc.subarray(HOSTS),
      order: fc.constantFrom<StepBrief['order'][]>('parallel', 'serial', 'canary', { batch: 2 }),
      repeat: fc.constantFrom('safe' as const, 'costly' as const, 'once' as const),
      proof: fc.constantFrom('command' as const, 'readback' as const),
      checked: fc.boolean(),
      verified: fc.boolean(),
      onFailure: fc.constantFrom('hold' as const, 'continue' as const),
      tolerate: fc.integer({ min: 0, max: 1 }),
      retries: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((steps) =>
    steps.map(({ retries, proof, ...step }, index): StepBrief => {
      const retry = { times: 1, delayMs: 5, backoff: 1 };
      const own = { ...step, id: `s${index}`, title: '', action: 'x', risk: 'change' as const };
      return {
        ...own,
        proof: step.kind === 'change' ? proof : 'none',
        ...(retries && step.repeat === 'safe' && { retry }),
      };
    }),
  );

export function opened(steps: readonly StepBrief[], yes: boolean): Event {
  return {
    type: 'run.opened',
    run: 'r',
    started: '',
    runbook: { name: 'r', version: '1.0.0', digest: '' },
    title: '',
    text: '',
    inputs: {},
    inventory: {},
    source: { runbook: '', inventory: '' },
    steps,
    policy: { yes },
    operator: OPERATOR,
    versions: {},
  };
}

export const resumed: Event = {
  type: 'run.resumed',
  operator: OPERATOR,
  policy: { yes: false },
  tornBytes: 0,
};

/** The loop of `run.ts`, with a die for the world. `pick(n)` gives a whole number below n. */
export class RandomRun {
  state: RunState;
  readonly events: Event[] = [];
  readonly #underWay = new Map<string, Move>();
  readonly #pick: (below: number) => number;

  constructor(steps: readonly StepBrief[], yes: boolean, pick: (below: number) => number) {
    this.#pick = pick;
    const first = opened(steps, yes);
    this.events.push(first);
    this.state = evolve(undefined, first);
  }

  /** One delivery, decided. False once the run is done. */
  tick(each: (state: RunState, input: Input, events: readonly Event[]) => void): boolean {
    if (this.state.done) return false;
    if (this.state.held) {
      this.#underWay.clear();
      this.#take(this.#acts());
      this.#take([resumed]);
      return true;
    }
    for (const move of next(this.state)) {
      const key =
        move.kind === 'begin' ? `begin ${move.step}` : `${move.kind} ${move.attempt} ${move.task.id}`;
      if (!this.#underWay.has(key)) this.#underWay.set(key, move);
    }
    const input = this.#input();
    const events = decide(this.state, input);
    each(this.state, input, events);
    this.#take(events);
    return true;
  }

  /** What a person does with a task of a held run, now and then. */
  #acts(): readonly Event[] {
    const tasks = this.state.steps[this.state.cursor]?.tasks ?? [];
    const task = tasks[this.#pick(tasks.length + 1)]?.ref.id;
    if (task === undefined || this.#pick(2) === 0) return [];
    const kinds = actsFor(this.state, task);
    if (kinds.length === 0) return [];
    const acted = actOn(this.state, [{ kind: this.#one(kinds), task, because: 'x' }], 'alice');
    return 'events' in acted ? acted.events : [];
  }

  #take(events: readonly Event[]): void {
    for (const event of events) {
      this.state = evolve(this.state, event);
      this.events.push(event);
    }
  }

  #input(): Input {
    const questions = Object.values(this.state.questions);
    if (this.#pick(12) === 0) return { type: 'hold', reason: 'operator', text: 'held' };
    if (this.#pick(12) === 0) return { type: 'go-on', by: 'alice' };
    if (this.#pick(20) === 0) return { type: 'note', text: 'x', by: 'alice' };
    if (this.#pick(12) === 0)
      return {
        type: 'met',
        host: 'h1',
        identity: { ...IDENTITY, machineId: this.#one(['m', 'm', 'other']) },
      };
    if (this.#pick(20) === 0) return { type: 'leased', host: 'h1', epoch: this.#pick(9) };
    const question = questions[this.#pick(questions.length + 1)];
    if (question) {
      const words =
        question.purpose === 'doubt'
          ? (['applied', 'not-applied', 'no'] as const)
          : (['yes', 'no', 'skip'] as const);
      return {
        type: 'answer',
        question: question.id,
        answer: this.#one(words),
        by: 'alice',
        ground: 'terminal',
      };
    }
    const [key, move] = [...this.#underWay][this.#pick(this.#underWay.size)] ?? [];
    if (!key || !move) {
      const [open] = questions;
      return open
        ? { type: 'hold', reason: open.purpose === 'doubt' ? 'doubt' : 'question', text: '' }
        : { type: 'idle' };
    }
    this.#underWay.delete(key);
    return this.#result(move);
  }

  #result(move: Move): Input {
    if (move.kind === 'begin') {
      const step = this.state.steps.find(({ brief }) => brief.id === move.step);
      const tasks = (step?.brief.hosts ?? []).map((host) => ({ id: `${move.step}@${host}`, host }));
      return this.#pick(10) === 0
        ? { type: 'unbegun', step: move.step, failure: FAILURE }
        : { type: 'began', step: move.step, tasks };
    }
    const { kind, attempt } = move;
    const task = move.task.id;
    if (this.#pick(4) === 0) {
      const how = this.#one(['not-started', 'fenced', 'lost', 'drift', 'plain'] as const);
      return { type: 'broke', task, attempt, during: kind, how, failure: FAILURE };
    }
    if (kind === 'look') return { type: 'looked', task, attempt, look: this.#look(task) };
    if (kind === 'write')
      return {
        type: 'wrote',
        task,
        attempt,
        durationMs: 1,
        ...(this.#pick(3) === 0 ? { failure: FAILURE } : { captured: { v: 1 } }),
      };
    if (kind === 'verify') return { type: 'verified', task, attempt, captured: {} };
    return { type: 'settled', task, attempt, verdict: this.#verdict() };
  }

  #look(task: string): Look {
    const kind = this.state.steps.find(({ brief }) => task.startsWith(`${brief.id}@`))?.brief.kind;
    const question = { class: this.#one(['notice', 'confirm', 'typed'] as const), text: 'Sure?' };
    if (kind === 'ask')
      return this.#one<Look>([
        { kind: 'asks', question },
        { kind: 'skipped', because: '' },
      ]);
    const looks: Look[] = [
      { kind: 'skipped', because: '' },
      { kind: 'holds', captured: { v: 2 } },
      { kind: 'fails', failure: FAILURE },
    ];
    if (kind === 'gate') return this.#one(looks);
    const changes = [{ what: this.#one(['x', 'y']), lines: [] }];
    const differs: Look = { kind: 'differs', changes, ...(this.#pick(2) === 0 && { confirm: question }) };
    return this.#one([...looks, differs, differs, differs]);
  }

  #verdict(): Verdict {
    const exit = { kind: 'exited' as const, code: 0 };
    return this.#one<Verdict>([
      { kind: 'ended', exit, ok: true },
      { kind: 'ended', exit, ok: false, failure: FAILURE },
      { kind: 'applied', ground: 'check', why: '' },
      { kind: 'not-applied', ground: 'receipt', why: '' },
      { kind: 'open', why: '' },
    ]);
  }

  #one<T>(list: readonly T[]): T {
    return list[this.#pick(list.length)] as T;
  }
}

const FAILURE = { what: 'it failed' };
const IDENTITY = { hostname: 'h1', machineId: 'm', bootId: 'b', hostKey: '', uid: 0 };
