import type { Event, LeaseTaken } from '../engine/event.ts';
import type { RunState } from '../engine/state.ts';
import { breachLines } from './breaches.ts';
import { type Style, tame } from './style.ts';

/** What is told beside the steps: hosts taken from others, drift, another text, what no longer holds, what a person says. */
export function arrivalLines(event: Event, state: RunState, style: Style): readonly string[] {
  switch (event.type) {
    case 'lease.taken':
      return event.over && event.over.run !== state.run ? [takenOver(event, event.over, style)] : [];
    case 'drift.found':
      return event.drifts.map(
        ({ name, what }) => `  ${style.warn('drift')}       ${tame(name)}: ${tame(what)}`,
      );
    case 'drift.accepted':
      return [`  ${style.dim('accepted')}    ${tame(event.name)} by ${event.by} (${event.ground})`];
    case 'invariant.broke':
      return breachLines('broke', event, style);
    case 'invariant.unseen':
      return breachLines('unseen', event, style);
    case 'run.repinned': {
      const what = [event.text !== undefined && 'runbook', event.inventory !== undefined && 'inventory'];
      return [
        `  ${style.warn('goes on')}     with the new ${what.filter(Boolean).join(' and ')}, by ${event.by}`,
      ];
    }
    case 'task.skipped':
      return [`  ${style.warn('passed over')} ${tame(event.task)}  by ${event.by}: ${tame(event.because)}`];
    case 'run.going-on':
      return [`going on after all, by ${event.by}`];
    case 'run.noted':
      return [`  ${style.bold('note')}        ${tame(event.text, 2_000)}  (${event.by})`];
    default:
      return [];
  }
}

function takenOver(
  { host, ground, because }: LeaseTaken,
  { run, who, since, why }: NonNullable<LeaseTaken['over']>,
  style: Style,
): string {
  const how = {
    lapsed: 'which nobody has renewed',
    gone: 'whose process is dead',
    person: `because ${because ?? 'a person said so'}`,
  }[ground ?? 'lapsed'];
  return `  ${style.warn('taken over')}  ${host.padEnd(8)}  from run ${run} of ${tame(who)} since ${tame(since)} (${tame(why)}), ${tame(how)}`;
}
