/**
 * What happened, in the past tense: plain JSON, append-only, the journal sees it first. Secrets stand as
 * `{ "$secret": name }`. The state of a run is the fold of these.
 */
import type { DiffLine, Inverse, QuestionClass } from './action.ts';
import type { Drift, Identity } from './drift.ts';
import type { PersonEvent } from './person-event.ts';
import type { Exit } from './ports.ts';
import type { Value } from './value.ts';

/** `unreachable`: proven that nothing started. `doubt`: it may or may not have happened. */
export type Outcome = 'unchanged' | 'changed' | 'failed' | 'unreachable' | 'doubt' | 'skipped' | 'cancelled';

/** What decides of a step; the rest of it stays in the pinned runbook. */
export interface StepBrief {
  readonly id: string;
  readonly title: string;
  readonly action: string;
  readonly kind: 'change' | 'gate' | 'ask';
  readonly hosts: readonly string[];
  readonly order: 'parallel' | 'serial' | 'canary' | { readonly batch: number };
  readonly risk: 'read' | 'change' | 'disrupt' | 'irreversible';
  readonly repeat: 'safe' | 'costly' | 'once';
  /** `command`: proof by receipt; `readback`: proof by looking again; gates and questions have no effect to prove. */
  readonly proof: 'command' | 'readback' | 'none';
  /** Looking makes "not done" a proof: a conclusive check, or a diff that can judge the act. */
  readonly checked: boolean;
  readonly verified: boolean;
  readonly onFailure: 'hold' | 'continue';
  readonly tolerate: number;
  readonly retry?: { readonly times: number; readonly delayMs: number; readonly backoff: number };
}

export interface Policy {
  /** `--yes`: passes questions of class notice and confirm. Never doubt. */
  readonly yes: boolean;
  /** `--yes=typed`: passes typed ones too, points of no return among them. Never doubt. */
  readonly typed?: true;
  /** When changes may be made; ISO 8601. */
  readonly window?: { readonly opens: string; readonly closes: string };
  /** `--timeout`: this process begins nothing after it; ISO 8601. A resume does not inherit it. */
  readonly until?: string;
}

export interface Operator {
  readonly name: string;
  readonly host: string;
  readonly terminal: boolean;
}

export interface TaskRef {
  readonly id: string;
  readonly host: string;
  /** Position in the step's loop, from 0, and the item itself. */
  readonly index?: number;
  readonly item?: Value;
}

export interface ChangeView {
  readonly what: string;
  readonly lines: readonly DiffLine[];
}

/** Why a task did not end well, in four parts: fact, cause inside `what`, what to do next, last lines of output. */
export interface Failure {
  readonly what: string;
  readonly next?: string;
  readonly tail?: readonly string[];
}

/**
 * approve: before a change. differs: before a change that is not the one of the sealed plan. repeat: again after a failure.
 * doubt: did it happen? ask: the step itself asks.
 */
export type QuestionPurpose = 'approve' | 'differs' | 'repeat' | 'doubt' | 'ask';

export interface Question {
  readonly id: string;
  readonly task: string;
  readonly purpose: QuestionPurpose;
  readonly class: QuestionClass;
  readonly text: string;
  /** What must be typed for class `typed`. */
  readonly typed?: string;
  readonly changes: readonly ChangeView[];
  /** What was approved before, where this is another diff. */
  readonly was?: readonly ChangeView[];
}

/** The plan that a run carries out: what was approved is what is written. */
export interface Sealed {
  readonly digest: string;
  /** Task → the diff of the plan, [] where nothing was to change; absent where the plan could not tell. */
  readonly diffs: Readonly<Record<string, readonly ChangeView[]>>;
}

/** applied and not-applied answer a doubt; the others an approval. */
export type AnswerWord = 'yes' | 'no' | 'skip' | 'applied' | 'not-applied';

export interface OutputRef {
  /** Side file below the run's directory, bytes of each stream, and whether it was cut. */
  readonly file: string;
  readonly stdout: number;
  readonly stderr: number;
  readonly truncated: boolean;
}

/** This run may change that host, as that user; nobody else may while it lasts. */
export interface LeaseTaken {
  readonly host: string;
  readonly as?: string;
  readonly epoch: number;
  /** Whose it was, and on what ground it was taken: nobody renewed it, its process is dead, or a person said so. */
  readonly over?: {
    readonly run: string;
    readonly who: string;
    readonly since: string;
    readonly why: string;
  };
  readonly ground?: 'lapsed' | 'gone' | 'person';
  readonly because?: string;
}

/** An invariant that does not hold, or of which nobody can tell: on which hosts, and which tasks were under way then. */
export interface Breach {
  readonly invariant: string;
  readonly text: string;
  readonly hosts: readonly string[];
  /** Ids of tasks that were writing or verifying. */
  readonly during: readonly string[];
}

export interface Repinned {
  readonly runbook?: { readonly name: string; readonly version: string; readonly digest: string };
  readonly title?: string;
  readonly text?: string;
  readonly steps?: readonly StepBrief[];
  readonly inputs?: Readonly<Record<string, string>>;
  readonly inventory?: Value;
}

