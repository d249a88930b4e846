import { setTimeout as delay } from 'node:timers/promises';
import type { ActionTable } from '../engine/action.ts';
import type { TaskRef } from '../engine/event.ts';
import type { Known, ReadStage } from '../engine/perform/stage.ts';
import { Unknown, type Value } from '../engine/value.ts';
import type { LeaseKeeper } from '../hosts/leases.ts';
import { type Errand, type OpenDirectory, Site, type SitePorts } from '../hosts/site.ts';
import { fixedScope } from '../plan/fixed-scope.ts';
import type { Plan } from '../plan/plan.ts';
import type { Scope } from '../runbook/scope.ts';
import type { Secret } from '../secrets/secret.ts';
import type { Connection, HostIdentity } from '../transport/transport.ts';
import { redactLeaves } from './redact-leaves.ts';

export interface ReadStagePorts {
  readonly plan: Plan;
  readonly actions: ActionTable;
  readonly run: Scope['run'];
  readonly connection: (host: string) => Connection;
  readonly openDirectory: OpenDirectory;
  /** Fetches when first asked, then remembers. */
  readonly secret: (name: string, host: string) => Promise<Secret>;
  readonly redact: (text: string) => string;
  readonly note: (task: string, line: string) => void;
  readonly met: (host: string, identity: HostIdentity) => void;
  /** Those of a run. A plan holds none, and writes nothing. */
  readonly leases?: LeaseKeeper;
  /** The wall clock in ms and a sleep, unless the real ones. */
  readonly clock?: Pick<SitePorts, 'now' | 'sleep'>;
}

const NO_LEASES: LeaseKeeper = {
  lease: () => Promise.reject(new Error('a plan holds no lease')),
  confirm: () => Promise.reject(new Error('a plan holds no lease')),
};

/** What looks stand on: the hosts of a plan, reached, and its expressions with the secrets they need. */
export function createReadStage(ports: ReadStagePorts): {
  readonly stage: ReadStage;
  /** The same, for what is looked at beside the run. */
  readonly lookout: ReadStage;
  readonly site: Site;
  /** Aborted by `close`. */
  readonly letGo: AbortSignal;
  close(): Promise<void>;
} {
  /** By host and name: a secret from `host:` is another one on each. */
  const fetched = new Map<string, Secret>();
  const letGo = new AbortController();
  const world: SitePorts = {
    host: (name) => {
      const host = ports.plan.inventory.hosts[name];
      if (!host) throw new Error(`the inventory has no host ${name}`);
      return host;
    },
    connection: ports.connection,
    openDirectory: ports.openDirectory,
    now: ports.clock?.now ?? Date.now,
    sleep: ports.clock?.sleep ?? ((ms, signal) => delay(ms, undefined, signal ? { signal } : {})),
    met: ports.met,
    leases: ports.leases ?? NO_LEASES,
  };
  const site = new Site(world);
  // With directory connections of its own: a look at an invariant must not stand in front of what the run does.
  const aside = new Site(world);

  const stage: ReadStage = {
    plan: ports.plan,
    actions: ports.actions,
    meet: (host) => site.meet(host),
    reading: (task) => site.reading(task.host, errandOf(task)),
    // What a target said may hold a secret: it is replaced before anything is decided, journaled or shown.
    clean: (value) => redactLeaves(value, ports.redact),
    redact: ports.redact,
    evaluate: async (use, task, known, result) => {
      for (;;) {
        const missing = new Set<string>();
        const value = use(scopeOf(task, known, missing, result));
        if (missing.size === 0) return value;
        for (const name of missing) fetched.set(`${task.host} ${name}`, await ports.secret(name, task.host));
      }
    },
  };

  function errandOf(task: TaskRef): Errand {
    return { signal: letGo.signal, note: (line) => ports.note(task.id, ports.redact(line)) };
  }

  function scopeOf(task: TaskRef, known: Known, missing: Set<string>, result?: Value): Scope {
    const host = ports.plan.inventory.hosts[task.host];
    return {
      ...fixedScope(ports.plan.inventory, ports.plan.inputs, ports.run),
      ...(host && { host }),
      ...(task.item !== undefined && { item: task.item }),
      ...(result !== undefined && { result }),
      secrets(name) {
        const there = fetched.get(`${task.host} ${name}`);
        if (there) return there;
        missing.add(name);
        return new Unknown(`secret ${name}`);
      },
      captured: (on, name) => known.captured[on]?.[name],
    };
  }

  return {
    stage,
    lookout: { ...stage, reading: (task) => aside.reading(task.host, errandOf(task)) },
    site,
    letGo: letGo.signal,
    async close() {
      letGo.abort();
      // A look that hangs is not waited for: it goes with its link, which is closed after this.
      aside.close().catch(() => undefined);
      await site.close();
    },
  };
}
