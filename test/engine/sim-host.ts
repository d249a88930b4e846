import type { Command } from '../../src/engine/ports.ts';
import type { FakeWorld } from '../../src/transport/fake.ts';
import type { Reply } from '../../src/transport/fake-host.ts';

/**
 * A host with a memory. `do X` makes the fact X (and takes a moment), `drop X` takes it away, `spread X` makes it on every host;
 * `has X` succeeds when it is there, `say …` prints its words. Answers that are queued for a command line come first, one at a time.
 */
export class SimHost {
  readonly name: string;
  readonly facts = new Set<string>();
  /** Every act, each time it was really done. */
  readonly done: string[] = [];
  readonly #queued = new Map<string, Reply[]>();
  readonly #log: string[];
  /** All hosts of its world, itself included. */
  peers: readonly SimHost[] = [this];

  constructor(name: string, fake: FakeWorld, log: string[]) {
    this.name = name;
    this.#log = log;
    fake.host(name).always(
      () => true,
      (command) => this.#answer(command),
    );
  }

  /** The next answers to that command line; the act is done unless the reply says that it did not start. */
  next(line: string, ...replies: readonly Reply[]): this {
    this.#queued.set(line, [...(this.#queued.get(line) ?? []), ...replies]);
    return this;
  }

  #answer({ argv = [], script }: Command): Reply {
    const line = script ?? argv.join(' ');
    const queued = this.#queued.get(line)?.shift();
    const [verb, ...words] = argv;
    const what = words.join(' ');
    if (verb === 'do') return this.#act(what, queued);
    if (verb === 'drop') return this.#act(`no ${what}`, { effect: () => void this.facts.delete(what) });
    if (verb === 'spread')
      return this.#act(what, { effect: () => this.peers.forEach(({ facts }) => void facts.add(what)) });
    if (queued) return queued;
    if (verb === 'has') return { code: this.facts.has(what) ? 0 : 1 };
    if (verb === 'say') return { stdout: `${what}\n` };
    return { code: 127, stderr: `${line}: not found` };
  }

  #act(what: string, queued: Reply = {}): Reply {
    let finish: (value?: unknown) => void = () => undefined;
    const moment = new Promise((resolve) => {
      finish = resolve;
    });
    return {
      until: moment,
      ...queued,
      effect: (command) => {
        this.#log.push(`${this.name} starts ${what}`);
        this.done.push(what);
        if (queued.effect) queued.effect(command);
        else if (!queued.code) this.facts.add(what);
        setImmediate(() => {
          this.#log.push(`${this.name} ends ${what}`);
          finish();
        });
      },
    };
  }
}