export type Event =
  | {
      readonly type: 'run.opened';
      readonly run: string;
      readonly runbook: { readonly name: string; readonly version: string; readonly digest: string };
      readonly title: string;
      /** The runbook's own text, parts folded in: a run goes on with what it started with. */
      readonly text: string;
      /** As text: the names of hosts, comma-separated lists. They bind to the same values again. */
      readonly inputs: Readonly<Record<string, string>>;
      /** ISO 8601; `run.started` of expressions. */
      readonly started: string;
      /** Snapshot without secrets. */
      readonly inventory: Value;
      readonly source: { readonly runbook: string; readonly inventory: string };
      /** What was set by `--set`; the other inputs are defaults. Absent where nobody could set any. */
      readonly given?: Readonly<Record<string, string>>;
      readonly steps: readonly StepBrief[];
      readonly policy: Policy;
      /** The sealed plan that this run carries out. */
      readonly sealed?: Sealed;
      readonly operator: Operator;
      readonly reason?: string;
      readonly versions: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'run.resumed';
      readonly operator: Operator;
      readonly policy: Policy;
      readonly reason?: string;
      /** Bytes of a torn last line that were cut off. */
      readonly tornBytes: number;
    }
  | {
      readonly type: 'host.met';
      readonly host: string;
      readonly identity: {
        readonly hostname: string;
        readonly machineId: string;
        readonly bootId: string;
        readonly hostKey: string;
        readonly uid: number;
      };
    }
  | ({ readonly type: 'lease.taken' } & LeaseTaken)
  /** Of its value only a fingerprint is kept, under a key that is not in the journal. `host` where each has its own. */
  | {
      readonly type: 'secret.used';
      readonly name: string;
      readonly host?: string;
      readonly fingerprint: string;
    }
  | { readonly type: 'drift.found'; readonly drifts: readonly Drift[] }
  | {
      readonly type: 'drift.accepted';
      readonly name: string;
      readonly by: string;
      readonly ground: string;
      /** What the host shows from now on. */
      readonly identity?: Identity & { readonly host: string };
    }
  | { readonly type: 'step.began'; readonly step: string; readonly tasks: readonly TaskRef[] }
  | {
      readonly type: 'task.looked';
      readonly task: string;
      readonly attempt: number;
      readonly changes: readonly ChangeView[];
    }
  | ({ readonly type: 'question.asked' } & Question)
  | {
      readonly type: 'question.answered';
      readonly id: string;
      readonly answer: AnswerWord;
      readonly by: string;
      /** `terminal`, `--yes`, … : on what ground it passed. */
      readonly ground: string;
      readonly because?: string;
    }
  | {
      readonly type: 'task.intended';
      readonly task: string;
      readonly attempt: number;
      /** The host's boot when the intent was made: an absent token proves nothing across a reboot. */
      readonly bootId: string;
      /** What would bring back what was there; secrets as expressions, texts escaped for the runbook of an undo. */
      readonly undo?: Inverse;
    }
  | {
      readonly type: 'task.wrote';
      readonly task: string;
      readonly attempt: number;
      readonly exit?: Exit;
      readonly output?: OutputRef;
      readonly durationMs: number;
      /** Set when the act itself failed; what follows from it is an event of its own. */
      readonly failure?: Failure;
    }
  /** The run goes on with another text or inventory than it began with, where that concerns no finished step. */
  | ({ readonly type: 'run.repinned'; readonly by: string } & Repinned)
  | { readonly type: 'task.doubted'; readonly task: string; readonly attempt: number; readonly why: string }
  | {
      readonly type: 'task.settled';
      readonly task: string;
      readonly attempt: number;
      readonly verdict: 'applied' | 'not-applied';
      readonly ground: 'receipt' | 'check' | 'verify' | 'look' | 'repeat: safe' | 'person';
      readonly why: string;
    }
  | {
      readonly type: 'task.retried';
      readonly task: string;
      readonly attempt: number;
      readonly failure: Failure;
      readonly delayMs: number;
    }
  | {
      readonly type: 'task.ended';
      readonly task: string;
      readonly attempt: number;
      readonly outcome: Outcome;
      readonly why?: Failure;
      readonly captured?: Readonly<Record<string, Value>>;
    }
  | ({ readonly type: 'invariant.broke' } & Breach)
  | ({ readonly type: 'invariant.unseen' } & Breach)
  | { readonly type: 'run.stopping'; readonly reason: HoldReason; readonly text: string }
  | PersonEvent
  | { readonly type: 'run.held'; readonly reason: HoldReason; readonly text: string }
  | { readonly type: 'run.ended'; readonly outcome: 'done' }
  /** Another run takes back what this one did; from then on it cannot be resumed. `run` is that run's id. */
  | { readonly type: 'run.undone'; readonly run: string; readonly operator: Operator };

/**
 * `locked`: another run holds a host. `drift`: the world is not the one that the run left, or that was approved.
 * `window`: what is next would not be over in time. `invariant`: what must hold throughout the run does not.
 */
export type HoldReason =
  | 'failed'
  | 'question'
  | 'doubt'
  | 'operator'
  | 'locked'
  | 'drift'
  | 'window'
  | 'invariant';

export type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;

/** An event in its place in the journal: `seq` from 1, `at` ISO 8601, `mono` ms since the writing process started. */
export interface Stamped {
  readonly seq: number;
  readonly at: string;
  readonly mono: number;
  readonly event: Event;
}
