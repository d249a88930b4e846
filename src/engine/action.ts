/** An action is one file under `actions/`, one of three kinds, and a line in `actions/index.ts`. */
import type { z } from 'zod';
import type { ActionCall } from '../runbook/model.ts';
import type { Place } from './place.ts';
import type { CommandResult, ReadPorts, WritePorts } from './ports.ts';
import type { Value } from './value.ts';

/** One line of a diff; `[name]` stands for a secret. */
export interface DiffLine {
  readonly op: '+' | '-' | ' ';
  readonly text: string;
}

/**
 * A difference between what is and what should be. The value that is shown, journaled and applied is this one.
 * `data` is the action's own: what `write` applies. It may hold `Secret`s, which render as their names.
 */
export interface Change {
  /** What it touches: a DN, a path, a unit, a command line. */
  readonly what: string;
  readonly lines: readonly DiffLine[];
  readonly data: Value;
}

/** What a change's `write` gives back: the command's result if it was one, and values for `capture`. */
export interface Written {
  readonly command?: CommandResult;
  readonly result?: Value;
}

/** What would bring back what a change found. Made before the write, and journaled with its intent. */
export interface Inverse {
  /**
   * In the order in which they are to be made. Values are literal: nothing in them is an expression. A secret may stand
   * in them; it is kept as the expression that names it, or not at all.
   */
  readonly calls: readonly ActionCall[];
  /** What they do not bring back, why, and where to look instead; a sentence each. */
  readonly cannot: readonly string[];
  /** Once all that came before it on that host is undone: a restart, for what the unit has read meanwhile. */
  readonly afterwards?: readonly ActionCall[];
}

export interface Undoing<P, F> {
  /** For the reference: what is brought back, and what is not. */
  readonly about: string;
  /** Pure, from what `diff` saw. Applied after the write it leaves what was there before. */
  inverse(params: P, changes: readonly Change[], facts: F): Inverse;
}

interface ActionBase<P> {
  /** The key in YAML: `ldap.modify`. */
  readonly name: string;
  /** One sentence for the reference and the editor. */
  readonly about: string;
  /** Pure: no transforms, so that it becomes JSON Schema. */
  readonly params: z.ZodType<P>;
  /**
   * Where it takes its answer from, for plans: what is changed elsewhere does not matter to it. Without it: from what it was seen
   * to read, and for a command from anything on its host.
   */
  reads?(host: string, params: P): readonly Place[];
  /**
   * Where its effect may be seen, for plans: what was read there before may then be otherwise. `params` and `changes` as far as
   * they are known. Without it, the effect of a change may be seen everywhere; a gate and a question have none.
   */
  touches?(host: string, params: P | undefined, changes: readonly Change[] | undefined): readonly Place[];
}

/** `diff` is pure; `[]` means already done. `write` applies exactly these changes. */
export interface ChangeAction<P = unknown, F = unknown> extends ActionBase<P> {
  readonly kind: 'change';
  /**
   * `readback`: `read` and `diff` prove what was done, so doubt is settled by looking again.
   * `command`: the effect runs in the envelope and cannot be read back; the step carries the contract.
   */
  readonly proof: 'readback' | 'command';
  /** Its diff is what the tool's own dry run said (`apt-get -s`). */
  readonly told?: true;
  read(params: P, ports: ReadPorts): Promise<F>;
  diff(params: P, facts: F): readonly Change[];
  write(params: P, changes: readonly Change[], ports: WritePorts): Promise<Written>;
  /**
   * After a write: what is still lacking, or undefined when it took. For acts that a second `diff` cannot judge (a
   * restart); without it the proof is that `diff` is empty.
   */
  unproven?(params: P, changes: readonly Change[], facts: F): string | undefined;
  /**
   * Whether what it wrote is meant to stay, so that a resume may tell when it has gone. Without it: yes where `diff` judges
   * the act, no where `unproven` does.
   */
  lasts?(params: P): boolean;
  /** What `capture` sees as `result` when nothing had to change, or after the write is verified. */
  result?(params: P, facts: F): Value;
  /** Without it, an act is undone by what its step says (`undo`), or not at all. */
  readonly undo?: Undoing<P, F>;
}

/** Never writes. Polled until `lacking` is undefined, or the deadline. */
export interface GateAction<P = unknown, F = unknown> extends ActionBase<P> {
  readonly kind: 'gate';
  read(params: P, ports: ReadPorts): Promise<F>;
  /** What is still missing, in the operator's words; undefined when the gate holds. */
  lacking(params: P, facts: F): string | undefined;
  result(params: P, facts: F): Value;
  /** Default deadline and poll interval in ms; `withinMs: 0` reads once. */
  readonly patience: { readonly withinMs: number; readonly everyMs: number; readonly times: number };
  /** Overrides `patience` from the params (`within`, `every`, `for`). */
  patienceOf?(params: P): { readonly withinMs: number; readonly everyMs: number; readonly times: number };
}

export type QuestionClass = 'notice' | 'confirm' | 'typed' | 'two-person';

/** A question as data: screens, policies and tests answer it the same way. */
export interface AskAction<P = unknown> extends ActionBase<P> {
  readonly kind: 'ask';
  question(params: P): { readonly class: QuestionClass; readonly text: string; readonly typed?: string };
}

// biome-ignore lint/suspicious/noExplicitAny: the table holds actions of every parameter type; `params` checks each.
export type Action = ChangeAction<any, any> | GateAction<any, any> | AskAction<any>;

export type ActionTable = Readonly<Record<string, Action>>;
