/** What the loop tells `decide`: how a move came out, or what a person commands. */
import type { Inverse, QuestionClass } from './action.ts';
import type { Drift } from './drift.ts';
import type {
  AnswerWord,
  ChangeView,
  EventOf,
  Failure,
  HoldReason,
  LeaseTaken,
  OutputRef,
  TaskRef,
} from './event.ts';
import type { Exit } from './ports.ts';
import type { Value } from './value.ts';
import type { Timing } from './window.ts';

/** What should be under way: one move of one task, or the opening of a step. */
export type Move =
  | { readonly kind: 'begin'; readonly step: string }
  | {
      readonly kind: 'look' | 'write' | 'verify' | 'settle';
      readonly task: TaskRef;
      readonly attempt: number;
    };

/** A question before it has a number. */
export interface Asking {
  readonly class: QuestionClass;
  readonly text: string;
  readonly typed?: string;
}

export type Look =
  /** `when` is false, so there is nothing to do here. */
  | { readonly kind: 'skipped'; readonly because: string }
  /** Already as it should be, or the gate holds. */
  | { readonly kind: 'holds'; readonly captured: Readonly<Record<string, Value>> }
  | {
      readonly kind: 'differs';
      readonly changes: readonly ChangeView[];
      readonly confirm?: Asking;
      readonly undo?: Inverse;
      /** Where the run has a window. */
      readonly timing?: Timing;
    }
  | { readonly kind: 'asks'; readonly question: Asking; readonly timing?: Timing }
  | { readonly kind: 'fails'; readonly failure: Failure };

export type Verdict =
  | {
      readonly kind: 'ended';
      readonly exit: Exit;
      readonly ok: boolean;
      readonly failure?: Failure;
      readonly output?: OutputRef;
    }
  | {
      readonly kind: 'applied' | 'not-applied';
      readonly ground: EventOf<'task.settled'>['ground'];
      readonly why: string;
    }
  | { readonly kind: 'open'; readonly why: string };

export type MoveResult =
  | { readonly type: 'began'; readonly step: string; readonly tasks: readonly TaskRef[] }
  | { readonly type: 'looked'; readonly task: string; readonly attempt: number; readonly look: Look }
  | {
      readonly type: 'wrote';
      readonly task: string;
      readonly attempt: number;
      readonly exit?: Exit;
      readonly output?: OutputRef;
      readonly durationMs: number;
      /** Set when the exit says that it failed. */
      readonly failure?: Failure;
      readonly captured?: Readonly<Record<string, Value>>;
    }
  | {
      readonly type: 'verified';
      readonly task: string;
      readonly attempt: number;
      readonly captured: Readonly<Record<string, Value>>;
    }
  | { readonly type: 'settled'; readonly task: string; readonly attempt: number; readonly verdict: Verdict }
  | {
      readonly type: 'broke';
      readonly task: string;
      readonly attempt: number;
      readonly during: 'look' | 'write' | 'verify' | 'settle';
      /**
       * not-started, fenced: proven that nothing ran; lost: it may have; drift: the world is not as the run left it;
       * plain: an ordinary failure.
       */
      readonly how: 'not-started' | 'fenced' | 'lost' | 'drift' | 'plain';
      readonly failure: Failure;
    }
  | { readonly type: 'unbegun'; readonly step: string; readonly failure: Failure };

export type Input =
  | MoveResult
  | { readonly type: 'met'; readonly host: string; readonly identity: EventOf<'host.met'>['identity'] }
  | ({ readonly type: 'leased' } & LeaseTaken)
  | { readonly type: 'used'; readonly name: string; readonly host?: string; readonly fingerprint: string }
  | { readonly type: 'drift'; readonly drifts: readonly Drift[] }
  | ({ readonly type: 'accept' } & Omit<EventOf<'drift.accepted'>, 'type'>)
  | {
      readonly type: 'answer';
      readonly question: string;
      readonly answer: AnswerWord;
      readonly by: string;
      readonly ground: string;
      readonly because?: string;
    }
  /** Not `broken`: it could not be observed for too long. */
  | {
      readonly type: 'breach';
      readonly invariant: string;
      readonly broken: boolean;
      readonly text: string;
      readonly hosts: readonly string[];
    }
  | { readonly type: 'hold'; readonly reason: HoldReason; readonly text: string }
  /** Takes an operator's hold back; any other stays. */
  | { readonly type: 'go-on'; readonly by: string }
  | { readonly type: 'note'; readonly text: string; readonly by: string }
  /** Nothing is under way and nothing can be. */
  | { readonly type: 'idle' };
