import { stepOf } from '../../plan/step-of.ts';
import { evaluate, resolve } from '../../runbook/expression.ts';
import type { Step } from '../../runbook/model.ts';
import type { TaskRef } from '../event.ts';
import type { MoveResult } from '../input.ts';
import { Unknown, type Value } from '../value.ts';
import { toFailure } from './failure.ts';
import type { Known, ReadStage } from './stage.ts';

/** Opens a step: one task a host, or one a host and item of its loop. */
export async function begin(stage: ReadStage, id: string, state: Known): Promise<MoveResult> {
  const { step, hosts } = stepOf(stage.plan, id);
  const tasks: TaskRef[] = [];
  try {
    for (const host of hosts) {
      const found = await tasksOn(stage, step, host, state);
      if (found instanceof Unknown)
        throw new Error(`for-each needs a value that is not known: ${found.because}`);
      tasks.push(...found);
    }
  } catch (error) {
    return { type: 'unbegun', step: id, failure: toFailure(error) };
  }
  return { type: 'began', step: id, tasks };
}

/** The tasks of a step on one host, in the order of its loop; unknown while the loop's list is. */
export async function tasksOn(
  stage: ReadStage,
  step: Step,
  host: string,
  known: Known,
): Promise<readonly TaskRef[] | Unknown> {
  const { id, forEach } = step;
  const whole: TaskRef = { id: `${id}@${host}`, host };
  if (forEach === undefined) return [whole];
  const items = await stage.evaluate((scope) => resolve(forEach, scope), whole, known);
  if (items instanceof Unknown) return (await isOff(stage, step, whole, known)) ? [whole] : items;
  if (!isList(items)) throw new Error('for-each is not a list');
  const labels = labelsOf(items);
  return items.map((item, index) => ({ id: `${id}[${labels[index]}]@${host}`, host, index, item }));
}

/** Not needed here, whatever its loop would be: a part that is left out makes no captures for its own loops. */
async function isOff(stage: ReadStage, step: Step, task: TaskRef, state: Known): Promise<boolean> {
  const { when } = step;
  if (when === undefined) return false;
  return (await stage.evaluate((scope) => evaluate(when, scope), task, state)) === false;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** One label an item, each once: a task is found by its id. A label that is taken is told apart by its place. */
function labelsOf(items: readonly Value[]): readonly string[] {
  const taken = new Set<string>();
  return items.map((item, index) => {
    const own = label(item, index);
    const unique = taken.has(own) ? `${own}#${index + 1}` : own;
    taken.add(unique);
    return unique;
  });
}

/** Text and numbers name themselves; a host by its name; anything else by its place, from 1. */
function label(item: Value, index: number): string {
  if (typeof item === 'number') return String(item);
  const text = typeof item === 'string' ? item : nameOf(item);
  return text !== undefined && /^[\w.:,=-]{1,40}$/.test(text) ? text : String(index + 1);
}

function nameOf(item: Value): string | undefined {
  if (typeof item !== 'object' || item === null || !('name' in item)) return undefined;
  return typeof item.name === 'string' ? item.name : undefined;
}
