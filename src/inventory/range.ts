/** Ansible's host ranges: `ldap[1:3]`, `ldap[01:10:2]`, `[a:c]-mail[1:2]`; bounds are inclusive. */

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** A slip such as [1:99999999] must not eat the memory. */
const LIMIT = 10_000;

export type Expansion = { readonly names: readonly string[] } | { readonly problem: string };

/** Names in the order of the range; a pattern without `[` is one name. */
export function expandRange(pattern: string): Expansion {
  const open = pattern.indexOf('[');
  if (open < 0) return { names: [pattern] };
  const close = pattern.indexOf(']', open);
  if (close < 0) return { problem: `"${pattern}" has a "[" without "]"` };
  const members = membersOf(pattern.slice(open + 1, close));
  if ('problem' in members) return { problem: `"${pattern}": ${members.problem}` };
  const rest = expandRange(pattern.slice(close + 1));
  if ('problem' in rest) return rest;
  if (members.names.length * rest.names.length > LIMIT) {
    return { problem: `"${pattern}" stands for more than ${LIMIT} hosts` };
  }
  const head = pattern.slice(0, open);
  return { names: members.names.flatMap((member) => rest.names.map((tail) => head + member + tail)) };
}

function membersOf(range: string): Expansion {
  const bounds = range.split(':');
  if (bounds.length !== 2 && bounds.length !== 3) {
    return { problem: 'a range is [begin:end] or [begin:end:step]' };
  }
  const [begin = '', end = '', stepText = '1'] = bounds;
  const from = begin === '' ? '0' : begin;
  const step = /^\d+$/.test(stepText) ? Number(stepText) : 0;
  if (step < 1) return { problem: `the step must be a number from 1, got "${stepText}"` };
  if (/^[a-zA-Z]$/.test(from) && /^[a-zA-Z]$/.test(end)) return letters(from, end, step);
  if (!/^\d+$/.test(from) || !/^\d+$/.test(end)) {
    return { problem: `the bounds must be two numbers or two letters, got "${range}"` };
  }
  const width = from.length > 1 && from.startsWith('0') ? from.length : 0;
  if (width > 0 && end.length !== width) {
    return { problem: `with leading zeros both bounds need the same length, got "${range}"` };
  }
  return numbers(Number(from), Number(end), step, width);
}

function letters(from: string, end: string, step: number): Expansion {
  const first = LETTERS.indexOf(from);
  const last = LETTERS.indexOf(end);
  if (first > last) return { problem: `the range ends before it begins: "${from}:${end}"` };
  return { names: [...LETTERS.slice(first, last + 1)].filter((_, index) => index % step === 0) };
}

function numbers(first: number, last: number, step: number, width: number): Expansion {
  if (first > last) return { problem: `the range ends before it begins: "${first}:${last}"` };
  if ((last - first) / step >= LIMIT) return { problem: `the range stands for more than ${LIMIT} hosts` };
  const names: string[] = [];
  for (let value = first; value <= last; value += step) names.push(String(value).padStart(width, '0'));
  return { names };
}
