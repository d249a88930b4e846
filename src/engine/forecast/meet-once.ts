import type { Identity } from '../drift.ts';
import { toFailure } from '../perform/failure.ts';
import type { ReadStage } from '../perform/stage.ts';
import type { Forecast } from './forecast.ts';

export interface HostsMet {
  /** Why the host cannot be looked at; undefined when it can. */
  lacking(host: string): Promise<string | undefined>;
  met(): Forecast['hosts'];
}

/** Each host is met once: one that does not answer is not waited for again at every step. */
export function meetOnce(stage: ReadStage): HostsMet {
  const meetings = new Map<string, Promise<string | undefined>>();
  const met: Record<string, Identity | { readonly unreachable: string }> = {};
  return {
    lacking(host) {
      const known = meetings.get(host);
      if (known) return known;
      const meeting = stage.meet(host).then(
        ({ machineId, hostKey }) => {
          met[host] = { machineId, hostKey };
          return undefined;
        },
        (error: unknown) => {
          const { what } = toFailure(error);
          met[host] = { unreachable: what };
          return what;
        },
      );
      meetings.set(host, meeting);
      return meeting;
    },
    met: () => met,
  };
}
