/** What the terminal UI shows, as plain values: the store folds it, `view` draws it, keys change where the operator looks. */
import type { AnswerWord } from '../engine/event.ts';
import type { RunState } from '../engine/state.ts';

/** Columns and rows of the terminal. A frame has fewer rows than that. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** How a piece of a line looks; a terminal without colours shows the words alone. */
export type Tone = 'plain' | 'bold' | 'dim' | 'good' | 'bad' | 'warn' | 'chosen';

export interface Span {
  readonly text: string;
  readonly tone?: Tone;
}

/** One line of the screen, never wider than the terminal. */
export type Row = readonly Span[];

/** The whole screen; at most `rows - 1` of them. */
export type Frame = readonly Row[];

/** A line of a task's story: what happened to it, or what its command has printed. Tame already: no control characters. */
export interface StoryLine {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
  readonly tone?: Tone;
}

/** What is known of a task beside the fold: its times, and its last lines in bounded memory. */
export interface TaskStory {
  readonly begun?: number;
  readonly ended?: number;
  readonly events: readonly StoryLine[];
  readonly output: readonly StoryLine[];
  /** Lines that were dropped to keep memory bounded; all of them are in the journal's side files. */
  readonly dropped: number;
  /** The last word about it while it is under way. */
  readonly note?: StoryLine;
}

/** What lies over the lower third. A question, a failure and a doubt come from the run; the others are opened by a key. */
export type Panel =
  | { readonly kind: 'question'; readonly id: string }
  | { readonly kind: 'failure'; readonly task: string }
  | { readonly kind: 'doubt'; readonly task: string }
  | { readonly kind: 'diff'; readonly task: string }
  | { readonly kind: 'output'; readonly task: string; readonly follow: boolean; readonly search?: string }
  /** A reason, a note, a word that must be typed: what the line so far holds, and what enter does with it. */
  | { readonly kind: 'typing'; readonly prompt: string; readonly text: string; readonly then: Typed }
  /** Leaving while something is under way, or undoing: `text` says what follows, and only `y` does it. */
  | { readonly kind: 'sure'; readonly text: string; readonly act: Act }
  | { readonly kind: 'help' };

/** What a finished line is for. */
export type Typed =
  | { readonly kind: 'word'; readonly question: string; readonly wanted: string }
  | { readonly kind: 'because'; readonly act: Exclude<Act, { readonly kind: 'note' }> }
  | { readonly kind: 'note' }
  | { readonly kind: 'search'; readonly task: string };

/** Where the operator is. */
export interface Look {
  readonly step: number;
  readonly host: number;
  /** First line of a diff or of the help; of output, how many lines its last line is from the end. */
  readonly scroll: number;
  /** The last one has the keys. */
  readonly panels: readonly Panel[];
  /** The operator looks elsewhere; without it, the step and the task that are under way are looked at. */
  readonly moved?: true;
  /** What a key has led to, where nothing else shows it; until the next key. */
  readonly said?: string;
  /** When the last key was pressed, and when the panel on top came up; ms since the epoch. */
  readonly pressed?: number;
  readonly raised?: number;
}

export interface Screen {
  readonly run: RunState;
  /** Task id → its story. */
  readonly stories: Readonly<Record<string, TaskStory>>;
  readonly look: Look;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly opened: number;
  /** Estimated ms of what is left and of the way back, where they are known. */
  readonly toGo?: number;
  readonly wayBack?: number;
  /** ISO 8601, where the run has a window. */
  readonly closes?: string;
  readonly reason?: string;
  /** Set by the first Ctrl-C or `h`: held as soon as what is under way has ended. */
  readonly holding: boolean;
  /** Another process runs it: nothing here can be commanded. */
  readonly readOnly: boolean;
  readonly unicode: boolean;
  /** Minutes east of UTC, for times of day. */
  readonly zone: number;
}

/** What a key asks of the run. Each is a command to the engine and lands in the journal, or leaves the screen. */
export type Act =
  | { readonly kind: 'hold' }
  | { readonly kind: 'go-on' }
  | {
      readonly kind: 'answer';
      readonly question: string;
      readonly answer: AnswerWord;
      readonly because?: string;
    }
  /** Of a task that has failed, when the run is held: another attempt; pass over it; it is done all the same. */
  | { readonly kind: 'retry'; readonly task: string }
  | { readonly kind: 'skip'; readonly task: string; readonly because?: string }
  | { readonly kind: 'done'; readonly task: string; readonly because?: string }
  /** Leaves this run held, and begins an undo of it back to that step. */
  | { readonly kind: 'undo'; readonly step: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'shell'; readonly host: string }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'leave' };
