/** `ldap[1-3,7]` for ldap1, ldap2, ldap3 and ldap7: names that differ in one number are one word. */
export function foldNames(names: readonly string[]): string {
  const groups = new Map<string, { head: string; tail: string; numbers: string[] }>();
  const words: (string | { head: string; tail: string; numbers: string[] })[] = [];
  const parts = names.map((name) => ({ name, ...partsOf(name) }));
  const keyOf = (head: string, tail: string, width: number): string => JSON.stringify([head, tail, width]);
  const padded = new Set(
    parts.flatMap(({ head, digits, tail }) => (/^0./.test(digits) ? [keyOf(head, tail, digits.length)] : [])),
  );
  for (const { name, head, digits, tail } of parts) {
    if (digits === '' || digits.length > 9) {
      words.push(name);
      continue;
    }
    // 01 and 1 are not of one range; 09 and 10 are.
    const wide = keyOf(head, tail, digits.length);
    const key = padded.has(wide) ? wide : keyOf(head, tail, 0);
    const found = groups.get(key);
    if (found) found.numbers.push(digits);
    else {
      const group = { head, tail, numbers: [digits] };
      groups.set(key, group);
      words.push(group);
    }
  }
  return words.map((word) => (typeof word === 'string' ? word : wordOf(word))).join(' ');
}

/** The last number before the first dot, so that a domain's digits stay where they are. */
function partsOf(name: string): { head: string; digits: string; tail: string } {
  const [, head = '', digits = '', tail = ''] = /^([^.]*?)(\d+)([^.\d]*(?:\..*)?)$/.exec(name) ?? [];
  return { head, digits, tail };
}

function wordOf({ head, tail, numbers }: { head: string; tail: string; numbers: readonly string[] }): string {
  if (numbers.length === 1) return `${head}${numbers[0]}${tail}`;
  const sorted = [...new Set(numbers)].sort((one, other) => Number(one) - Number(other));
  const runs: string[][] = [];
  for (const number of sorted) {
    const last = runs.at(-1);
    if (last && Number(last.at(-1)) + 1 === Number(number)) last.push(number);
    else runs.push([number]);
  }
  const parts = runs.flatMap((run) => (run.length < 3 ? run : [`${run[0]}-${run.at(-1)}`]));
  return `${head}[${parts.join(',')}]${tail}`;
}
