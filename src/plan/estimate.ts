/** How long things may take: as earlier runs have shown, else as the author says, else until they are ended. Pure. */
import { durationMs } from '../runbook/duration.ts';
import type { Order, ProbeSpec, Step } from '../runbook/model.ts';
import { ownLimitMs } from '../runbook/own-limit.ts';
import type { PlannedStep } from './plan.ts';

/** What tasks of one runbook took: by step and platform, in ms, newest last, at most `KEPT`. */
export interface Learned {
  readonly [step: string]: { readonly [platform: string]: readonly number[] };
}

export interface Estimate {
  readonly ms: number;
  readonly ground: 'earlier runs' | 'takes' | 'timeout';
}

/** How long one task took that ended well. */
export interface Took {
  readonly step: string;
  readonly platform: string;
  readonly ms: number;
}

/** So many durations of a step and platform are kept. */
const KEPT = 20;

const MINUTE = 60_000;

/** After how long the engine ends an act that says nothing of it; the others are looks and short commands. */
const LIMIT_MS: ReadonlyMap<string, number> = new Map([
  ['command', 10 * MINUTE],
  ['copy', 10 * MINUTE],
  ['package', 30 * MINUTE],
]);

/**
 * What one task of this step may take on this platform. earlier runs: the median; then takes; then its timeout (by default
 * that of its action, 1 m for most) and the patience of its verify. `worstMs` is the longest of earlier runs, else the same.
 */
export function estimateOf(
  step: Step,
  platform: string,
  learned: Learned,
): Estimate & { readonly worstMs: number } {
  const seen = own(own(learned, step.id) ?? {}, platform) ?? [];
  if (seen.length > 0) return { ms: median(seen), ground: 'earlier runs', worstMs: Math.max(...seen) };
  const { takesMs } = step;
  if (takesMs !== undefined) return { ms: takesMs, ground: 'takes', worstMs: takesMs };
  const ms = limitOf(step);
  return { ms, ground: 'timeout', worstMs: ms };
}

/**
 * Wall time of a whole planned step over its hosts, by its order (parallel: the longest; serial: the sum; batch, canary). Its
 * ground is the weakest of its hosts'. A loop counts its items where they stand in the runbook, else as one.
 */
export function stepEstimate(
  { step, hosts }: PlannedStep,
  platformOf: (host: string) => string,
  learned: Learned,
): Estimate {
  const items = Array.isArray(step.forEach) ? step.forEach.length : 1;
  const tasks = hosts.flatMap((host) => {
    const one = estimateOf(step, platformOf(host), learned);
    return Array.from({ length: items }, () => one);
  });
  return together(tasks, step.order);
}

/** Wall time of these tasks of one step, in this order. */
export function together(tasks: readonly Estimate[], order: Order): Estimate {
  return {
    ms: wallMs(
      tasks.map(({ ms }) => ms),
      order,
    ),
    ground: weakest(tasks.map(({ ground }) => ground)),
  };
}

/** The least certain of these grounds. */
export function weakest(grounds: readonly Estimate['ground'][]): Estimate['ground'] {
  return (['timeout', 'takes'] as const).find((ground) => grounds.includes(ground)) ?? 'earlier runs';
}

/** With what these tasks have just taken, the oldest dropped. */
export function learnFrom(learned: Learned, took: readonly Took[]): Learned {
  const grown = new Map(
    Object.entries(learned).map(([step, platforms]) => [step, new Map(Object.entries(platforms))]),
  );
  for (const { step, platform, ms } of took) {
    const platforms = grown.get(step) ?? new Map<string, readonly number[]>();
    grown.set(step, platforms.set(platform, [...(platforms.get(platform) ?? []), ms].slice(-KEPT)));
  }
  return Object.fromEntries([...grown].map(([step, platforms]) => [step, Object.fromEntries(platforms)]));
}

/** A step may be called `constructor`. */
function own<T>(map: { readonly [key: string]: T }, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function limitOf(step: Step): number {
  const { call, verify } = step;
  const limit = ownLimitMs(step) ?? LIMIT_MS.get(call.action) ?? MINUTE;
  return Math.max(limit, within(call.params) ?? 0) + (verify ? patienceOf(verify) : 0);
}

function patienceOf({ call, withinMs }: ProbeSpec): number {
  return withinMs ?? within(call.params) ?? (call.action.startsWith('wait.') ? MINUTE : 0);
}

/** How long a gate waits, where its parameters say so and not an expression. */
function within(params: unknown): number | undefined {
  if (typeof params !== 'object' || params === null || !('within' in params)) return undefined;
  return durationMs(params.within);
}

function wallMs(tasks: readonly number[], order: Order): number {
  const longest = (some: readonly number[]): number => Math.max(0, ...some);
  if (order === 'parallel') return longest(tasks);
  if (order === 'serial') return sum(tasks);
  if (order === 'canary') return (tasks[0] ?? 0) + longest(tasks.slice(1));
  let ms = 0;
  for (let start = 0; start < tasks.length; start += order.batch)
    ms += longest(tasks.slice(start, start + order.batch));
  return ms;
}

function median(seen: readonly number[]): number {
  const sorted = [...seen].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return Math.round((low + high) / 2);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
