import type { Step } from '../../runbook/model.ts';
import type { TaskRef } from '../event.ts';
import { tasksOn } from '../perform/begin.ts';
import { toFailure } from '../perform/failure.ts';
import { confirmation } from '../perform/see.ts';
import type { Known, ReadStage } from '../perform/stage.ts';
import { seenIn } from '../place.ts';
import { type RunState, stepNumber, type Task } from '../state.ts';
import { Unknown, type Value } from '../value.ts';
import { type Captures, capturesOf } from './captures.ts';
import type { Basis, Forecast, Outlook, TaskForecast } from './forecast.ts';
import { mayChange } from './forecast.ts';
import { type Glimpse, type GlimpsePorts, glimpse } from './glimpse.ts';
import { seeInvariants } from './invariants.ts';
import { type Mark, placesTouched } from './marks.ts';
import { meetOnce } from './meet-once.ts';
import { observedOf } from './observed.ts';

export interface ForeseePorts extends GlimpsePorts {
  /** Told before each step is looked at: how many of how many are done. */
  readonly progress?: (done: number, of: number) => void;
}

/**
 * Looks at every task of a plan, or of what is left of a run, in order, and says what would happen. Writes nothing: the stage
 * cannot. What an earlier task may change is not taken for certain by a later one; nor is any value that is not there yet.
 */
export async function foresee(stage: ReadStage, ports: ForeseePorts, from?: RunState): Promise<Forecast> {
  const captured = copyOf(from?.captured ?? {});
  const known: Known = { captured };
  const marks: Mark[] = [];
  const tasks: TaskForecast[] = [];
  const glimpses: Glimpse[] = [];
  const hosts = meetOnce(stage);
  const { steps } = stage.plan;
  const invariants = seeInvariants(stage, known, ports.offline === true);

  for (const [index, { step, number, hosts: names }] of steps.entries()) {
    if (from && index < from.cursor) continue;
    ports.progress?.(index, steps.length);
    const refs = await refsOf(stage, step, names, known);
    const open = refs.filter(({ ref }) => !isOver(from, index, ref));
    const seen = await Promise.all(
      open.map(async ({ ref, unknown }) =>
        glimpse(stage, ports, hosts, step, ref, known, { unknown, failed: hasFailed(from, index, ref) }),
      ),
    );
    const said = await doubtAll(seen, step, number);
    for (const { one, outlook } of said) {
      tasks.push({
        ...(await withQuestion(stage, step, one.ref, known, outlook)),
        task: one.ref.id,
        step: step.id,
        host: one.ref.host,
        basis: basisOf(stage, step, outlook),
      });
      keep(captured, one.ref.host, capturesOf(one, outlook, step));
    }
    marks.push(...said.flatMap(({ mark }) => mark ?? []));
    glimpses.push(...seen);
  }
  ports.progress?.(steps.length, steps.length);
  return stage.clean({
    invariants: await invariants,
    tasks,
    hosts: hosts.met(),
    observed: observedOf(glimpses, ports.shown),
  });

  /**
   * What was seen, unless another task may change it first: one of an earlier step, or of this one. What is doubted for that may
   * itself change something, and so let others be doubted, until nothing new is.
   */
  async function doubtAll(seen: readonly Glimpse[], step: Step, number: number): Promise<readonly Said[]> {
    const said: Said[] = seen.map((one) => ({ one, outlook: one.outlook }));
    for (let more = true; more; ) {
      more = false;
      for (const [at, { one, outlook, mark }] of said.entries()) {
        const beside = step.order === 'serial' ? said.slice(0, at) : said.toSpliced(at, 1);
        const now = doubted(
          one,
          outlook,
          marks,
          beside.flatMap((other) => other.mark ?? []),
        );
        const next = mark ?? (await markOf(one, now, step, number));
        if (now === outlook && next === mark) continue;
        said[at] = { one, outlook: now, ...(next && { mark: next }) };
        more = true;
      }
    }
    return said;
  }

  async function markOf(
    { ref, params, changes }: Glimpse,
    outlook: Outlook,
    step: Step,
    number: number,
  ): Promise<Mark | undefined> {
    if (!mayChange(outlook) && outlook.verdict !== 'would ask') return undefined;
    const places = await placesTouched(stage, step, ref, known, params, changes);
    return places.length === 0 ? undefined : { task: ref, number, places };
  }
}

interface Said {
  readonly one: Glimpse;
  readonly outlook: Outlook;
  readonly mark?: Mark;
}

/** `earlier` and `beside`: what tasks of earlier steps, and others of this one, may have changed by then. */
function doubted(
  { looked }: Glimpse,
  outlook: Outlook,
  earlier: readonly Mark[],
  beside: readonly Mark[],
): Outlook {
  if (outlook.verdict === 'unknown') return outlook;
  const first = seenIn(looked, earlier) ?? seenIn(looked, beside);
  if (!first) return outlook;
  const by = `${stepNumber(first.number)} ${first.task.id}`;
  return {
    verdict: 'unknown',
    why: `${by} comes first, and may change what was read here`,
    standing: outlook,
  };
}

/** An unknown change names the question that would come before it, as far as its text is known. */
async function withQuestion(
  stage: ReadStage,
  step: Step,
  ref: TaskRef,
  known: Known,
  outlook: Outlook,
): Promise<Outlook> {
  if (outlook.verdict !== 'unknown' || outlook.standing || !mayChangeByKind(stage, step)) return outlook;
  const asks = await confirmation(stage, step, ref, known).catch(() => undefined);
  return asks ? { ...outlook, asks } : outlook;
}

function mayChangeByKind(stage: ReadStage, step: Step): boolean {
  return stage.actions[step.call.action]?.kind === 'change';
}

function basisOf(stage: ReadStage, step: Step, { verdict }: Outlook): Basis {
  if (verdict === 'unknown') return 'unknown';
  const action = stage.actions[step.call.action];
  return verdict === 'would change' && action?.kind === 'change' && action.told ? 'told' : 'observed';
}

/** The tasks of a step; where the list of its loop is unknown, one that stands for all its items. */
async function refsOf(
  stage: ReadStage,
  step: Step,
  hosts: readonly string[],
  known: Known,
): Promise<readonly { readonly ref: TaskRef; readonly unknown?: string }[]> {
  const lists = await Promise.all(
    hosts.map(async (host) => {
      const whole: TaskRef = { id: `${step.id}@${host}`, host };
      try {
        const found = await tasksOn(stage, step, host, known);
        if (found instanceof Unknown) return [{ ref: whole, unknown: `for-each: ${found.because}` }];
        return found.map((ref) => ({ ref }));
      } catch (error) {
        return [{ ref: whole, unknown: toFailure(error).what }];
      }
    }),
  );
  return lists.flat();
}

function taskOf(from: RunState | undefined, index: number, ref: TaskRef): Task | undefined {
  return from?.steps[index]?.tasks.find((one) => one.ref.id === ref.id);
}

function isOver(from: RunState | undefined, index: number, ref: TaskRef): boolean {
  return taskOf(from, index, ref)?.state.status === 'ended';
}

/** What failed in this run before may have taken effect all the same. */
function hasFailed(from: RunState | undefined, index: number, ref: TaskRef): boolean {
  return taskOf(from, index, ref)?.failed === true;
}

type Mutable = Record<string, Record<string, Value | Unknown>>;

function copyOf(captured: Known['captured']): Mutable {
  return Object.fromEntries(Object.entries(captured).map(([host, values]) => [host, { ...values }]));
}

function keep(captured: Mutable, host: string, values: Captures): void {
  captured[host] = { ...captured[host], ...values };
}
