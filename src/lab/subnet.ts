import { LabError } from './lab-error.ts';

/** A range of IPv4 addresses as numbers, both ends included. */
interface Range {
  readonly first: number;
  readonly last: number;
}

/** The /24s a lab may take, as first three octets: 10.77.0 to 10.77.255, then 172.31.0 to 172.31.255. */
const candidates = ['10.77', '172.31'].flatMap((prefix) =>
  Array.from({ length: 256 }, (_, third) => `${prefix}.${third}`),
);

/**
 * The first three octets of a /24 that overlaps none of `taken` (`a.b.c.d` or `a.b.c.d/len`; others are ignored). The
 * search starts at a place that depends on `name`, so a lab tends to keep its addresses. Throws LabError if none is free.
 */
export function chooseSubnet(name: string, taken: readonly string[]): string {
  const ranges = taken.flatMap(toRange);
  const start = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 256, 0);
  const ordered = [...candidates.slice(start), ...candidates.slice(0, start)];
  const free = ordered.find((subnet) => !toRange(`${subnet}.0/24`).some((range) => overlaps(range, ranges)));
  if (free) return free;
  throw new LabError(
    'lab network: every /24 of 10.77.0.0/16 and 172.31.0.0/16 overlaps a route of this machine; remove labs with `lockstep lab down --all` or look at `ip route`',
  );
}

function overlaps(range: Range, others: readonly Range[]): boolean {
  return others.some((other) => range.first <= other.last && other.first <= range.last);
}

function toRange(text: string): readonly Range[] {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text);
  if (!match) return [];
  const [a, b, c, d] = match.slice(1, 5).map(Number);
  const address = (((a ?? 0) * 256 + (b ?? 0)) * 256 + (c ?? 0)) * 256 + (d ?? 0);
  const size = 2 ** (32 - Number(match[5] ?? 32));
  // 0.0.0.0/0 is everybody's route to elsewhere and takes nothing.
  if (size === 2 ** 32) return [];
  const first = Math.floor(address / size) * size;
  return [{ first, last: first + size - 1 }];
}
