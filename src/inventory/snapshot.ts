/** The inventory as a run's journal keeps it: plain JSON, no secret in it. */
import type { Value } from '../engine/value.ts';
import { Secret } from '../secrets/secret.ts';
import type { Inventory } from './model.ts';

/** Plain JSON. A secret is `{ "$secret": NAME }`; references such as env:NAME stay, since they are none. */
export type Snapshot = { readonly [key: string]: Value };

/** Throws nothing; equal inventories give equal snapshots. */
export function snapshot(inventory: Inventory): Snapshot {
  return JSON.parse(JSON.stringify(inventory)) as Snapshot;
}

/**
 * The inventory of a snapshot. Secrets come from `live`, today's inventory, where it has one at the same place and of
 * the same name; else they are left out, so that using one is an error and never an empty password.
 */
export function fromSnapshot(kept: Snapshot, live?: Inventory): Inventory {
  return refill(kept, live) as unknown as Inventory;
}

function refill(kept: unknown, live: unknown): unknown {
  if (Array.isArray(kept)) {
    const items = kept.map((item, index) => refill(item, Array.isArray(live) ? live[index] : undefined));
    // A list that lost a secret is no longer that list.
    return items.includes(undefined) ? undefined : items;
  }
  if (kept === null || typeof kept !== 'object') return kept;
  const name = secretName(kept);
  if (name !== undefined) return live instanceof Secret && live.name === name ? live : undefined;
  const entries = Object.entries(kept).map(
    ([key, item]) => [key, refill(item, memberOf(live, key))] as const,
  );
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

function secretName(value: object): string | undefined {
  const keys = Object.keys(value);
  if (keys.length !== 1 || keys[0] !== '$secret') return undefined;
  return String((value as { readonly $secret: unknown }).$secret);
}

function memberOf(value: unknown, key: string): unknown {
  return value !== null && typeof value === 'object' && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
