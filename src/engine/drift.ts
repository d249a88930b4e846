/** The world is not the one that a run left: told by name, and asked about. */
import type { EventOf } from './event.ts';

/** One thing that is not as it was. */
export interface Drift {
  /** `runbook`, `inventory:ldap2.address`, `input:pool`, `host-key:ldap1`, `machine-id:ldap1`, `regressed:step@host`, `secret:NAME`. */
  readonly name: string;
  /** What it was and what it is, in the operator's words. */
  readonly what: string;
  /** What the host shows now: another machine, perhaps. It wants its host's name typed, where other things want a yes. */
  readonly identity?: Identity & { readonly host: string };
}

/** What a host showed of itself that must not change between two sessions of a run. */
export type Identity = Pick<EventOf<'host.met'>['identity'], 'machineId' | 'hostKey'>;

/** Meets what cannot go on: `next` says how it may. */
export class Drifted extends Error {
  override readonly name = 'Drifted';
  readonly next: string;

  constructor({ name, what }: Drift) {
    super(`${name}: ${what}`);
    this.next = `If that is right, resume with --accept-drift ${name}`;
  }
}

/** What tells that this is not the machine that the run met before. A fact that is not known is no difference. */
export function identityDrift(host: string, before: Identity, identity: Identity): readonly Drift[] {
  const drifts: Drift[] = [];
  const { machineId, hostKey } = identity;
  const now = { machineId, hostKey };
  const note = (kind: string, was: string, is: string): void => {
    if (was === '' || is === '' || was === is) return;
    const what = `${host} showed ${was}, and now shows ${is}`;
    drifts.push({ name: `${kind}:${host}`, what, identity: { host, ...now } });
  };
  note('host-key', before.hostKey, now.hostKey);
  note('machine-id', before.machineId, now.machineId);
  return drifts;
}

/** All of them on one line. */
export function driftText(drifts: readonly Drift[]): string {
  return drifts.map(({ name, what }) => `${name}: ${what}`).join('; ');
}
