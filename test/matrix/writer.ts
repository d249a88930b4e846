/**
 * A client that writes twenty times a second and keeps account of what it was promised: adds, changes and deletions that
 * the server has acknowledged. Where its server is away or refuses, it goes to the next one, as clients do.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from './member.ts';

const EVERY_MS = 50;

export interface Account {
  readonly acknowledged: number;
  /** Answers other than success, and calls that were never answered. */
  readonly refused: number;
  readonly seconds: number;
  /** Longest time between two acknowledged writes, ms. */
  readonly longestGap: number;
}

export interface Writer {
  stop(): Promise<Account>;
  /** What of the acknowledged writes this server does not hold; `[]` when all is there. */
  missingOn(member: Member): Promise<readonly string[]>;
}

/** `undefined`: it was deleted. */
type Wanted = string | undefined;

export function startWriter(prefix: string, members: readonly Member[], deletes: boolean): Writer {
  const promised = new Map<string, Wanted>();
  /** Nobody knows whether these writes took place: they are not counted on. */
  const doubtful = new Set<string>();
  let [at, count, acknowledged, refused, longestGap] = [0, 0, 0, 0, 0];
  let going = true;
  const begun = performance.now();
  let last = begun;
  const current = () => {
    const member = members[at % members.length];
    if (!member) throw new Error('the writer has nobody to write to');
    return member;
  };

  /** One write, and what it promises if it is acknowledged. */
  async function write(): Promise<void> {
    const number = count++;
    const standing = [...promised].filter(([, wanted]) => wanted !== undefined);
    const [older] = standing[(number * 7) % Math.max(1, standing.length)] ?? [];
    const kind =
      older === undefined || number % 5 < 3 ? 'add' : number % 5 === 3 || !deletes ? 'change' : 'delete';
    const name = kind === 'add' || older === undefined ? `${prefix}-${number}` : older;
    const text = `written as ${number}`;
    const acts = { add: () => current().add(name, text), change: () => current().describe(name, text) };
    try {
      await (kind === 'delete' ? current().remove(name) : acts[kind]());
    } catch (error) {
      refused++;
      // An answer means that nothing was done; without one nobody knows.
      if (!(error instanceof Error && 'code' in error && typeof error.code === 'number')) doubtful.add(name);
      if (doubtful.has(name)) promised.delete(name);
      await current().close();
      at++;
      return;
    }
    if (!doubtful.has(name)) promised.set(name, kind === 'delete' ? undefined : text);
    acknowledged++;
    longestGap = Math.max(longestGap, performance.now() - last);
    last = performance.now();
  }

  const written = (async () => {
    for (let turn = 0; going; turn++) {
      await write();
      await sleep(Math.max(0, begun + (turn + 1) * EVERY_MS - performance.now()));
    }
  })();

  return {
    stop: async () => {
      going = false;
      await written;
      const seconds = (performance.now() - begun) / 1000;
      return { acknowledged, refused, seconds, longestGap: Math.round(longestGap) };
    },
    missingOn: async (member) => {
      const there = await member.made(`${prefix}-`);
      return [...promised].flatMap(([name, wanted]) => {
        const found = there.get(name);
        return found === wanted ? [] : [`${name}: ${found ?? 'not there'} instead of ${wanted ?? 'gone'}`];
      });
    },
  };
}
