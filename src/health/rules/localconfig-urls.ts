/** ldap_url and ldap_master_url of the nodes of Zimbra and Carbonio: who listens where, and who asks whom. */
import { runCommand } from '../commands.ts';
import { ANY, isDirectoryNode, isMasterForTools, type Node, type UrlWord, urlWords } from '../node.ts';
import type { Pool } from '../pool.ts';
import { and } from '../words.ts';
import { type Found, type Rule, rule } from './rule.ts';

type List = 'ldap_url' | 'ldap_master_url';
const LISTS: readonly List[] = ['ldap_url', 'ldap_master_url'];

const UPDATE = 'Write the lists of all nodes anew: `lockstep run zimbra/update-urls`.';

export const localconfigUrlRules: readonly Rule[] = [
  rule({
    code: 'url-own-not-first',
    severity: 'critical',
    about: 'ldap_url of a directory server does not begin with its own URL, and ldap_bind_url is not set.',
    why: 'the first URL is where slapd listens: at its next start it takes the address of another host for its own, and does not start',
    mends: UPDATE,
    find: (pool) =>
      pool.nodes.filter(isDirectoryNode).flatMap((node) => {
        const key = node.localconfig?.values.ldap_bind_url ? 'ldap_bind_url' : 'ldap_url';
        const [first] = urlWords(node, key, pool.nodes);
        const isOwn = first?.url && (ANY.includes(first.url.host) || node.names.includes(first.url.host));
        if (isOwn) return [];
        const begins = first ? `begins with ${first.text}` : 'is empty';
        return [
          {
            where: [node.name],
            what: `${key} of ${node.name} ${begins}: slapd of ${node.name} has to listen at a URL of its own`,
            ...update(pool),
          },
        ];
      }),
  }),
  rule({
    code: 'url-lists-equal',
    severity: 'critical',
    about: 'On a replica (ldap_is_master is not true) ldap_url and ldap_master_url are the same.',
    why: 'the tool that starts slapd refuses to do anything but stop there: slapd will not start again',
    mends: UPDATE,
    find: (pool) =>
      pool.nodes.flatMap((node) => {
        const { ldap_url, ldap_master_url } = node.localconfig?.values ?? {};
        if (
          !isDirectoryNode(node) ||
          isMasterForTools(node.localconfig) ||
          !ldap_url ||
          ldap_url !== ldap_master_url
        )
          return [];
        return [
          {
            where: [node.name],
            what: `ldap_url and ldap_master_url of ${node.name}, whose ldap_is_master is not true, are both ${ldap_url}`,
            ...update(pool),
          },
        ];
      }),
  }),
  rule({
    code: 'url-master-missing',
    severity: 'warning',
    about: 'ldap_url or ldap_master_url of a node lacks one of the masters.',
    why: 'when the others are down that node finds no server, though one is there',
    mends: UPDATE,
    find: (pool) => {
      const masters = mastersOf(pool);
      return folded(pool, (_, __, words) => {
        const missing = masters.filter((master) => !has(words, master));
        return missing.length > 0 ? `lacks ${and(missing.map(({ name }) => name))}` : undefined;
      });
    },
  }),
  rule({
    code: 'url-stranger',
    severity: 'warning',
    about: 'ldap_url or ldap_master_url of a node names a server that the site does not have.',
    why: 'what asks it waits for an answer that does not come, each time, before it tries the next',
    mends: `If that server is gone for good: ${UPDATE.charAt(0).toLowerCase()}${UPDATE.slice(1)}`,
    find: (pool) =>
      // Of a part of the site it is not known.
      pool.site.isPart
        ? []
        : folded(pool, (node, _, words) => {
            const strange = words.filter((word) => isStranger(word, node));
            return strange.length > 0
              ? `names ${and(strange.map(({ text }) => text))}, which no LDAP server of this site is`
              : undefined;
          }),
  }),
  rule({
    code: 'url-order',
    severity: 'warning',
    about:
      'A master is not the first in its own ldap_master_url, a node without a directory asks masters before replicas, or ldap_master_url names a replica.',
    why: 'tools take the first for the one to work on, reading loads the masters, and writes go where they are refused',
    mends: UPDATE,
    find: (pool) => folded(pool, misplaced),
  }),
  rule({
    code: 'url-list-untidy',
    severity: 'warning',
    about:
      'ldap_url or ldap_master_url of a node has more between its URLs than one blank, has a URL twice, or what is no URL.',
    why: 'the tools split and compare these lists as they are: a line break or a backslash becomes part of a URL, and a server is asked that is not there',
    mends: UPDATE,
    find: (pool) =>
      folded(pool, (node, list, words) => {
        const text = node.localconfig?.values[list] ?? '';
        const bad = words.filter(({ url }) => !url || url.scheme === 'ldapi');
        const keys = words.map(({ url, text: word }) => (url ? `${url.host}:${url.port}` : word));
        const twice = words.filter((_, at) => keys.indexOf(keys[at] ?? '') !== at);
        const notes = [
          ...(/[\r\n]/.test(text) ? ['has a line break'] : []),
          ...(text.trim() !== text || /[^\S\r\n]{2,}|\t/.test(text.trim()) ? ['has blanks too many'] : []),
          ...(bad.length > 0 ? [`has ${and(bad.map((word) => `"${word.text}"`))}, which is no URL`] : []),
          ...(twice.length > 0 ? [`has ${and(twice.map((word) => word.text))} twice`] : []),
        ];
        return notes.length > 0 ? and(notes) : undefined;
      }),
  }),
];

