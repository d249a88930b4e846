/** A plan as it is shown, kept and approved. Plain JSON, no secret in it. */
import type { Operator } from '../engine/event.ts';
import {
  asksOf,
  asThingsStand,
  type Forecast,
  mayChange,
  type TaskForecast,
} from '../engine/forecast/forecast.ts';
import type { Order, Step } from '../runbook/model.ts';
import type { Estimate } from './estimate.ts';

/** The id and the start of the run that will follow, in all that a plan tells. */
export const RUN_ID = 'RUN-ID';
export const RUN_STARTED = 'RUN-STARTED';

export interface PlanStep {
  /** From 1. */
  readonly number: number;
  readonly id: string;
  readonly title: string;
  readonly action: string;
  readonly risk: Step['risk'];
  readonly order: Order;
  readonly hosts: readonly string[];
  /** How long it may take on all its hosts, and how that is known. */
  readonly estimate: Estimate;
}

export interface PlanDocument extends Forecast {
  readonly format: 'lockstep-plan/1';
  /** Over all the rest. */
  readonly digest: string;
  readonly versions: { readonly lockstep: string };
  /** ISO 8601. */
  readonly made: string;
  readonly by: Operator;
  readonly runbook: { readonly name: string; readonly version: string; readonly digest: string };
  readonly title: string;
  readonly source: { readonly runbook: string; readonly inventory: string };
  readonly given: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
  /** Snapshot without secrets. */
  readonly inventory: unknown;
  /** Nobody was contacted. */
  readonly offline?: true;
  readonly steps: readonly PlanStep[];
}

export type Risk = Step['risk'];
export const RISKS: readonly Risk[] = ['read', 'change', 'disrupt', 'irreversible'];

export interface Tally {
  /** `would change` → how many tasks. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** Of the unknown, those that would change as things stand. */
  readonly leaning: number;
  /** Host → risk → tasks that would, or may, act there. */
  readonly blast: Readonly<Record<string, Readonly<Record<Risk, number>>>>;
  readonly noReturn: readonly TaskForecast[];
  readonly gates: readonly TaskForecast[];
  readonly unknown: readonly { readonly why: string; readonly tasks: readonly string[] }[];
  readonly failing: readonly TaskForecast[];
  readonly unreachable: Readonly<Record<string, string>>;
  /** ms over all steps that have something to do. */
  readonly ms: number;
  /** Of these, the steps whose time nobody has seen or told. */
  readonly guessed: number;
}

/** The totals of a plan. Pure. */
export function tallyOf(document: PlanDocument): Tally {
  const { tasks, steps, hosts } = document;
  const risks = new Map(steps.map(({ id, risk }) => [id, risk]));
  const may = tasks.filter(mayChange);
  const verdicts: Record<string, number> = {};
  for (const { verdict } of tasks) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  const blast: Record<string, Record<Risk, number>> = {};
  for (const one of tasks) {
    const row = blast[one.host] ?? { read: 0, change: 0, disrupt: 0, irreversible: 0 };
    const risk = risks.get(one.step) ?? 'change';
    if (risk === 'read' || mayChange(one)) row[risk]++;
    blast[one.host] = row;
  }
  const unknown = new Map<string, string[]>();
  for (const one of tasks)
    if (one.verdict === 'unknown') unknown.set(one.why, [...(unknown.get(one.why) ?? []), one.task]);
  const active = new Set(may.map(({ step }) => step));
  const timed = steps.filter(({ id }) => active.has(id)).map(({ estimate }) => estimate);
  return {
    verdicts,
    leaning: tasks.filter(
      (one) => one.verdict === 'unknown' && asThingsStand(one)?.verdict === 'would change',
    ).length,
    blast,
    noReturn: may.filter(({ step }) => risks.get(step) === 'irreversible'),
    gates: tasks.filter((one) => asksOf(one) !== undefined),
    unknown: [...unknown].map(([why, names]) => ({ why, tasks: names })),
    failing: tasks.filter(({ verdict }) => verdict === 'would fail'),
    unreachable: Object.fromEntries(
      Object.entries(hosts).flatMap(([host, met]) => ('unreachable' in met ? [[host, met.unreachable]] : [])),
    ),
    ms: timed.reduce((sum, { ms }) => sum + ms, 0),
    guessed: timed.filter(({ ground }) => ground === 'timeout').length,
  };
}
