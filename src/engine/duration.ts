/** Durations as runbooks write them: `500ms`, `30s`, `10m`, `1h30m`, `2d`. */

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

/** What a duration looks like as a whole text; each number has its unit. */
export const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

/** Milliseconds in `text`. Throws a RangeError that quotes it; a bare number is refused, since its unit is a guess. */
export function parseDuration(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * unitMs[unit as keyof typeof unitMs];
  }
  if (!durationPattern.test(text) || !Number.isSafeInteger(Math.round(total))) {
    throw new RangeError(`"${text}" is not a duration; write one like 500ms, 30s, 10m or 1h30m`);
  }
  return Math.round(total);
}

/** The exact way to write `ms` (rounded to whole milliseconds): 90000 is `1m30s`. Negative ones get a minus. */
export function formatDuration(ms: number): string {
  let rest = Math.round(Math.abs(ms));
  let text = '';
  for (const [unit, size] of Object.entries(unitMs)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  if (text === '') return '0s';
  return ms < 0 ? `-${text}` : text;
}
