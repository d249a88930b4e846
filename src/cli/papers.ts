import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Inventory } from '../inventory/model.ts';
import { newRunId } from '../journal/run-directory.ts';
import type { Plan } from '../plan/plan.ts';
import type { Scope } from '../runbook/scope.ts';
import { inventoryOrStop, planOrStop, runbookOrStop } from './inputs.ts';

/** What a run or a plan starts from: read, checked, bound. Nobody has been contacted. */
export interface Papers {
  readonly plan: Plan;
  readonly inventory: Inventory;
  readonly runbook: { readonly name: string; readonly version: string; readonly digest: string };
  readonly title: string;
  /** The runbook's own text, parts folded in. */
  readonly text: string;
  readonly given: Readonly<Record<string, string>>;
  readonly source: { readonly runbook: string; readonly inventory: string };
  readonly run: Scope['run'];
}

export async function loadPapers(
  name: string,
  options: { readonly inventory?: string | undefined; readonly set: Readonly<Record<string, string>> },
): Promise<Papers> {
  const { runbook, text, digest } = await runbookOrStop(name);
  const inventory = await inventoryOrStop(options.inventory);
  const now = new Date();
  const run = { id: newRunId(now), started: now.toISOString() };
  return {
    plan: planOrStop(runbook, inventory, options.set, run),
    inventory,
    runbook: { name: runbook.name, version: runbook.version, digest },
    title: runbook.title,
    text,
    given: options.set,
    source: { runbook: whole(name), inventory: whole(inventory.source) },
    run,
  };
}

/** A path that is read again from another directory, by a later resume. */
export function whole(source: string): string {
  return existsSync(source) ? resolve(source) : source;
}
