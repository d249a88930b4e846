import { actions } from '../actions/index.ts';
import type { EventOf } from '../engine/event.ts';
import { snapshot } from '../inventory/snapshot.ts';
import { briefsOf } from '../plan/briefs.ts';
import { beginRun } from './begin-run.ts';
import { inputTexts } from './inputs.ts';
import { operatorOf } from './operator.ts';
import type { RunOptions } from './option.ts';
import { loadPapers } from './papers.ts';
import { prepare } from './prepare.ts';
import { openTerminal } from './terminal.ts';
import { VERSION } from './version.ts';

/** Load, plan, open the journal, run, report. */
export async function startRun(
  name: string,
  options: RunOptions & { readonly set: Readonly<Record<string, string>> },
): Promise<number> {
  const { plan, run, inventory, ...papers } = await loadPapers(name, options);
  const terminal = openTerminal(process.stdin, process.stdout);
  const operator = operatorOf(terminal, process.env);

  const opened: EventOf<'run.opened'> = {
    type: 'run.opened',
    run: run.id,
    started: run.started,
    ...papers,
    inputs: inputTexts(plan),
    inventory: snapshot(inventory),
    steps: briefsOf(plan, actions),
    policy: { yes: options.yes === true },
    operator,
    versions: { lockstep: VERSION, node: process.versions.node },
    ...(options.reason !== undefined && { reason: options.reason }),
  };
  const prepared = await prepare(plan, terminal);
  try {
    return await beginRun({ plan, prepared, run, opened, operator, terminal, options });
  } finally {
    await prepared.reach.close();
  }
}
