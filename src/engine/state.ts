/** The state of a run: the fold of its events, nothing else. Plain JSON. */
import type { Identity } from './drift.ts';
import type {
  Breach,
  ChangeView,
  Failure,
  HoldReason,
  Operator,
  Outcome,
  OutputRef,
  Policy,
  Question,
  Sealed,
  StepBrief,
  TaskRef,
} from './event.ts';
import type { Value } from './value.ts';

/** A task's state is a type, not flags: each member has only its own fields. */
export type TaskState =
  | {
      readonly status: 'waiting';
      readonly attempt: number;
      /** The diff a person said yes to, as text; the same diff is not asked about again. */
      readonly approved?: string;
      readonly delayMs?: number;
    }
  | { readonly status: 'asking'; readonly attempt: number; readonly question: string }
  | { readonly status: 'writing'; readonly attempt: number; readonly bootId: string }
  /** With a failure, the act itself said that it failed: there is nothing left to verify. */
  | { readonly status: 'verifying'; readonly attempt: number; readonly failure?: Failure }
  | {
      readonly status: 'doubtful';
      readonly attempt: number;
      readonly why: string;
      readonly bootId: string;
      /** Receipt, probe and repeat class have left it open: from here only a person can settle it. */
      readonly open?: true;
    }
  | {
      readonly status: 'ended';
      readonly attempt: number;
      readonly outcome: Outcome;
      readonly why?: Failure;
    };

export interface Task {
  readonly ref: TaskRef;
  readonly state: TaskState;
  readonly changes: readonly ChangeView[];
  readonly output?: OutputRef;
  /** An attempt may have changed something, so `unchanged` would be untrue. */
  readonly touched?: true;
  /** An attempt failed after its effect had begun, and nothing has settled since whether it took. */
  readonly failed?: true;
}

export interface StepState {
  readonly brief: StepBrief;
  readonly begun: boolean;
  readonly tasks: readonly Task[];
  /** Tasks not ended, so that the end of a step is seen without a search. */
  readonly left: number;
}

export interface RunState {
  readonly run: string;
  readonly runbook: { readonly name: string; readonly version: string; readonly digest: string };
  readonly title: string;
  readonly policy: Policy;
  /** The sealed plan that this run carries out. */
  readonly sealed?: Sealed;
  readonly operator: Operator;
  readonly steps: readonly StepState[];
  /** Index of the first step that has not ended. */
  readonly cursor: number;
  readonly questions: Readonly<Record<string, Question>>;
  readonly asked: number;
  /** Host → name → value, from `capture`. */
  readonly captured: Readonly<Record<string, Readonly<Record<string, Value>>>>;
  readonly boots: Readonly<Record<string, string>>;
  /** Host → what it showed when it was first met, or what a person has accepted since. */
  readonly identities: Readonly<Record<string, Identity>>;
  /** `NAME` or `NAME@HOST` → keyed fingerprint of the secret that was used. */
  readonly fingerprints: Readonly<Record<string, string>>;
  /** Set once something says: start nothing new. */
  readonly stopping?: { readonly reason: HoldReason; readonly text: string };
  /** Invariants that were found broken or could not be observed, since the run was opened or last resumed. */
  readonly breaches?: readonly Breach[];
  readonly held?: { readonly reason: HoldReason; readonly text: string };
  readonly done: boolean;
  /** The run that takes back what this one did. */
  readonly undone?: string;
}

/** Of a run, before anything has happened to it. */
export const UNBEGUN = {
  cursor: 0,
  questions: {},
  asked: 0,
  captured: {},
  boots: {},
  identities: {},
  fingerprints: {},
  done: false,
} as const satisfies Partial<RunState>;

/** An illegal transition: a fault of the program, never of the operator. */
export class Bug extends Error {
  override readonly name = 'Bug';
}

/** What happened cannot be kept (a full disk): nothing more may be done, and nothing may be called failed for it. */
export class CannotRecord extends Error {
  override readonly name: string = 'CannotRecord';
}

/** Outcomes after which a run may go on. */
export function isGood(outcome: Outcome): boolean {
  return outcome === 'unchanged' || outcome === 'changed' || outcome === 'skipped';
}

/** Tasks of the current step that act on their hosts, or verify what they did. */
export function inFlight({ steps, cursor }: RunState): readonly Task[] {
  return (steps[cursor]?.tasks ?? []).filter(
    ({ state: { status } }) => status === 'writing' || status === 'verifying',
  );
}

/** The place of a task: its step's index and its own. Task ids are `step@host` or `step[item]@host`. */
export function findTask(state: RunState, id: string): { step: number; task: number; found: Task } {
  const stepId = stepIdOf(id);
  const here = state.steps[state.cursor];
  const step =
    here?.brief.id === stepId ? state.cursor : state.steps.findIndex((one) => one.brief.id === stepId);
  const tasks = state.steps[step]?.tasks ?? [];
  const task = tasks.findIndex((one) => one.ref.id === id);
  const found = tasks[task];
  if (!found) throw new Bug(`no task ${id} in run ${state.run}`);
  return { step, task, found };
}

/** `ldap1`, or `ldap1[item]` for a task of a loop. */
export function whereOf(task: string): string {
  const [bracket, at] = [task.indexOf('['), task.lastIndexOf('@')];
  const host = task.slice(at + 1);
  return bracket < 0 ? host : `${host}${task.slice(bracket, at)}`;
}

/** `07`: the place of a step in its runbook, counted from 1, as people see it everywhere. */
export function stepNumber(number: number): string {
  return String(number).padStart(2, '0');
}

export function stepIdOf(task: string): string {
  const bracket = task.indexOf('[');
  return task.slice(0, bracket >= 0 ? bracket : task.lastIndexOf('@'));
}
