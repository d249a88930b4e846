/** What of a sealed plan is not so any more, each by its name. Pure. */
import { type Drift, identityDrift } from '../engine/drift.ts';
import type { ChangeView } from '../engine/event.ts';
import { asThingsStand, diffOf, type Forecast, type TaskForecast } from '../engine/forecast/forecast.ts';
import type { Inventory } from '../inventory/model.ts';
import { canonical } from './canonical.ts';
import { type PlanDocument, RUN_ID, RUN_STARTED } from './document.ts';
import { inventoryDrift, shortened } from './drift.ts';

/** Differences between a plan and one that was made just now: [] when it may be carried out as it is. */
export function staleness(sealed: PlanDocument, now: PlanDocument): readonly Drift[] {
  return [
    ...paperDrift(sealed, now),
    ...hostDrift(sealed, now),
    ...invariantDrift(sealed, now),
    ...configDrift(sealed, now),
    ...taskDrift(sealed, now),
  ];
}

/** What needs no look at a host: version, runbook, inputs, inventory. */
export function paperDrift(
  sealed: PlanDocument,
  now: Omit<PlanDocument, 'digest' | keyof Forecast>,
): readonly Drift[] {
  const drifts: Drift[] = [];
  const note = (name: string, was: string | undefined, is: string | undefined): void => {
    if (was !== is) drifts.push({ name, what: `it was ${shortened(was)}, and is ${shortened(is)}` });
  };
  note('lockstep', sealed.versions.lockstep, now.versions.lockstep);
  note('runbook', versionOf(sealed), versionOf(now));
  for (const name of keysOf(sealed.inputs, now.inputs))
    note(`input:${name}`, sealed.inputs[name], now.inputs[name]);
  const hosts = [...new Set([...sealed.steps, ...now.steps].flatMap((step) => step.hosts))];
  return [...drifts, ...inventoryDrift(sealed.inventory as Inventory, now.inventory as Inventory, hosts)];
}

function versionOf({ runbook }: Pick<PlanDocument, 'runbook'>): string {
  return `${runbook.name} ${runbook.version} ${runbook.digest}`;
}

function hostDrift(sealed: PlanDocument, now: PlanDocument): readonly Drift[] {
  return Object.entries(sealed.hosts).flatMap(([host, was]): readonly Drift[] => {
    const is = now.hosts[host];
    if (!is) return [];
    if ('unreachable' in is)
      return 'unreachable' in was
        ? []
        : [{ name: `host:${host}`, what: `it cannot be looked at: ${is.unreachable}` }];
    if ('unreachable' in was)
      return [{ name: `host:${host}`, what: 'the plan has not looked at it, and it is there now' }];
    return identityDrift(host, was, is);
  });
}

function invariantDrift(sealed: PlanDocument, now: PlanDocument): readonly Drift[] {
  const was = new Map(sealed.invariants.map(({ id, says }) => [id, says]));
  return now.invariants
    .filter(({ id, says }) => was.get(id) !== says)
    .map(({ id, says, why }) => ({
      name: `invariant:${id}`,
      what: `the plan says: ${was.get(id) ?? 'nothing of it'}; now: ${says}${why ? `, ${why}` : ''}`,
    }));
}

/** The configuration as it was read, attribute by attribute. */
function configDrift(sealed: PlanDocument, now: PlanDocument): readonly Drift[] {
  return keysOf(sealed.observed, now.observed).flatMap((host) => {
    const [before, after] = [sealed.observed[host] ?? {}, now.observed[host] ?? {}];
    return keysOf(before, after).flatMap((dn) => {
      const [was, is] = [before[dn] ?? {}, after[dn] ?? {}];
      return keysOf(was, is)
        .filter((name) => canonical(was[name] ?? []) !== canonical(is[name] ?? []))
        .map((name) => ({
          name: `config:${host} ${dn} ${name}`,
          what: valuesText(was[name] ?? [], is[name] ?? []),
        }));
    });
  });
}

/** Only the values that differ. */
function valuesText(was: readonly string[], is: readonly string[]): string {
  const lost = was.filter((value) => !is.includes(value));
  const gained = is.filter((value) => !was.includes(value));
  const parts = [lost.length > 0 && `lost ${list(lost)}`, gained.length > 0 && `gained ${list(gained)}`];
  return parts.filter(Boolean).join(', ') || 'the same values in another number';
}

function list(values: readonly string[]): string {
  return values.map((value) => shortened(value)).join(' and ');
}

function taskDrift(sealed: PlanDocument, now: PlanDocument): readonly Drift[] {
  const after = new Map(now.tasks.map((one) => [one.task, one]));
  const before = new Map(sealed.tasks.map((one) => [one.task, one]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((task) => {
    const [was, is] = [before.get(task), after.get(task)];
    return canonical(shownOf(was)) === canonical(shownOf(is))
      ? []
      : [{ name: `task:${task}`, what: `the plan says: ${tellOf(was)}; now: ${tellOf(is)}` }];
  });
}

/** What an approval stands on: the verdict and the diff, not the words of a reason. */
function shownOf(task: TaskForecast | undefined): unknown {
  if (!task) return null;
  const standing = task.verdict === 'unknown' ? task.standing : undefined;
  return [task.verdict, diffOf(task), standing?.verdict ?? null, diffOf(standing)];
}

function tellOf(task: TaskForecast | undefined): string {
  if (!task) return 'no such task';
  const lines = diffOf(asThingsStand(task)).flatMap((change) => change.lines);
  const diff = lines.filter(({ op }) => op !== ' ').map(({ op, text }) => `${op} ${text}`);
  return [task.verdict, shortened(diff.join(', ') || undefined)]
    .filter((word) => word !== 'not set')
    .join(' ');
}

function keysOf(a: object, b: object): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

/** The diffs of a plan as the run will see them, its own id in the place of the plan's word for it. */
export function sealedDiffs(
  document: PlanDocument,
  run: { readonly id: string; readonly started: string },
): Readonly<Record<string, readonly ChangeView[]>> {
  const certain = document.tasks.filter(
    (one) => one.verdict === 'would change' || one.verdict === 'unchanged',
  );
  const text = JSON.stringify(Object.fromEntries(certain.map((one) => [one.task, diffOf(one)])));
  return JSON.parse(text.replaceAll(RUN_ID, run.id).replaceAll(RUN_STARTED, run.started)) as Readonly<
    Record<string, readonly ChangeView[]>
  >;
}
