import { LabError } from './lab-error.ts';

/** What a node is for: the inventory's group of its hosts, and what their names begin with. */
export const nodeKinds = {
  master: { group: 'masters', prefix: 'ldap' },
  bare: { group: 'bare', prefix: 'ldap' },
  replica: { group: 'replicas', prefix: 'replica' },
  mailstore: { group: 'mailstores', prefix: 'store' },
  mta: { group: 'mtas', prefix: 'mta' },
  proxy: { group: 'proxies', prefix: 'proxy' },
} as const;

export type NodeKind = keyof typeof nodeKinds;

const order = Object.keys(nodeKinds) as readonly NodeKind[];

/** Addresses `.11` to `.110` of a lab's network are its hosts'. */
const most = 100;

/** `master=1,bare=2` → one kind a host, masters first. Throws LabError that says what may stand there. */
export function parseNodes(text: string, known: readonly NodeKind[]): readonly NodeKind[] {
  const counts = new Map<NodeKind, number>();
  for (const part of text.split(',')) {
    const [, word = '', digits = ''] = /^\s*([a-z]+)=(\d+)\s*$/.exec(part) ?? [];
    const kind = known.find((one) => one === word);
    if (!kind) throw wrong(text, `"${part.trim()}" is no KIND=COUNT with one of ${known.join(', ')}`);
    if (counts.has(kind)) throw wrong(text, `${kind} stands there twice`);
    counts.set(kind, Number(digits));
  }
  const nodes = order.flatMap((kind) => times(kind, counts.get(kind) ?? 0));
  if (nodes.length < 1 || nodes.length > most)
    throw wrong(text, `makes ${nodes.length} hosts, and a lab has 1 to ${most}`);
  return nodes;
}

function wrong(text: string, fact: string): LabError {
  return new LabError(`--nodes ${text}: ${fact}; write it as master=1,bare=1`);
}

/** So many hosts, of which the last `bare` are bare ones. */
export function mastersAndBare(hosts: number, bare = 0): readonly NodeKind[] {
  return [...times('master', hosts - bare), ...times('bare', bare)];
}

function times(kind: NodeKind, count: number): readonly NodeKind[] {
  return Array.from({ length: Math.min(count, most + 1) }, () => kind);
}

/** Their names: `ldap1`, `ldap2`, `store1`. Bare ones count on after the masters, whose name they have. */
export function hostNames(nodes: readonly NodeKind[]): readonly string[] {
  const counts = new Map<string, number>();
  return nodes.map((kind) => {
    const { prefix } = nodeKinds[kind];
    const number = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, number);
    return `${prefix}${number}`;
  });
}

/** `3 hosts (master=1, bare=2)`. */
export function nodesText(nodes: readonly NodeKind[]): string {
  const counts = order
    .map((kind) => [kind, nodes.filter((one) => one === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${kind}=${count}`);
  return `${nodes.length} host${nodes.length === 1 ? '' : 's'} (${counts.join(', ')})`;
}
