/** Are two trees the same? entryUUID and entryCSN of every entry say so; equal contextCSN alone does not. */
import { createHash } from 'node:crypto';
import type { Entry } from '../engine/ports.ts';
import { valuesOf } from './config-names.ts';

/** One entry as replication sees it. */
export interface Stamp {
  readonly dn: string;
  readonly uuid: string;
  readonly csn: string;
}

/** Attributes to ask for when the entries are to be stamped. */
export const STAMP_ATTRIBUTES: readonly string[] = ['entryUUID', 'entryCSN'];

export function stampOf(entry: Entry): Stamp {
  const first = (name: string) => valuesOf(entry.attributes, name)[0] ?? '';
  return { dn: entry.dn, uuid: first('entryUUID').toLowerCase(), csn: first('entryCSN') };
}

/** SHA-256 in hex over the lines, sorted first: the order in which a server returns them does not matter. */
export function digestLines(lines: readonly string[]): string {
  const hash = createHash('sha256');
  for (const line of [...lines].sort()) hash.update(line, 'utf8').update('\n');
  return hash.digest('hex');
}

export function digestStamps(stamps: readonly Stamp[]): string {
  return digestLines(stamps.map((stamp) => `${stamp.uuid} ${stamp.csn}`));
}
