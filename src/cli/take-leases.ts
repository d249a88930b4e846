import { actions } from '../actions/index.ts';
import type { Input } from '../engine/input.ts';
import { heldText } from '../hosts/lease-rules.ts';
import type { Conflict, Leases } from '../hosts/leases.ts';
import type { Plan } from '../plan/plan.ts';
import { tame } from '../reporters/style.ts';
import type { Terminal } from './terminal.ts';

/** The hosts that this plan may change, each once. */
export function changedHosts(plan: Plan): readonly string[] {
  const changing = plan.steps.filter(({ step }) => actions[step.call.action]?.kind === 'change');
  return [...new Set(changing.flatMap(({ hosts }) => hosts))];
}

/**
 * Takes the leases of all hosts that the plan may change, or of none. Where others hold some: a given reason takes them over, a
 * person at the terminal may type one; else the run is to be held.
 */
export async function takeLeases(
  leases: Leases,
  plan: Plan,
  terminal: Terminal,
  reason: string | undefined,
): Promise<Extract<Input, { type: 'hold' }> | undefined> {
  const hosts = changedHosts(plan);
  const conflicts = await leases.take(hosts, reason);
  if (conflicts.length === 0) return undefined;
  const because = reason === undefined ? await askWhy(terminal, conflicts) : undefined;
  const left = because ? await leases.take(hosts, because) : conflicts;
  return left.length === 0 ? undefined : { type: 'hold', reason: 'locked', text: tellAll(left) };
}

function tellAll(conflicts: readonly Conflict[]): string {
  return conflicts.map(({ host, held }) => heldText(host, held)).join('; ');
}

async function askWhy(terminal: Terminal, conflicts: readonly Conflict[]): Promise<string | undefined> {
  if (!terminal.present) return undefined;
  const lines = conflicts.map(({ host, held }) => `  ${tame(heldText(host, held))}\n`).join('');
  const typed = await terminal.line(
    `\n${lines}Taken over, that run can start nothing more there; what still runs goes on.\nType why you take it over (enter leaves it): `,
  );
  return typed?.trim() || undefined;
}
