/**
 * A target's lease: one run at a time may change it. It is the file `RECEIPTS/lease.EPOCH`, linked there whole (link(2)
 * fails where it exists), whose epoch grows with every holder; `lease.EPOCH.beat` says when it was last renewed, or that it was given back. A
 * start shows its lease, and the envelope refuses one that is no longer there (`envelope.ts`).
 */

/** What an effect shows: the epoch, and the holder's own random word, so that not even a removed folder deceives. */
export interface Lease {
  readonly epoch: number;
  /** 32 hex digits. */
  readonly nonce: string;
}

/** Who wants a lease, or holds it. */
export interface LeaseTerms {
  readonly nonce: string;
  readonly run: string;
  /** The controller's process: opaque, compared by controllers only. */
  readonly controller: string;
  /** Whole seconds after the last renewal until it lapses. */
  readonly seconds: number;
  /** ISO 8601: since when, by the holder's clock. */
  readonly since: string;
  /** `alice@desk` */
  readonly who: string;
  /** The run's reason, or its runbook. */
  readonly why: string;
}

export type LeaseAsk =
  | { readonly act: 'look' }
  /** Taken when it is free, or while its epoch is still `over`. */
  | { readonly act: 'claim'; readonly terms: LeaseTerms; readonly over?: number }
  | { readonly act: 'renew' | 'free'; readonly lease: Lease };

export interface HeldLease {
  readonly kind: 'held';
  readonly epoch: number;
  readonly holder: LeaseTerms;
  /** Seconds since it was renewed, by the target's own clock; at most since its boot. */
  readonly agoSeconds: number;
  readonly lapsed: boolean;
  /** Commands of its run that still run there: `STEP@HOST.ATTEMPT`. */
  readonly running: readonly string[];
}

export type LeaseAnswer =
  | { readonly kind: 'taken'; readonly epoch: number; readonly running: readonly string[] }
  /** Renewed, or given back. */
  | { readonly kind: 'kept' }
  /** Nobody holds it; epoch 0 is one that never was. */
  | { readonly kind: 'free'; readonly epoch: number }
  | HeldLease;
