/** What a person does with the tasks of a run that is held, before it goes on. Pure. */
import type { Event } from './event.ts';
import { evolve } from './evolve.ts';
import { failedTasks, openTasks, type Resolution, type Resolved, resolve } from './resolve.ts';
import type { RunState } from './state.ts';

export type HeldAct =
  /** As a plain resume: what failed gets another attempt, what is in doubt is asked about on its host. */
  | { readonly kind: 'retry'; readonly task: string }
  | {
      /** skip: the run goes on without it. done: it took effect, and is verified. The others settle a doubt. */
      readonly kind: 'skip' | 'done' | 'applied' | 'not-applied';
      readonly task: string;
      readonly because: string;
    };

export type Refusal = Extract<Resolved, { readonly refusal: string }>;

/** What becomes of a held run. What no act names is done as a plain resume does it. */
export type AfterHold =
  | { readonly kind: 'leave' }
  | { readonly kind: 'go-on'; readonly acts: readonly HeldAct[] };

const VERDICTS: Readonly<Record<Exclude<HeldAct['kind'], 'retry'>, Resolution['verdict']>> = {
  skip: 'skipped',
  done: 'applied',
  applied: 'applied',
  'not-applied': 'not-applied',
};

/** The events of these acts, each judged after the ones before it; or why one of them cannot be. */
export function actOn(state: RunState, acts: readonly HeldAct[], by: string): Resolved {
  let now = state;
  const events: Event[] = [];
  for (const act of acts) {
    const done = act.kind === 'retry' ? again(now, act.task) : said(now, act, by);
    if ('refusal' in done) return done;
    now = done.events.reduce<RunState>(evolve, now);
    events.push(...done.events);
  }
  return { events };
}

function said(state: RunState, act: Exclude<HeldAct, { kind: 'retry' }>, by: string): Resolved {
  const because = act.because.trim();
  if (because === '')
    return { refusal: `${act.task}: a reason is wanted`, next: 'say what you looked at, and what it showed' };
  return resolve(state, { task: act.task, verdict: VERDICTS[act.kind], by, because, unheard: false });
}

function again(state: RunState, task: string): Resolved {
  if ([...failedTasks(state), ...openTasks(state)].includes(task)) return { events: [] };
  return { refusal: `${task} has neither failed nor is it in doubt`, next: 'the run goes on without that' };
}
