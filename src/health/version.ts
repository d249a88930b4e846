/** Is it this version or a later one? `2.5.13` is at least `2.5`. Undefined where it is not known. */
export function isVersionAtLeast(version: string | undefined, wanted: string): boolean | undefined {
  if (version === undefined || !/^\d+(?:\.\d+)?/.test(version)) return undefined;
  const numbers = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const own = numbers(version);
  const other = numbers(wanted);
  for (let at = 0; at < other.length; at++) {
    const difference = (own[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
