/** Words of ours, by the key they stand under: a secret that happens to be one of them must not break a record. */
const OURS: ReadonlySet<string> = new Set([
  'type',
  'kind',
  'id',
  'task',
  'step',
  'host',
  'op',
  'class',
  'ground',
  'during',
  'how',
  'signal',
  'verdict',
  'basis',
  'machineId',
  'hostKey',
]);

/** What stands under these came from a target: no key below is ours, and a key may hold a secret as well as a value. */
const THEIRS: ReadonlySet<string> = new Set(['captured', 'item', 'observed']);

/**
 * The same plain value with every text redacted, but for our own words. Objects that render themselves do so. A list of
 * texts is redacted as the lines of one text: a secret of several lines, or one that was folded, is found in it.
 */
export function redactLeaves<T>(value: T, redact: (text: string) => string): T {
  return leaf(value, redact, true) as T;
}

function leaf(value: unknown, redact: (text: string) => string, ours: boolean): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return list(value, redact, ours);
  if (typeof value !== 'object' || value === null) return value;
  if ('toJSON' in value && typeof value.toJSON === 'function') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (!ours) return [redact(key), leaf(member, redact, false)];
      return [key, OURS.has(key) ? member : leaf(member, redact, !THEIRS.has(key))];
    }),
  );
}

function list(
  items: readonly unknown[],
  redact: (text: string) => string,
  ours: boolean,
): readonly unknown[] {
  const texts = items.filter((item) => typeof item === 'string');
  if (items.length < 2 || texts.length < items.length) return items.map((item) => leaf(item, redact, ours));
  const apart = texts.map(redact);
  const whole = texts.join('\n');
  const together = redact(whole);
  // The same either way, unless a secret runs over the end of an item.
  return apart.join('\n') === together ? apart : together.split('\n');
}
