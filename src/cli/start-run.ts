import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { actions } from '../actions/index.ts';
import type { EventOf } from '../engine/event.ts';
import { snapshot } from '../inventory/snapshot.ts';
import { newRunId } from '../journal/run-directory.ts';
import { briefsOf } from '../plan/briefs.ts';
import { beginRun } from './begin-run.ts';
import { inputTexts, inventoryOrStop, planOrStop, runbookOrStop } from './inputs.ts';
import { openJunit } from './junit-file.ts';
import { operatorOf } from './operator.ts';
import type { RunOptions } from './option.ts';
import { prepare } from './prepare.ts';
import { openTerminal } from './terminal.ts';
import { VERSION } from './version.ts';

/** Load, plan, open the journal, run, report. */
export async function startRun(
  name: string,
  options: RunOptions & { readonly set: Readonly<Record<string, string>> },
): Promise<number> {
  const junit = openJunit(options.junit);
  const { runbook, text, digest } = await runbookOrStop(name);
  const inventory = await inventoryOrStop(options.inventory);
  const now = new Date();
  const run = { id: newRunId(now), started: now.toISOString() };
  const plan = planOrStop(runbook, inventory, options.set, run);
  const terminal = openTerminal(process.stdin, process.stdout);
  const operator = operatorOf(terminal, process.env);

  const opened: EventOf<'run.opened'> = {
    type: 'run.opened',
    run: run.id,
    started: run.started,
    runbook: { name: runbook.name, version: runbook.version, digest },
    title: runbook.title,
    text,
    inputs: inputTexts(plan),
    given: options.set,
    inventory: snapshot(inventory),
    source: { runbook: whole(name), inventory: whole(inventory.source) },
    steps: briefsOf(plan, actions),
    policy: { yes: options.yes === true },
    operator,
    versions: { lockstep: VERSION, node: process.versions.node },
    ...(options.reason !== undefined && { reason: options.reason }),
  };
  const prepared = await prepare(plan, terminal);
  try {
    return await beginRun({ plan, prepared, run, opened, operator, terminal, options, junit });
  } finally {
    await prepared.reach.close();
  }
}

/** A path that is read again from another directory, by a later resume. */
export function whole(source: string): string {
  return existsSync(source) ? resolve(source) : source;
}
