import type { Step } from '../../runbook/model.ts';
import type { Change } from '../action.ts';
import type { TaskRef } from '../event.ts';
import { capture } from '../perform/capture.ts';
import { toFailure } from '../perform/failure.ts';
import { hint, toView } from '../perform/look.ts';
import { type Sight, see } from '../perform/see.ts';
import { actionOf, type Known, type ReadStage } from '../perform/stage.ts';
import type { Place } from '../place.ts';
import type { Search } from '../ports.ts';
import { Unknown, type Value } from '../value.ts';
import type { Outlook } from './forecast.ts';
import type { HostsMet } from './meet-once.ts';
import { emptyRecord, placesRead, type Record, recording } from './recorder.ts';

export interface GlimpsePorts {
  /** Contact nobody: what only a look can tell is unknown. */
  readonly offline?: boolean;
  /** Where a search takes its answer from. */
  readonly placesOf: (host: string, search: Search) => readonly Place[];
  /** A value of a directory as people may see it. */
  readonly shown: (attribute: string, value: string) => string;
}

/** One task as the world stands. */
export interface Glimpse {
  readonly ref: TaskRef;
  readonly outlook: Outlook;
  /** Where the answer came from. */
  readonly looked: readonly Place[];
  readonly record: Record;
  readonly captured: { readonly [name: string]: Value | Unknown };
  readonly params?: Value;
  readonly changes?: readonly Change[];
}

/** Looks once. Whatever goes wrong with that is a reason why it is unknown, and never an answer. */
export async function glimpse(
  stage: ReadStage,
  ports: GlimpsePorts,
  hosts: HostsMet,
  step: Step,
  ref: TaskRef,
  known: Known,
  { unknown, failed }: { readonly unknown: string | undefined; readonly failed: boolean },
): Promise<Glimpse> {
  const record = emptyRecord();
  const nothing = { ref, record, looked: [], captured: {} };
  if (unknown !== undefined) return { ...nothing, outlook: { verdict: 'unknown', why: unknown } };
  const watching: ReadStage = {
    ...stage,
    reading: (task) =>
      recording(ports.offline ? nobody(stage, task) : stage.reading(task), record, ports.placesOf),
  };
  try {
    const away = ports.offline ? undefined : await hosts.lacking(ref.host);
    if (away !== undefined) return { ...nothing, outlook: { verdict: 'unknown', why: away } };
    const sight = await see(watching, step, ref, known, { once: true, failed });
    const looked = placesRead(record, declaredReads(stage, step, ref, sight), probesBeside(step));
    return {
      ...nothing,
      looked,
      outlook: await outlookOf(stage, step, ref, known, sight),
      captured: sight.kind === 'holds' ? await captures(stage, step, ref, known, sight.result) : {},
      ...(sight.kind === 'differs' && { params: sight.params, changes: sight.changes }),
    };
  } catch (error) {
    return { ...nothing, outlook: { verdict: 'unknown', why: toFailure(error).what } };
  }
}

async function outlookOf(
  stage: ReadStage,
  step: Step,
  ref: TaskRef,
  known: Known,
  sight: Sight,
): Promise<Outlook> {
  switch (sight.kind) {
    case 'unneeded':
      return { verdict: 'skipped', why: sight.because };
    case 'unknown':
      return { verdict: 'unknown', why: sight.because };
    case 'holds':
      return { verdict: 'unchanged' };
    case 'asks':
      return { verdict: 'would ask', asks: sight.question };
    case 'lacking':
      if (sight.waits !== undefined)
        return {
          verdict: 'unknown',
          why: `it does not hold now, and the run would wait for it: ${sight.what}`,
        };
      return { verdict: 'would fail', why: sight.what, ...(await hint(stage, step, ref, known)) };
    case 'differs':
      return {
        verdict: 'would change',
        changes: sight.changes.map(toView),
        ...(sight.confirm && { asks: sight.confirm }),
      };
  }
}

/** What its action says that it reads; only where the look came so far that the parameters are known. */
function declaredReads(
  stage: ReadStage,
  step: Step,
  ref: TaskRef,
  sight: Sight,
): readonly Place[] | undefined {
  const action = actionOf(stage, step.call.action);
  const params = 'params' in sight ? sight.params : undefined;
  return params === undefined ? undefined : action.reads?.(ref.host, params);
}

/** Has its check read something too? `assert` looks at no host. */
function probesBeside({ check }: Step): boolean {
  return check !== undefined && check.call.action !== 'assert';
}

/** Each capture by itself: one that goes wrong is unknown. */
async function captures(
  stage: ReadStage,
  step: Step,
  ref: TaskRef,
  known: Known,
  result: Value,
): Promise<Glimpse['captured']> {
  const pairs = Object.entries(step.capture).map(async ([name, value]) => {
    try {
      const one = await capture(stage, { ...step, capture: { [name]: value } }, ref, known, result);
      return [name, one[name] ?? null] as const;
    } catch (error) {
      return [name, new Unknown(toFailure(error).what)] as const;
    }
  });
  return Object.fromEntries(await Promise.all(pairs));
}

/** Reading ports that reach nobody. */
function nobody(stage: ReadStage, task: TaskRef): ReturnType<ReadStage['reading']> {
  const refuse = (): Promise<never> => Promise.reject(new Error('no host was contacted (--offline)'));
  const ports = stage.reading(task);
  return {
    ...ports,
    probe: refuse,
    directory: refuse,
    reaches: refuse,
    clockSkew: refuse,
    on: (host) => nobody(stage, { ...task, host }),
  };
}
