/** A person at a terminal who reads what is asked and answers it, on plain lines or on the full screen. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../src/engine/event.ts';
import { KEYS, type Pty } from './pty.ts';

/** Nobody answers what has just come up: the screen takes no key as an answer before it can have been read. */
const READING_MS = 600;

export interface Offer {
  /** What must be typed, where a y is not enough. */
  readonly typed: string | undefined;
  readonly full: boolean;
}

/** The question that the screen shows, by what it offers. */
export function offerOn(screen: readonly string[]): Offer | undefined {
  const last = screen.findLast((row) => row !== '') ?? '';
  const word = /type (\S+) to (?:go on|run it again).*: *$/.exec(last);
  if (word) return { typed: word[1], full: false };
  if (/N no, hold \(default\): *$/.test(last)) return { typed: undefined, full: false };
  for (const row of screen) {
    const offer = /\by yes(?:: type ([^\s,]+))?,?\s.*\bN no \(default\)/.exec(row);
    if (offer) return { typed: offer[1], full: true };
  }
  return undefined;
}

export type Reply = 'yes' | 'no' | { readonly skip: string };

/** Waits for a question and answers it; resolves when the answer is in the journal. `state` is the state directory. */
export async function reply(pty: Pty, state: string, how: Reply = 'yes', seconds = 120): Promise<void> {
  await pty.until((screen) => offerOn(screen) !== undefined, seconds);
  await sleep(READING_MS);
  const offer = offerOn(pty.screen());
  if (!offer) throw new Error(`the question is gone unanswered\n${pty.screen().join('\n')}`);
  const before = answersIn(state);
  await pty.type(keysFor(offer, how));
  const deadline = performance.now() + 20_000;
  while (answersIn(state) === before) {
    if (performance.now() > deadline)
      throw new Error(`no answer is in the journal\n${pty.screen().join('\n')}`);
    await sleep(10);
  }
}

/** Says yes to all that is asked until the screen shows that text, or fits: at a question, it is left open. Tells how many. */
export async function replyUntil(
  pty: Pty,
  state: string,
  end: string | RegExp,
  seconds = 120,
): Promise<number> {
  const over = (screen: string[]): boolean =>
    typeof end === 'string' ? screen.join('\n').includes(end) : end.test(screen.join('\n'));
  for (let answers = 0; ; answers++) {
    const screen = await pty.until((rows) => over(rows) || offerOn(rows) !== undefined, seconds);
    if (over(screen)) return answers;
    await reply(pty, state);
    // The screen is drawn a moment after the journal.
    await sleep(200);
  }
}

function keysFor({ typed, full }: Offer, how: Reply): string {
  if (how === 'no') return full ? 'n' : KEYS.enter;
  if (how !== 'yes') return full ? `s${how.skip}${KEYS.enter}` : `s${KEYS.enter}${how.skip}${KEYS.enter}`;
  if (full) return typed === undefined ? 'y' : `y${typed}${KEYS.enter}`;
  return `${typed ?? 'y'}${KEYS.enter}`;
}

/** The journal of the newest run, as it is on disk now; a line that is being written is left out. */
export function newestJournal(state: string): readonly Event[] {
  const runs = join(state, 'runs');
  const newest = readdirSync(runs).toSorted().at(-1);
  if (newest === undefined) return [];
  const text = readFileSync(join(runs, newest, 'journal.ndjson'), 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { event: Event }).event);
}

function answersIn(state: string): number {
  return newestJournal(state).filter(({ type }) => type === 'question.answered').length;
}
