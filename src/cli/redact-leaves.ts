/** Words of ours, by the key they stand under: a secret that happens to be one of them must not break a record. */
const OURS: ReadonlySet<string> = new Set(['type', 'kind', 'task', 'step', 'host', 'op', 'class', 'ground']);

/** The same plain value with every text redacted, but for our own words. Objects that render themselves do so. */
export function redactLeaves<T>(value: T, redact: (text: string) => string): T {
  return leaf(value, redact) as T;
}

function leaf(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => leaf(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  if ('toJSON' in value && typeof value.toJSON === 'function') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, OURS.has(key) ? member : leaf(member, redact)]),
  );
}
