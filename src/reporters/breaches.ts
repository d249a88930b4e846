import type { Breach } from '../engine/event.ts';
import type { RunState } from '../engine/state.ts';
import { type Style, tame } from './style.ts';

/** As it is found: what does not hold, and what was under way. */
export function breachLines(word: 'broke' | 'unseen', { text, during }: Breach, style: Style): string[] {
  const lines = [`  ${style.bad(word.padEnd(11))} ${tame(text)}`];
  if (during.length > 0) lines.push(`              under way: ${during.join(' ')}`);
  return lines;
}

/** Once more at the end of a run that was held, but for the one that the hold itself tells. */
export function breachSummary({ breaches = [], held, done }: RunState, style: Style): string[] {
  if (done) return [];
  return breaches
    .filter(({ text }) => held?.text.startsWith(text) !== true)
    .flatMap(({ text, during }) => [
      style.bad(tame(text)),
      ...(during.length > 0 ? [`    under way then: ${during.join(' ')}`] : []),
    ]);
}
