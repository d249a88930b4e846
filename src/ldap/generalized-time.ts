/** GeneralizedTime of RFC 4517, 3.3.13: `YYYYmmddHH[MM[SS]][.f](Z|±HH[MM])`. */

const FORM = /^(\d{4})(\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})?)?(?:[.,](\d+))?(?:Z|([+-])(\d{2})(\d{2})?)$/;

/**
 * Milliseconds since the epoch. Undefined for slapd's "never" (`00000101000000Z`, seen in cn=monitor).
 * Throws an Error that quotes the text.
 */
export function parseGeneralizedTime(text: string): number | undefined {
  const match = FORM.exec(text);
  if (!match) throw new Error(`"${text}" is not a GeneralizedTime such as 20261122015600Z`);
  const [, year = '', month, day, hour, minute, second, fraction, sign, offsetHours, offsetMinutes] = match;
  if (Number(year) === 0) return undefined;
  // A fraction belongs to the smallest unit given.
  const unit = second !== undefined ? 1000 : minute !== undefined ? 60_000 : 3_600_000;
  const local =
    Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute ?? 0),
      Number(second ?? 0),
    ) + Math.floor(Number(`0.${fraction ?? '0'}`) * unit);
  const offset = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * 60_000;
  return sign === '-' ? local + offset : local - offset;
}

/** Milliseconds since the epoch to `YYYYmmddHHMMSSZ`; fractions of a second are cut off. */
export function formatGeneralizedTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
}
