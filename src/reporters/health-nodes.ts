/** The table of a status that Zimbra and Carbonio have more: each node, and where it looks for its directory. */

import type { Node } from '../health/node.ts';
import { urlWords } from '../health/node.ts';
import type { Pool } from '../health/pool.ts';
import { known } from '../health/seen.ts';
import { type Cell, NONE, type Paper, UNKNOWN } from './paper.ts';
import { shortNames } from './short-names.ts';

export function nodeTable(pool: Pool, paper: Paper): readonly string[] {
  const short = shortNames(pool);
  const rows = pool.nodes.map((node): readonly Cell[] => [
    { text: short(node.name) },
    kindCell(node),
    { text: known(node.facts.product)?.release ?? '?' },
    listCell(node, 'ldap_url', pool, short),
    listCell(node, 'ldap_master_url', pool, short),
  ]);
  const columns = [
    { title: 'node', yields: 12 },
    { title: 'kind' },
    { title: 'release' },
    { title: 'ldap_url', yields: 12 },
    { title: 'ldap_master_url', yields: 12 },
  ] as const;
  return rows.length === 0 ? [] : (paper.table(columns, rows) ?? []);
}

/** By its localconfig, which may say something else than cn=config: a finding tells that. */
function kindCell({ kind, facts }: Node): Cell {
  if (facts.unreachable !== undefined) return { text: 'unreachable', tone: 'bad' };
  if (kind === 'unknown') return UNKNOWN;
  return kind === 'client' ? { text: 'no directory', tone: 'dim' } : { text: kind };
}

/** By the names of the nodes; as written where they are nobody's. */
function listCell(
  node: Node,
  key: 'ldap_url' | 'ldap_master_url',
  { nodes }: Pool,
  short: (name: string) => string,
): Cell {
  if (node.kind === 'unknown') return UNKNOWN;
  const names = urlWords(node, key, nodes).map((word) => (word.node ? short(word.node.name) : word.text));
  return names.length === 0 ? NONE : { text: names.join(' ') };
}