function misplaced(node: Node, list: List, words: readonly UrlWord[]): string | undefined {
  const kinds = words.map((word) => word.node?.kind);
  const replicas = words.filter((word) => word.node?.kind === 'replica');
  if (list === 'ldap_master_url' && replicas.length > 0)
    return `names ${and(replicas.map(({ text }) => text))}, a replica`;
  if (list === 'ldap_master_url' && node.kind === 'master')
    return has(words, node) && words[0]?.node !== node
      ? `begins with ${words[0]?.text}, not with itself`
      : undefined;
  if (node.kind !== 'client') return undefined;
  const [master, replica] = [kinds.indexOf('master'), kinds.lastIndexOf('replica')];
  return master >= 0 && replica > master
    ? `has ${words[master]?.text} before ${words[replica]?.text}`
    : undefined;
}

/** Those that are joined; one that stands for itself beside others is no master of theirs. */
function mastersOf({ nodes, roles }: Pool): readonly Node[] {
  const masters = nodes.filter(({ kind }) => kind === 'master');
  return masters.length < 2 ? masters : masters.filter(({ name }) => roles.get(name) !== 'alone');
}

function has(words: readonly UrlWord[], wanted: Node): boolean {
  return words.some(({ node }) => node === wanted);
}

/** A URL that names nobody, or a host that has no directory server. */
function isStranger({ url, node: named }: UrlWord, node: Node): boolean {
  if (!url || url.scheme === 'ldapi' || node.names.includes(url.host)) return false;
  return named === undefined || named.kind === 'client' || named.kind === 'bare';
}

/** Nodes of which the same is said of a list make one finding. */
function folded(
  pool: Pool,
  judge: (node: Node, list: List, words: readonly UrlWord[]) => string | undefined,
): readonly Found[] {
  const groups = new Map<string, { list: List; said: string; names: string[] }>();
  for (const node of pool.nodes) {
    if (!isDirectoryNode(node) && node.kind !== 'client') continue;
    for (const list of LISTS) {
      const said = judge(node, list, urlWords(node, list, pool.nodes));
      if (said === undefined) continue;
      const key = `${list} ${said}`;
      const group = groups.get(key) ?? { list, said, names: [] };
      group.names.push(node.name);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ list, said, names }) => ({
    where: names,
    what: `${list} of ${and(names)} ${said}`,
    ...update(pool),
  }));
}

function update({ site }: Pool): { readonly fix: string } {
  return { fix: `Write the lists of all nodes anew: ${runCommand(site, 'update-urls', {})}.` };
}
