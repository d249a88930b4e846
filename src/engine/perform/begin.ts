import { stepOf } from '../../plan/step-of.ts';
import { evaluate, resolve } from '../../runbook/expression.ts';
import type { Step } from '../../runbook/model.ts';
import type { TaskRef } from '../event.ts';
import type { MoveResult } from '../input.ts';
import type { RunState } from '../state.ts';
import { Unknown, type Value } from '../value.ts';
import { toFailure } from './failure.ts';
import type { Stage } from './stage.ts';

/** Opens a step: one task a host, or one a host and item of its loop. */
export async function begin(stage: Stage, id: string, state: RunState): Promise<MoveResult> {
  const { step, hosts } = stepOf(stage.plan, id);
  const tasks: TaskRef[] = [];
  try {
    for (const host of hosts) {
      if (step.forEach === undefined) {
        tasks.push({ id: `${id}@${host}`, host });
        continue;
      }
      const loop = step.forEach;
      const probe: TaskRef = { id: `${id}@${host}`, host };
      const items = await stage.evaluate((scope) => resolve(loop, scope), probe, state);
      if (items instanceof Unknown) {
        if (!(await isOff(stage, step, probe, state)))
          throw new Error(`for-each needs a value that is not known: ${items.because}`);
        tasks.push(probe);
        continue;
      }
      if (!isList(items)) throw new Error('for-each is not a list');
      const labels = labelsOf(items);
      items.forEach((item, index) => {
        tasks.push({ id: `${id}[${labels[index]}]@${host}`, host, index, item });
      });
    }
  } catch (error) {
    return { type: 'unbegun', step: id, failure: toFailure(error) };
  }
  return { type: 'began', step: id, tasks };
}

/** Not needed here, whatever its loop would be: a part that is left out makes no captures for its own loops. */
async function isOff(stage: Stage, step: Step, task: TaskRef, state: RunState): Promise<boolean> {
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
