/** An agreement (one olcSyncrepl) as it is and as it should be: what to modify on the database, and what to refuse. */
import type { Modification } from '../engine/ports.ts';
import {
  differingWords,
  plainWordOf,
  printSyncrepl,
  ridOf,
  type Syncrepl,
  sameAgreement,
} from './syncrepl.ts';

/** The database of one server, as far as agreements go. */
export interface Consumer {
  readonly syncrepls: readonly Syncrepl[];
  /** Those of them that are with this server itself: slapd passes over them when it starts. */
  readonly loops?: readonly Syncrepl[];
  readonly multiProvider: boolean;
  /** Where a read-only consumer sends writers: olcUpdateRef. Dead text on a server that takes writes itself. */
  readonly updateRefs?: readonly string[];
  /** `olcMirrorMode` on 2.4, `olcMultiProvider` since 2.5. */
  readonly switchName: string;
}

export interface AgreementPlan {
  readonly kept: Syncrepl | undefined;
  readonly added: Syncrepl | undefined;
  /** Existing values that go; as they were read, with their positions. */
  readonly removed: readonly Syncrepl[];
  readonly turn: 'on' | 'off' | undefined;
  /** Whether the referrals to the old provider go, in the same modify. */
  readonly unrefer: boolean;
}

const MAX_RID = 999;

/** The lowest RID from 1 up that this server does not use; undefined when all 999 are. */
export function freeRid(used: Iterable<number>): number | undefined {
  const taken = new Set(used);
  for (let rid = 1; rid <= MAX_RID; rid++) if (!taken.has(rid)) return rid;
  return undefined;
}

/** RIDs that come more than once; slapd 2.5 takes them without a word, and cn=monitor then shows one of the two. */
export function duplicateRids(syncrepls: readonly Syncrepl[]): readonly number[] {
  const rids = syncrepls.map(ridOf);
  return [...new Set(rids.filter((rid, at) => rids.indexOf(rid) !== at))];
}

/** RIDs as three digits, as logs and cn=monitor have them. */
export function formatRid(rid: number): string {
  return String(rid).padStart(3, '0');
}

export interface Wish {
  /** Has no RID yet. */
  readonly wanted: Syncrepl;
  /** The agreement that it takes the place of, by provider and searchbase alone. */
  readonly was: Syncrepl | undefined;
  /** Undefined: keep the one it has, else the lowest free. */
  readonly rid: number | undefined;
  readonly multiProvider: boolean;
  /** What the agreement is to be like, from the one that is there. */
  readonly merge?: (there: Syncrepl) => Syncrepl;
}

/** Undefined result: no RID is free. */
export function planPresent(
  consumer: Consumer,
  { wanted, was, rid, multiProvider, merge }: Wish,
  usedOnServer: readonly number[],
): AgreementPlan | undefined {
  const [same, ...extra] = consumer.syncrepls
    .filter((one) => sameAgreement(one, wanted) || (was !== undefined && sameAgreement(one, was)))
    // One that is as wanted already is kept, and the old one goes.
    .sort((a, b) => Number(sameAgreement(b, wanted)) - Number(sameAgreement(a, wanted)));
  const chosen = rid ?? (same ? ridOf(same) : freeRid(usedOnServer));
  if (chosen === undefined) return undefined;
  const { words } = same && merge ? merge(same) : wanted;
  const full = { words: [{ key: 'rid', value: formatRid(chosen) }, ...words] };
  const equal = same !== undefined && differingWords(same, full).length === 0;
  return {
    kept: equal ? same : undefined,
    added: equal ? undefined : full,
    removed: equal || !same ? extra : [same, ...extra],
    turn: multiProvider && !consumer.multiProvider ? 'on' : undefined,
    unrefer: multiProvider && (consumer.updateRefs ?? []).length > 0,
  };
}

/** `last`: none would be left. Without its last agreement a database must not stay multi-provider, nor refer writers: slapd would not start any more. */
export function planAbsent(consumer: Consumer, wanted: Syncrepl): AgreementPlan & { readonly last: boolean } {
  const removed = consumer.syncrepls.filter((one) => sameAgreement(one, wanted));
  const { syncrepls, loops = [], updateRefs = [] } = consumer;
  const last = syncrepls.every((one) => removed.includes(one) || loops.includes(one));
  return {
    kept: undefined,
    added: undefined,
    removed,
    turn: last && consumer.multiProvider ? 'off' : undefined,
    unrefer: last && removed.length > 0 && updateRefs.length > 0,
    last,
  };
}

/** One modify: deletes from the last position to the first, then the new value, then the switch. */
export function agreementModifications(plan: AgreementPlan, switchName: string): readonly Modification[] {
  const positions = plan.removed.map((one) => one.index ?? 0).sort((a, b) => b - a);
  const modifications: Modification[] = positions.map((at) => ({
    op: 'delete',
    attribute: 'olcSyncrepl',
    values: [`{${at}}`],
  }));
  if (plan.added)
    modifications.push({ op: 'add', attribute: 'olcSyncrepl', values: [printSyncrepl(plan.added)] });
  // `replace` also covers a FALSE that is there; an empty one deletes.
  const values = plan.turn === 'on' ? ['TRUE'] : [];
  if (plan.turn) modifications.push({ op: 'replace', attribute: switchName, values });
  if (plan.unrefer) modifications.push({ op: 'replace', attribute: 'olcUpdateRef', values: [] });
  return modifications;
}

/** A short name for messages: `rid 001 from ldap://ldap1`. */
export function nameOf(syncrepl: Syncrepl): string {
  return `rid ${formatRid(ridOf(syncrepl))} from ${plainWordOf(syncrepl, 'provider') ?? 'nowhere'}`;
}
