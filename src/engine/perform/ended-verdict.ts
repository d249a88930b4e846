import type { Step } from '../../runbook/model.ts';
import type { TaskRef } from '../event.ts';
import type { Verdict } from '../input.ts';
import type { CommandResult } from '../ports.ts';
import type { RunState } from '../state.ts';
import { toFailure } from './failure.ts';
import { hint } from './look.ts';
import type { Stage } from './stage.ts';

/** What the receipt of an ended command says, its output kept; `success` are the exit codes that mean it. */
export async function endedVerdict(
  stage: Stage,
  step: Step,
  task: TaskRef,
  attempt: number,
  state: RunState,
  result: CommandResult,
  success: readonly unknown[],
): Promise<Verdict> {
  const output = stage.keep(task, attempt, result);
  const { exit } = result;
  const ended = { kind: 'ended' as const, exit, ...(output && { output }) };
  if (exit.kind === 'exited' && success.includes(exit.code)) return { ...ended, ok: true };
  const { next } = await hint(stage, step, task, state);
  const error = Object.assign(new Error(`the command ${howItEnded(exit)}`), { command: result });
  return { ...ended, ok: false, failure: toFailure(error, next) };
}

function howItEnded(exit: CommandResult['exit']): string {
  if (exit.kind === 'exited') return `ended with code ${exit.code}`;
  return `was ended by ${exit.kind === 'killed' ? exit.signal : 'its time limit'}`;
}
