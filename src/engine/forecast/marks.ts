import { resolve } from '../../runbook/expression.ts';
import type { Step } from '../../runbook/model.ts';
import type { Change } from '../action.ts';
import type { TaskRef } from '../event.ts';
import type { Known, ReadStage } from '../perform/stage.ts';
import { actionOf } from '../perform/stage.ts';
import {
  anythingOn,
  configOn,
  DATA,
  dataOn,
  EVERYWHERE,
  filesAt,
  type Place,
  processesOn,
  unitsOn,
} from '../place.ts';
import { Unknown, type Value } from '../value.ts';

/** What a task that may change something leaves, and where that may be seen. */
export interface Mark {
  readonly task: TaskRef;
  /** Of its step, from 1. */
  readonly number: number;
  readonly places: readonly Place[];
}

/** Where the effect of a task may be seen: as its step says, or its action. */
export async function placesTouched(
  stage: ReadStage,
  step: Step,
  task: TaskRef,
  known: Known,
  params: Value | undefined,
  changes: readonly Change[] | undefined,
): Promise<readonly Place[]> {
  if (step.touches) {
    const words = step.touches;
    try {
      const said = await stage.evaluate((scope) => words.map((word) => resolve(word, scope)), task, known);
      return said.flatMap((word) => placesOf(word, task.host));
    } catch {
      // An expression that goes wrong says nothing of where.
      return [EVERYWHERE];
    }
  }
  const action = actionOf(stage, step.call.action);
  if (action.touches) return action.touches(task.host, params, changes);
  return action.kind === 'change' ? [EVERYWHERE] : [];
}

function placesOf(word: Value | Unknown, host: string): readonly Place[] {
  if (word instanceof Unknown || typeof word !== 'string') return [filesAt(host, '/')];
  switch (word) {
    case 'nothing':
      return [];
    case 'host':
      return [anythingOn(host)];
    case 'service':
      return [unitsOn(host), processesOn(host)];
    case 'config':
      return [configOn(host), dataOn(host)];
    case 'data':
      return [DATA];
    default:
      return [filesAt(host, word)];
  }
}
