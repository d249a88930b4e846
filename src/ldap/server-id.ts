/** olcServerID: one plain number, or many `number URL` pairs; never both (OpenLDAP bconfig.c, CFG_SERVERID). */
import { withoutIndex } from './config-names.ts';

export interface ServerId {
  readonly id: number;
  /** Present in the URL form: this ID is for the server that listens there. */
  readonly url?: string;
}

/** CSNs have three hex digits for it. */
export const MAX_SERVER_ID = 4095;

/** Decimal or 0x hex, then perhaps a URL. slapd keeps the spelling, so compare numbers. Throws an Error. */
export function parseServerId(text: string): ServerId {
  const match = /^(0[xX][0-9a-fA-F]+|\d+)(?:\s+(\S+))?$/.exec(withoutIndex(text).trim());
  const id = Number(match?.[1]);
  if (!match || id > MAX_SERVER_ID) {
    throw new Error(`"${text}" is not a server ID: a number from 0 to ${MAX_SERVER_ID}, then perhaps a URL`);
  }
  return match[2] === undefined ? { id } : { id, url: match[2] };
}

/** What a server's olcServerID values amount to. */
export type ServerIds =
  | { readonly kind: 'none' }
  | { readonly kind: 'plain'; readonly id: number }
  /** Which one is in force depends on slapd's listeners: not to be read from here. */
  | { readonly kind: 'urls'; readonly ids: readonly ServerId[] };

export function readServerIds(values: readonly string[]): ServerIds {
  const ids = values.map(parseServerId);
  const [first] = ids;
  if (!first) return { kind: 'none' };
  return ids.length === 1 && first.url === undefined
    ? { kind: 'plain', id: first.id }
    : { kind: 'urls', ids };
}

/** The lowest ID from 1 up that is not among `taken`; undefined when all are. 0 is no valid ID between masters. */
export function freeServerId(taken: Iterable<number>): number | undefined {
  const used = new Set(taken);
  for (let id = 1; id <= MAX_SERVER_ID; id++) if (!used.has(id)) return id;
  return undefined;
}
