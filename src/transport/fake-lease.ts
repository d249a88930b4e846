import type { Lease, LeaseAnswer, LeaseAsk, LeaseTerms } from './lease.ts';

/** The lease of a scripted host: as a real one's, but that it lapses when the test says so. */
export class FakeLease {
  #epoch = 0;
  #holder: LeaseTerms | undefined;
  /** The holder has not renewed it in time. */
  lapsed = false;
  /** Commands of the holder's run that still run there. */
  running: readonly string[] = [];

  isHeldBy(lease: Lease): boolean {
    return this.#epoch === lease.epoch && this.#holder?.nonce === lease.nonce;
  }

  /** As if its folder had been removed. */
  remove(): void {
    this.#epoch = 0;
    this.#holder = undefined;
  }

  answer(ask: LeaseAsk): LeaseAnswer {
    switch (ask.act) {
      case 'look':
        return this.#state();
      case 'claim':
        return this.#claim(ask.terms, ask.over);
      case 'renew':
      case 'free':
        if (!this.isHeldBy(ask.lease)) return this.#state();
        this.lapsed = false;
        if (ask.act === 'free') this.#holder = undefined;
        return { kind: 'kept' };
    }
  }

  #claim(terms: LeaseTerms, over: number | undefined): LeaseAnswer {
    const running = this.#holder ? this.running : [];
    if (this.#holder?.nonce === terms.nonce) return { kind: 'taken', epoch: this.#epoch, running: [] };
    if (this.#holder && over !== this.#epoch) return this.#state();
    this.#epoch++;
    this.#holder = terms;
    this.lapsed = false;
    return { kind: 'taken', epoch: this.#epoch, running };
  }

  #state(): LeaseAnswer {
    if (!this.#holder) return { kind: 'free', epoch: this.#epoch };
    const { seconds } = this.#holder;
    return {
      kind: 'held',
      epoch: this.#epoch,
      holder: this.#holder,
      agoSeconds: this.lapsed ? seconds + 1 : 0,
      lapsed: this.lapsed,
      running: this.running,
    };
  }
}
