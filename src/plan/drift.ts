/** What has changed in the papers of a run since it began: runbook, inventory, inputs. Pure. */
import type { Drift } from '../engine/drift.ts';
import type { Value } from '../engine/value.ts';
import type { Inventory } from '../inventory/model.ts';
import { snapshot } from '../inventory/snapshot.ts';
import type { Runbook } from '../runbook/model.ts';
import type { Scope } from '../runbook/scope.ts';
import { bindInputs, inputText } from './bind-inputs.ts';
import { canonical } from './canonical.ts';

/** At most so much of a value is shown. */
const SHOWN = 80;

/** Differences of the hosts of a run, of their groups, and of the variables that a runbook may read. */
export function inventoryDrift(kept: Inventory, live: Inventory, hosts: readonly string[]): readonly Drift[] {
  const before = snapshot(kept) as unknown as Inventory;
  const now = snapshot(live) as unknown as Inventory;
  const drifts: Drift[] = [];
  for (const name of hosts) {
    const was = before.hosts[name];
    const is = now.hosts[name];
    if (!was) continue;
    if (!is) drifts.push({ name: `inventory:${name}`, what: `${name} is no longer in the inventory` });
    else drifts.push(...members(`inventory:${name}`, was, is, ['name']));
  }
  return [...drifts, ...members('inventory:vars', before.vars, now.vars, [])];
}

/** One drift a key whose value differs; `access` and `vars` of a host are told key by key. */
function members(path: string, was: object, is: object, except: readonly string[]): readonly Drift[] {
  const before = was as Readonly<Record<string, Value | undefined>>;
  const now = is as Readonly<Record<string, Value | undefined>>;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    (key) => !except.includes(key),
  );
  return keys.flatMap((key): readonly Drift[] => {
    const [a, b] = [before[key], now[key]];
    if (same(a, b)) return [];
    const name = `${path}.${key}`;
    if ((key === 'vars' || key === 'access') && isMap(a) && isMap(b)) return members(name, a, b, []);
    return [{ name, what: `it was ${shortened(a)}, and is ${shortened(b)}` }];
  });
}

function isMap(value: Value | undefined): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** A value in a sentence, cut where it is long. */
export function shortened(value: unknown): string {
  const text = value === undefined ? 'not set' : JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)} …` : text;
}

/** Inputs that today's inventory, or the runbook's defaults in it, would bind to something else. */
export function inputDrift(
  runbook: Runbook,
  kept: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
  live: Inventory,
  run: Scope['run'],
): readonly Drift[] {
  const { values, problems } = bindInputs(runbook, live, given, run);
  const broken = problems.map(({ name, message }) => ({ name: `input:${name}`, what: message }));
  const changed = Object.entries(values).flatMap(([name, value]) => {
    const [was, is] = [kept[name], inputText(value)];
    return was === undefined || was === is
      ? []
      : [{ name: `input:${name}`, what: `it was ${shortened(was)}, and would be ${shortened(is)}` }];
  });
  return [...broken, ...changed];
}
