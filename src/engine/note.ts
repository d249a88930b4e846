import type { Event } from './event.ts';

/** Longer than this, a note is a document, and belongs elsewhere. Characters. */
const LONGEST = 2_000;

/** A person's words for the journal; none where there are no words. */
export function note(text: string, by: string): readonly Event[] {
  const words = text.trim();
  if (words === '') return [];
  return [{ type: 'run.noted', text: words.slice(0, LONGEST).toWellFormed(), by }];
}
