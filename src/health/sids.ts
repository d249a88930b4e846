/** Which server ID of contextCSN is whose, and who has got its changes. */
import { newestOf } from '../ldap/convergence.ts';
import { type Csn, compareCsn } from '../ldap/csn.ts';
import type { SiteFacts } from './facts.ts';
import { known, whyUnknown } from './seen.ts';
import { type Server, sidOf } from './server.ts';

export type SyncState =
  | { readonly kind: 'in sync' }
  /** `since`: ms since the epoch when it was first seen so; undefined when that is now. */
  | { readonly kind: 'behind'; readonly has: Csn | undefined; readonly since: number | undefined }
  /** No change with this ID was ever made. */
  | { readonly kind: 'nothing' }
  /** It takes no part in replication, or nobody writes with this ID any more: it need not have it. */
  | { readonly kind: 'apart' }
  | { readonly kind: 'unknown'; readonly why: string };

export interface SidState {
  readonly sid: number;
  /**
   * `retired`: no server has it any more, and its last change stays in contextCSN for ever. `zero`: from before servers got
   * IDs. `unclear`: a server whose ID is not known may have it.
   */
  readonly kind: 'claimed' | 'retired' | 'zero' | 'unclear';
  readonly owners: readonly Server[];
  /** Its newest change when the look began; undefined when there was none. */
  readonly newest: Csn | undefined;
  /** By name of the server. */
  readonly at: ReadonlyMap<string, SyncState>;
}

/** `writers`: servers that may have made changes of their own; `alone`: those of them that send them to nobody. */
export function sidStates(
  site: SiteFacts,
  servers: readonly Server[],
  writers: readonly Server[],
  alone: readonly Server[],
): readonly SidState[] {
  const seen = servers.flatMap(({ facts }) => [...(known(facts.csns)?.keys() ?? [])]);
  const claimed = writers.flatMap((server) => sidOf(server) ?? []).filter((sid) => sid > 0);
  const sids = [...new Set([...site.target.keys(), ...seen, ...claimed])].sort((a, b) => a - b);
  const isClear = servers.every(({ sid }) => sid.kind === 'known');
  return sids.map((sid) => {
    // 0 is what a server has that was given none: it counts only where changes are made.
    const owners = (sid === 0 ? writers : servers).filter((server) => sidOf(server) === sid);
    const kind = kindOf(sid, owners, isClear);
    // The target has no SID 000 where there are others (`withoutFirstDays`), and nobody is behind in it then.
    const newest = site.target.get(sid) ?? (kind === 'zero' ? newestSeen(servers, sid) : undefined);
    return {
      sid,
      kind,
      owners,
      newest,
      at: new Map(
        servers.map((server) => {
          const state = stateAt(server, sid, newest, site);
          const isApart = state.kind === 'behind' && (alone.includes(server) || kind === 'zero');
          return [server.name, isApart ? { kind: 'apart' } : state];
        }),
      ),
    };
  });
}

function newestSeen(servers: readonly Server[], sid: number): Csn | undefined {
  return newestOf(servers.flatMap(({ facts }) => known(facts.csns) ?? [])).get(sid);
}

function kindOf(sid: number, owners: readonly Server[], isClear: boolean): SidState['kind'] {
  if (owners.length > 0) return 'claimed';
  if (sid === 0) return 'zero';
  return isClear ? 'retired' : 'unclear';
}

function stateAt({ name, facts }: Server, sid: number, newest: Csn | undefined, site: SiteFacts): SyncState {
  const csns = known(facts.csns);
  if (!csns) return { kind: 'unknown', why: facts.unreachable ?? whyUnknown(facts.csns) ?? '' };
  if (!newest) return { kind: 'nothing' };
  const has = csns.get(sid);
  if (has && compareCsn(has, newest) >= 0) return { kind: 'in sync' };
  const since = site.behindSince.get(behindKey(name, sid));
  return { kind: 'behind', has, since: since !== undefined && since < site.at ? since : undefined };
}

/** As `SiteFacts.behindSince` has it. */
export function behindKey(host: string, sid: number): string {
  return `${host} ${sid.toString(16).padStart(3, '0')}`;
}
