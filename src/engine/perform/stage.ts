/** What the moves of a task stand on. Everything that touches the world comes through here. */
import type { Plan } from '../../plan/plan.ts';
import type { Scope } from '../../runbook/scope.ts';
import type { Connection, Heard, HostIdentity, Token } from '../../transport/transport.ts';
import type { Action, ActionTable, Change } from '../action.ts';
import type { OutputRef, TaskRef } from '../event.ts';
import type { CommandResult, ReadPorts, WritePorts } from '../ports.ts';
import type { Unknown, Value } from '../value.ts';

/** What earlier steps have captured, by host and name: the state of a run, or what a plan knows of it. */
export interface Known {
  readonly captured: Readonly<Record<string, Readonly<Record<string, Value | Unknown>>>>;
}

/** For those who only look: a plan, a look, a verification. Nothing here can write, by type. */
export interface ReadStage {
  readonly plan: Plan;
  readonly actions: ActionTable;
  /** Connects if need be; memoised. */
  meet(host: string): Promise<HostIdentity>;
  reading(task: TaskRef): ReadPorts;
  /** The same plain value with the known secrets replaced by their names. */
  clean<T>(value: T): T;
  /** Evaluates with secrets fetched as they are met. */
  evaluate<T>(use: (scope: Scope) => T, task: TaskRef, known: Known, result?: Value): Promise<T>;
  /** Known secrets replaced by their names, as in all that is journaled. */
  redact(text: string): string;
}

export interface Stage extends ReadStage {
  /** Each command that `write` executes takes the next token of this attempt. */
  writing(task: TaskRef, attempt: number): WritePorts;
  connection(host: string): Connection;
  token(task: TaskRef, attempt: number, part: number): Token;
  /** Hears a command of this task that runs already. */
  hear(task: TaskRef): Heard;
  /** Writes the side file; undefined when there was no output. */
  keep(task: TaskRef, attempt: number, result: CommandResult): OutputRef | undefined;
  /** What a task bound in its look, for its write: parameters and changes hold clear secrets, so memory only. */
  readonly bound: Map<string, BoundTask>;
  now(): number;
}

export interface BoundTask {
  readonly attempt: number;
  readonly params: unknown;
  readonly changes: readonly Change[];
  /** Set by the write, or by a receipt. */
  command?: CommandResult;
  result?: Value;
}

/** The action of a step; lint has refused unknown ones. */
export function actionOf(stage: Pick<ReadStage, 'actions'>, name: string): Action {
  const action = stage.actions[name];
  if (!action) throw new Error(`no action ${name}`);
  return action;
}
