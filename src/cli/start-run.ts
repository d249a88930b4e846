import { actions } from '../actions/index.ts';
import type { EventOf } from '../engine/event.ts';
import { snapshot } from '../inventory/snapshot.ts';
import { briefsOf } from '../plan/briefs.ts';
import { answersFor } from './answers-for.ts';
import { beginRun, type Left } from './begin-run.ts';
import { here, openWindow } from './change-window.ts';
import { EXIT } from './exit-code.ts';
import { inputTexts } from './inputs.ts';
import { openJunit } from './junit-file.ts';
import { operatorOf } from './operator.ts';
import { loadPapers } from './papers.ts';
import { policyOf } from './policy.ts';
import { prepare } from './prepare.ts';
import type { StartOptions } from './run.ts';
import { readSealedPlan } from './sealed-plan.ts';
import { openTerminal } from './terminal.ts';
import { undoneOr } from './undo-back-to.ts';
import { samePapers, samePlan } from './use-plan.ts';
import { VERSION } from './version.ts';

/** Load, plan, open the journal, run, report. */
export async function startRun(name: string | undefined, options: StartOptions): Promise<number> {
  const junit = openJunit(options.junit);
  const approved = options.plan === undefined ? undefined : readSealedPlan(options.plan);
  const loaded = await loadPapers(name ?? approved?.source.runbook ?? '', {
    inventory: options.inventory ?? approved?.source.inventory,
    set: { ...approved?.given, ...options.set },
  });
  const { plan, run, inventory, ...papers } = loaded;
  const terminal = openTerminal(process.stdin, process.stdout, options.input);
  const operator = operatorOf(terminal, process.env);
  const window = options.dryRun ? {} : openWindow(options, undefined, here(process.env));
  const policy = { ...policyOf(options), ...window };
  const moment = { operator, digest: approved?.digest, now: Date.now() };
  const answers = answersFor(options.answers, plan, policy, moment);
  if (approved) samePapers(approved, loaded, terminal);
  const prepared = await prepare(plan, terminal);
  let left: Left;
  try {
    const sealed = approved && (await samePlan(approved, loaded, prepared, terminal));
    if (sealed && options.dryRun) {
      process.stdout.write(`the plan still holds: ${sealed.digest}\n`);
      return EXIT.done;
    }
    const opened: EventOf<'run.opened'> = {
      type: 'run.opened',
      run: run.id,
      started: run.started,
      ...papers,
      inputs: inputTexts(plan),
      inventory: snapshot(inventory),
      steps: briefsOf(plan, actions),
      policy,
      ...(sealed && { sealed }),
      operator,
      versions: { lockstep: VERSION, node: process.versions.node },
      ...(options.reason !== undefined && { reason: options.reason }),
    };
    left = await beginRun({ plan, prepared, run, opened, operator, terminal, answers, options, junit });
  } finally {
    await prepared.reach.close();
  }
  return undoneOr(left, options);
}
