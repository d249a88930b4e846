import type { Step } from '../../runbook/model.ts';
import { resolve } from '../../runbook/expression.ts';
import type { TaskRef } from '../event.ts';
import type { CommandResult } from '../ports.ts';
import type { RunState } from '../state.ts';
import { Unknown, type Value } from '../value.ts';
import type { Stage } from './stage.ts';

/** Names the values that later steps use. A secret is not captured: the journal would have to keep it. */
export async function capture(
  stage: Stage,
  step: Step,
  task: TaskRef,
  state: RunState,
  result: Value,
): Promise<Readonly<Record<string, Value>>> {
  const names = Object.keys(step.capture);
  if (names.length === 0) return {};
  const captured: Record<string, Value> = {};
  for (const name of names) {
    const value = await stage.evaluate((scope) => resolve(step.capture[name] ?? null, scope), task, state, result);
    if (value instanceof Unknown) throw new Error(`capture ${name}: ${value.because}`);
    captured[name] = value;
  }
  return captured;
}

/** A command's result as expressions see it; `code` is -1 when a signal or the time limit ended it. */
export function commandValue(result: CommandResult): Value {
  return {
    code: result.exit.kind === 'exited' ? result.exit.code : -1,
    stdout: result.stdout,
    stderr: result.stderr,
    lines: result.stdout.split('\n').filter((line) => line !== ''),
  };
}
