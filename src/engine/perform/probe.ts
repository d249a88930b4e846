import { type Bind, resolveCall, truth, UNKNOWN } from '../../plan/bind.ts';
import { asksFor } from '../../runbook/cel.ts';
import type { ProbeSpec, Step } from '../../runbook/model.ts';
import type { Action } from '../action.ts';
import type { TaskRef } from '../event.ts';
import type { CommandResult, ReadPorts } from '../ports.ts';
import type { Value } from '../value.ts';
import { actionOf, type Known, type ReadStage } from './stage.ts';

/** What a look needs of a stage: nothing that writes. */
export type ReadingStage = Pick<ReadStage, 'actions' | 'meet' | 'reading' | 'evaluate' | 'clean' | 'redact'>;

export interface Patience {
  readonly withinMs: number;
  readonly everyMs: number;
  /** How many looks in a row must hold. */
  readonly times: number;
}

export type Seen =
  | { readonly holds: true; readonly result: Value }
  /** `unsure`: it could not be told (a value not known, a command that did not end by itself): neither yes nor no. */
  | {
      readonly holds: false;
      readonly lacking: string;
      readonly unsure?: true;
      /** It was one look at a gate that would have been polled for so long, in ms. */
      readonly waits?: number;
    };

const ONCE: Patience = { withinMs: 0, everyMs: 1000, times: 1 };

/** One look through an action's reading half, without writing: does it hold? */
export type Glance = (ports: ReadPorts) => Promise<Seen>;

/** Polls until it holds so often in a row, or the time is up. While there is time, an error is "not yet". */
export async function poll(glance: Glance, patience: Patience, ports: ReadPorts): Promise<Seen> {
  const deadline = ports.now() + patience.withinMs;
  let inARow = 0;
  for (;;) {
    const seen = await glance(ports).catch((error: unknown): Seen => {
      if (ports.now() >= deadline) throw error;
      return { holds: false, lacking: error instanceof Error ? error.message : String(error) };
    });
    inARow = seen.holds ? inARow + 1 : 0;
    if (inARow >= patience.times) return seen;
    if (!seen.holds && ports.now() >= deadline) return seen;
    if (!seen.holds) ports.note(seen.lacking);
    await ports.sleep(patience.everyMs);
  }
}

/** Looks at what a step's `check` or `verify` names; a `once` look takes no time for retries. */
export async function probeStep(
  stage: ReadingStage,
  spec: ProbeSpec,
  task: TaskRef,
  state: Known,
  once = false,
): Promise<Seen> {
  // A command in a check or a verify only looks: it runs as a probe.
  const action = actionOf(stage, spec.call.action === 'command' ? 'read.command' : spec.call.action);
  const bind = await stage.evaluate((scope) => resolveCall(action, spec.call, scope), task, state);
  if (!bind.known) return { holds: false, lacking: `${UNKNOWN}${bind.because}`, unsure: true };
  const until = spec.until;
  const judge = until
    ? (result: Value) => stage.evaluate((scope) => truth(until, scope), task, state, result)
    : undefined;
  const glance = toGlance(stage, action, bind, judge, spec.call.action === 'command' ? until : undefined);
  const patience = once ? ONCE : patienceOf(action, bind, spec);
  return poll(glance, patience, stage.reading(task));
}

/** A gate step: its own patience, its own `until`. `once` is for those who will not wait. */
export async function probeGate(
  stage: ReadStage,
  step: Step,
  action: Extract<Action, { kind: 'gate' }>,
  bind: Extract<Bind, { known: true }>,
  task: TaskRef,
  state: Known,
  once = false,
): Promise<Seen> {
  const until = step.until;
  const judge = until
    ? (result: Value) => stage.evaluate((scope) => truth(until, scope), task, state, result)
    : undefined;
  const patience = patienceOf(action, bind);
  const glance = toGlance(stage, action, bind, judge, undefined);
  if (!once) return poll(glance, patience, stage.reading(task));
  const seen = await poll(glance, ONCE, stage.reading(task));
  return seen.holds || patience.withinMs === 0 ? seen : { ...seen, waits: patience.withinMs };
}

function patienceOf(action: Action, bind: Extract<Bind, { known: true }>, spec?: ProbeSpec): Patience {
  const own = action.kind === 'gate' ? (action.patienceOf?.(bind.params) ?? action.patience) : ONCE;
  return {
    withinMs: spec?.withinMs ?? own.withinMs,
    everyMs: spec?.everyMs ?? own.everyMs,
    times: spec?.times ?? own.times,
  };
}

/** `until`: the expression that judges a command in the place of its exit code. */
function toGlance(
  stage: ReadingStage,
  action: Action,
  bind: Extract<Bind, { known: true }>,
  judge: ((result: Value) => Promise<true | string>) | undefined,
  until: string | undefined,
): Glance {
  const { params } = bind;
  return async (ports) => {
    if (action.kind === 'ask') throw new Error(`${action.name} cannot be a probe`);
    const facts = await action.read(params, ports);
    if (action.kind === 'change') {
      const [first] = action.diff(params, facts);
      if (first) return { holds: false, lacking: `${first.what} differs` };
      return judged(action.result?.(params, facts) ?? {});
    }
    const lacking = lackingOf(action, params, facts);
    if (lacking !== undefined && (isCutShort(facts) || couldNotRun(params, facts)))
      return { holds: false, lacking, unsure: true };
    if (lacking !== undefined && until === undefined) return { holds: false, lacking };
    // It failed, and what it printed before that is no answer: an empty text must not pass for 0.
    if (lacking !== undefined && until !== undefined && !asksFor(until, 'result', 'code'))
      return { holds: false, lacking: `${lacking} (${SAY_SO})`, unsure: true };
    return judged(action.result(params, facts));
  };

  /** Decided by what was said; told in words without its secrets, since they quote a command's last line. */
  function lackingOf(
    gate: Extract<Action, { kind: 'gate' }>,
    bound: unknown,
    facts: unknown,
  ): string | undefined {
    const lacking = gate.lacking(bound, facts);
    if (lacking === undefined || !isCommandResult(facts)) return lacking;
    return gate.lacking(bound, stage.clean(facts)) ?? lacking;
  }

  async function judged(result: Value): Promise<Seen> {
    const word = judge ? await judge(result) : true;
    if (word === true) return { holds: true, result };
    return { holds: false, lacking: word, ...(word.startsWith(UNKNOWN) && { unsure: true }) };
  }
}

const SAY_SO = 'if that is an answer too, name the code in `success`, or ask for result.code in `until`';

/** The program is not there, or may not be run. Of a script only the codes of `sh` itself are known, not whose they are. */
function couldNotRun(params: unknown, facts: unknown): boolean {
  if (!isCommandResult(facts) || facts.exit.kind !== 'exited') return false;
  const { code } = facts.exit;
  const isProgram = typeof params === 'object' && params !== null && 'argv' in params;
  return isProgram && (code === 126 || code === 127);
}

/** A command that was killed, overdue or whose output was cut has said neither yes nor no. */
function isCutShort(facts: unknown): boolean {
  return isCommandResult(facts) && (facts.exit.kind !== 'exited' || facts.truncated);
}

function isCommandResult(facts: unknown): facts is CommandResult {
  return typeof facts === 'object' && facts !== null && 'exit' in facts && 'stdout' in facts;
}
