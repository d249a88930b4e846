/** A queue that hands over all it holds at once, so that what came during an fsync shares the next one. */
export class Inbox<T> {
  #items: T[] = [];
  #wake: (() => void) | undefined;

  put(item: T): void {
    this.#items.push(item);
    this.#wake?.();
    this.#wake = undefined;
  }

  get empty(): boolean {
    return this.#items.length === 0;
  }

  /** Waits for at least one, then takes all. */
  async takeAll(): Promise<readonly T[]> {
    if (this.#items.length === 0) await new Promise<void>((wake) => (this.#wake = wake));
    const items = this.#items;
    this.#items = [];
    return items;
  }
}
