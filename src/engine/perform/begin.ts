import { stepOf } from '../../plan/step-of.ts';
import { resolve } from '../../runbook/expression.ts';
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
      if (items instanceof Unknown) throw new Error(`for-each needs a value that is not known: ${items.because}`);
      if (!isList(items)) throw new Error('for-each is not a list');
      items.forEach((item, index) => {
        tasks.push({ id: `${id}[${label(item, index)}]@${host}`, host, index, item });
      });
    }
  } catch (error) {
    return { type: 'unbegun', step: id, failure: toFailure(error) };
  }
  return { type: 'began', step: id, tasks };
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
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
