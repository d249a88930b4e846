/** The leases of a run: taken on every target or on none, renewed while it lasts, given back at its end. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaseTaken } from '../engine/event.ts';
import { TransportError } from '../engine/ports.ts';
import type { HeldLease, Lease, LeaseTerms } from '../transport/lease.ts';
import type { Connection } from '../transport/transport.ts';
import { groundToTake, heldText } from './lease-rules.ts';

export interface LeasePorts {
  readonly connection: (host: string) => Connection;
  readonly terms: Omit<LeaseTerms, 'nonce'>;
  /** Proven that the process of that controller is dead. */
  readonly isGone: (controller: string) => boolean;
  /** Told of each lease, for the journal. */
  readonly taken: (taken: LeaseTaken) => void;
  /** Told once, when another has taken a host over. */
  readonly lost: (text: string) => void;
}

/** A host that another run holds. */
export interface Conflict {
  readonly host: string;
  readonly held: HeldLease;
}

/** What every effect must show. */
export interface LeaseKeeper {
  /** The lease of that host and user, taken now if it is not held yet. Rejects with TransportError. */
  lease(host: string, as: string | undefined): Promise<Lease>;
  /** As `lease`, and asked of the host at this moment: for an effect that does not go through the envelope. */
  confirm(host: string): Promise<void>;
}

/** How long a run's end waits for hosts that do not answer. */
const PATIENCE_MS = 3_000;

interface Kept {
  readonly host: string;
  readonly as: string | undefined;
  readonly lease: Lease;
}

export class Leases implements LeaseKeeper {
  readonly #ports: LeasePorts;
  readonly #terms: LeaseTerms;
  readonly #kept = new Map<string, Promise<Kept>>();
  #beat: NodeJS.Timeout | undefined;
  #toldLost = false;

  constructor(ports: LeasePorts) {
    this.#ports = ports;
    this.#terms = { ...ports.terms, nonce: randomBytes(16).toString('hex') };
  }

  /**
   * All of these hosts, or, when others hold some, none: resolves to those. A host that cannot be reached or entered is left
   * for the step that needs it, which takes its lease then. `because` takes over what others hold.
   */
  async take(hosts: readonly string[], because?: string): Promise<readonly Conflict[]> {
    const conflicts: Conflict[] = [];
    await Promise.all(
      hosts.map(async (host) => {
        try {
          await this.#keep(host, undefined, because);
        } catch (error) {
          if (error instanceof HeldByOther) conflicts.push({ host, held: error.held });
          else if (!(error instanceof TransportError)) throw error;
        }
      }),
    );
    if (conflicts.length > 0) await this.release();
    return conflicts.sort((a, b) => a.host.localeCompare(b.host));
  }

  async lease(host: string, as: string | undefined): Promise<Lease> {
    return (await this.#keep(host, as, undefined)).lease;
  }

  async confirm(host: string): Promise<void> {
    const { lease } = await this.#keep(host, undefined, undefined);
    const answer = await this.#ports.connection(host).lease({ act: 'renew', lease });
    if (answer.kind === 'kept') return;
    throw fenced(
      host,
      answer.kind === 'held' ? heldText(host, answer) : `the lease of ${host} is no longer there`,
    );
  }

  /** Gives all back; what cannot be reached lapses by itself. */
  async release(): Promise<void> {
    clearInterval(this.#beat);
    this.#beat = undefined;
    const kept = [...this.#kept.values()];
    this.#kept.clear();
    this.#toldLost = false;
    const given = Promise.allSettled(kept.map(async (one) => this.#ask('free', await one)));
    await Promise.race([given, sleep(PATIENCE_MS, undefined, { ref: false })]);
  }

  #keep(host: string, as: string | undefined, because: string | undefined): Promise<Kept> {
    const key = JSON.stringify([host, as ?? null]);
    const known = this.#kept.get(key);
    if (known) return known;
    const taking = this.#claim(host, as, because);
    this.#kept.set(key, taking);
    taking.catch(() => this.#kept.delete(key));
    return taking;
  }

  async #claim(host: string, as: string | undefined, because: string | undefined): Promise<Kept> {
    const connection = this.#ports.connection(host);
    const claim = (over?: number) =>
      connection.lease({ act: 'claim', terms: this.#terms, ...(over !== undefined && { over }) }, as);
    let answer = await claim();
    let before: HeldLease | undefined;
    let ground: LeaseTaken['ground'];
    if (answer.kind === 'held') {
      before = answer;
      ground =
        groundToTake(answer, this.#terms.run, this.#ports.isGone) ??
        (because === undefined ? undefined : 'person');
      if (!ground) throw new HeldByOther(host, before);
      answer = await claim(before.epoch);
      if (answer.kind === 'held') throw new HeldByOther(host, answer);
    }
    if (answer.kind !== 'taken') throw new Error(`Bug: a claim was answered with ${answer.kind}`);
    const kept = { host, as, lease: { epoch: answer.epoch, nonce: this.#terms.nonce } };
    if (answer.running.length > 0 && before && before.holder.run !== this.#terms.run && ground !== 'person') {
      // It began between our look and our claim: the start saw no new lease, so we see the start.
      await this.#ask('free', kept);
      throw new HeldByOther(host, { ...before, running: answer.running });
    }
    this.#tell(kept, before, ground, because);
    this.#startBeating();
    return kept;
  }

  #tell(
    { host, as, lease }: Kept,
    before: HeldLease | undefined,
    ground: LeaseTaken['ground'],
    because: string | undefined,
  ): void {
    const { run = '', who = '', since = '', why = '' } = before?.holder ?? {};
    this.#ports.taken({
      host,
      epoch: lease.epoch,
      ...(as !== undefined && { as }),
      ...(before && ground && { over: { run, who, since, why }, ground }),
      ...(ground === 'person' && because !== undefined && { because }),
    });
  }

  /** Four times in the life of a lease, so that two beats may be lost. */
  #startBeating(): void {
    if (this.#beat) return;
    this.#beat = setInterval(() => void this.#renewAll(), (this.#terms.seconds * 1000) / 4);
    this.#beat.unref();
  }

  async #renewAll(): Promise<void> {
    await Promise.allSettled(
      [...this.#kept.values()].map(async (taking) => {
        const kept = await taking;
        const answer = await this.#ask('renew', kept);
        if (answer.kind === 'kept' || this.#toldLost) return;
        this.#toldLost = true;
        const by =
          answer.kind === 'held'
            ? heldText(kept.host, answer)
            : `the lease of ${kept.host} was removed there`;
        this.#ports.lost(by);
      }),
    );
  }

  #ask(act: 'renew' | 'free', { host, as, lease }: Kept) {
    return this.#ports.connection(host).lease({ act, lease }, as);
  }
}

/** Nothing was done: a person, or time, must settle who works on this host. */
export class HeldByOther extends TransportError {
  readonly held: HeldLease;

  constructor(host: string, held: HeldLease) {
    super('fenced', host, heldText(host, held), NEXT);
    this.held = held;
  }
}

const NEXT =
  'Wait for it, or talk to whoever runs it; --take-over "reason" takes it over, and its run can then start nothing more.';

function fenced(host: string, message: string): TransportError {
  return new TransportError('fenced', host, message, NEXT);
}
