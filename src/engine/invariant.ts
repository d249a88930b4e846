/** What must hold throughout a run: from what its hosts last said to what follows from it. Pure. */
import type { InvariantSpec } from '../runbook/model.ts';
import { formatDuration } from './duration.ts';
import type { Event } from './event.ts';
import { isGraver } from './evolve.ts';
import type { Input } from './input.ts';
import { inFlight, type RunState } from './state.ts';

/** What one look at one host said. A probe that could not run has said neither yes nor no. */
export type Said = { readonly said: 'yes' } | { readonly said: 'no' | 'unknown'; readonly because: string };

export type Verdict =
  | { readonly holds: true }
  | { readonly holds: false; readonly lacking: string; readonly hosts: readonly string[] }
  | { readonly unknown: string; readonly hosts: readonly string[] };

/** So many hosts and tasks are named in a text; the others are counted. The event has all of them. */
const NAMED = 3;

/** Of all, one no is a breach, whatever the others say; of any, one yes is enough. Host → what it said. */
export function judge(need: InvariantSpec['need'], answers: Readonly<Record<string, Said>>): Verdict {
  const hosts = Object.keys(answers);
  const those = (word: Said['said']) => hosts.filter((host) => answers[host]?.said === word);
  const [yes, no, unknown] = [those('yes'), those('no'), those('unknown')];
  const quote = (some: readonly string[]): string =>
    few(
      some.map((host) => said(host, answers[host])),
      '; ',
    );
  if (need === 'any' && yes.length > 0) return { holds: true };
  if (no.length > 0 && (need === 'all' || unknown.length === 0))
    return { holds: false, lacking: quote(no), hosts: no };
  if (unknown.length > 0) return { unknown: quote(unknown), hosts: unknown };
  return { holds: true };
}

function said(host: string, answer: Said | undefined): string {
  return answer === undefined || answer.said === 'yes' ? host : `${host}: ${answer.because}`;
}

function few(words: readonly string[], between: string): string {
  const more = words.length > NAMED ? [`and ${words.length - NAMED} more`] : [];
  return [...words.slice(0, NAMED), ...more].join(between);
}

/** How an invariant has fared. Times are ms of one steady clock. */
export interface Course {
  readonly verdict: Verdict;
  /** When the look that gave the verdict began. */
  readonly at: number;
  /** When the first look began since it was last seen to hold; absent while it holds. */
  readonly since?: number;
}

export function follow(before: Course | undefined, verdict: Verdict, at: number): Course {
  return isHolding(verdict) ? { verdict, at } : { verdict, at, since: before?.since ?? at };
}

function isHolding(verdict: Verdict): verdict is { readonly holds: true } {
  return 'holds' in verdict && verdict.holds;
}

type Times = Pick<InvariantSpec, 'everyMs' | 'graceMs'>;

/** How long it may stay unknown, in ms; a look that takes longer has not told either. */
export function unknownLimit({ everyMs, graceMs }: Times): number {
  return Math.max(graceMs, 3 * everyMs);
}

/**
 * go: changes may begin. wait: it is not known to hold, so that none may begin until that is told. over: nothing more may.
 * Within its grace it is as if it held: a runbook that restarts what it watches has to go on meanwhile.
 */
export function standing(times: Times, course: Course, now: number): 'go' | 'wait' | 'over' {
  if (course.since === undefined) return 'go';
  if (now >= overAt(times, course)) return 'over';
  return now < course.since + times.graceMs ? 'go' : 'wait';
}

function overAt(times: Times, { verdict, since = 0 }: Course): number {
  return since + ('unknown' in verdict ? unknownLimit(times) : times.graceMs);
}

/** When the next look is due: after its interval, or when it would count as broken or untold if that is sooner. */
export function nextLookAt(times: Times, course: Course, now: number): number {
  const due = course.at + times.everyMs;
  if (course.since === undefined || standing(times, course, now) === 'over') return due;
  return Math.min(due, overAt(times, course));
}

/** Why the run is to be held, told to `decide`; undefined while it holds. `now` is absent before the first change: no grace. */
export function breachOf(spec: InvariantSpec, course: Course, now?: number): BreachInput | undefined {
  const { verdict, since } = course;
  if (isHolding(verdict) || since === undefined) return undefined;
  const name = spec.title === spec.id ? spec.id : `${spec.id} (${spec.title})`;
  const ms = now === undefined ? 0 : Math.floor((now - since) / 1000) * 1000;
  const lasting = ms < 1000 ? '' : ` for ${formatDuration(ms)}`;
  const [broken, text] =
    'unknown' in verdict
      ? [false, `it cannot be told${lasting} whether invariant ${name} holds: ${verdict.unknown}`]
      : [
          true,
          `invariant ${name} ${lasting ? `has not held${lasting}` : 'does not hold'}: ${verdict.lacking}`,
        ];
  return { type: 'breach', invariant: spec.id, broken, text, hosts: verdict.hosts };
}

type BreachInput = Extract<Input, { type: 'breach' }>;

/** Told once, with the tasks that are under way at that moment: one of them may be why. */
export function breached(state: RunState, { invariant, broken, text, hosts }: BreachInput): readonly Event[] {
  if (state.breaches?.some((one) => one.invariant === invariant)) return [];
  const during = inFlight(state).map(({ ref }) => ref.id);
  const type = broken ? 'invariant.broke' : 'invariant.unseen';
  const told: Event = { type, invariant, text, hosts, during };
  if (!isGraver('invariant', state.stopping?.reason)) return [told];
  const meanwhile = during.length === 0 ? '' : `; under way: ${few(during, ', ')}`;
  return [told, { type: 'run.stopping', reason: 'invariant', text: `${text}${meanwhile}` }];
}
