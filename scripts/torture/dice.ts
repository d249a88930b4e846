import { createHash } from 'node:crypto';

/** Chance that can be repeated: the same words give the same throws, on every machine. */
export class Dice {
  readonly #words: string;
  #thrown = 0;

  constructor(...words: readonly (string | number)[]) {
    this.#words = words.join(' ');
  }

  /** From 0 up to but not including 1. */
  fraction(): number {
    const digest = createHash('sha256')
      .update(`${this.#words} ${this.#thrown++}`)
      .digest();
    return digest.readUInt32BE(0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.whole(0, from.length - 1)] ?? from[0];
  }

  chance(of1: number): boolean {
    return this.fraction() < of1;
  }
}
