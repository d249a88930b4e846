/** Reads what a run starts from, and stops with every problem at once before anything is contacted. */
import { actions } from '../actions/index.ts';
import { loadInventory } from '../inventory/load.ts';
import type { Inventory } from '../inventory/model.ts';
import { labInventoryPath } from '../lab/lab-paths.ts';
import { inputText } from '../plan/bind-inputs.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { loadRunbook } from '../runbook/load.ts';
import type { Runbook } from '../runbook/model.ts';
import type { Scope } from '../runbook/scope.ts';
import { EXIT, Stop } from './exit-code.ts';
import { problemLines } from './problem-lines.ts';

export async function runbookOrStop(
  name: string,
): Promise<{ runbook: Runbook; text: string; digest: string }> {
  const { runbook, problems, text, digest } = await loadRunbook(name, actions);
  if (!runbook)
    throw new Stop(
      EXIT.usage,
      problemLines(problems).trimEnd(),
      'mend these lines, then lockstep lint; no host was contacted',
    );
  return { runbook, text, digest };
}

export async function inventoryOrStop(source: string | undefined): Promise<Inventory> {
  if (source === undefined)
    throw new Stop(
      EXIT.usage,
      'no inventory is given',
      'name one with -i FILE or -i lab:NAME, or set LOCKSTEP_INVENTORY',
    );
  const { inventory, problems } = await loadInventory(source, labInventoryPath);
  if (!inventory)
    throw new Stop(EXIT.usage, problemLines(problems).trimEnd(), 'mend the inventory; no host was contacted');
  const warnings = problems.filter(({ severity }) => severity === 'warning');
  if (warnings.length > 0) process.stderr.write(problemLines(warnings));
  return inventory;
}

/** A plan's inputs as the journal keeps them. */
export function inputTexts(plan: Plan): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(plan.inputs).map(([name, value]) => [name, inputText(value)]));
}

export function planOrStop(
  runbook: Runbook,
  inventory: Inventory,
  given: Readonly<Record<string, string>>,
  run: Scope['run'],
): Plan {
  const { plan, problems } = makePlan(runbook, inventory, given, run);
  if (plan) return plan;
  const lines = problems.map((problem) =>
    'file' in problem ? problemLines([problem]).trimEnd() : `${problem.message}\n    ${problem.hint}`,
  );
  throw new Stop(EXIT.usage, lines.join('\n'), 'no host was contacted');
}
