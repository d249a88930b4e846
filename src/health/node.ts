/** A host of Zimbra or Carbonio, and what it is to the directory. Pure. */
import { type LdapUrl, readLdapUrl } from '../ldap/ldap-url.ts';
import type { LocalconfigFacts, NodeFacts, PlainKey } from './node-facts.ts';
import { known } from './seen.ts';
import type { Server } from './server.ts';

export interface Node {
  readonly name: string;
  readonly facts: NodeFacts;
  readonly localconfig: LocalconfigFacts | undefined;
  /** Its directory server. */
  readonly server: Server | undefined;
  /** A master by its localconfig or by cn=config, which should say the same. `bare`: the software is there, and was never set up. */
  readonly kind: 'master' | 'replica' | 'client' | 'bare' | 'unknown';
  /** Lower case: what URLs may call it. */
  readonly names: readonly string[];
}

export function nodesOf(facts: readonly NodeFacts[], servers: readonly Server[]): readonly Node[] {
  return facts.map((one) => nodeOf(one, servers));
}

function nodeOf(facts: NodeFacts, servers: readonly Server[]): Node {
  const localconfig = known(facts.localconfig);
  const server = servers.find(({ name }) => name === facts.host);
  return {
    name: facts.host,
    facts,
    localconfig,
    server,
    kind: kindOf(known(facts.isDirectory), localconfig, server),
    names: namesOf(facts, localconfig, server),
  };
}

function kindOf(
  isDirectory: boolean | undefined,
  localconfig: LocalconfigFacts | undefined,
  server: Server | undefined,
): Node['kind'] {
  if (isDirectory === undefined || !localconfig) return 'unknown';
  const { ldap_url, ldap_master_url } = localconfig.values;
  if (isDirectory)
    return isMasterForTools(localconfig) || server?.database?.multiProvider ? 'master' : 'replica';
  return ldap_url || ldap_master_url ? 'client' : 'bare';
}

/** The tools of the product go by localconfig alone; what is not set is false. */
export function isMasterForTools(localconfig: LocalconfigFacts | undefined): boolean {
  return localconfig?.values.ldap_is_master?.toLowerCase() === 'true';
}

/** Where a server listens that listens everywhere. */
export const ANY: readonly string[] = ['', '0.0.0.0', '::'];

/** What slapd listens on now is its own, whatever it is called. */
function namesOf(
  { host, address }: NodeFacts,
  localconfig: LocalconfigFacts | undefined,
  server: Server | undefined,
): readonly string[] {
  const { fqdn, names = [], listeners = [] } = server?.installation ?? {};
  const heard = listeners.flatMap((url) => readLdapUrl(url) ?? []).filter(({ scheme }) => scheme !== 'ldapi');
  const all = [host, address, localconfig?.values.zimbra_server_hostname, fqdn, ...names];
  return [...all, ...heard.map((url) => url.host)].flatMap((name) =>
    name && !ANY.includes(name) ? [name.toLowerCase().replace(/\.$/, '')] : [],
  );
}

/** Those that have a directory server, by their localconfig. */
export function isDirectoryNode({ kind }: Node): boolean {
  return kind === 'master' || kind === 'replica';
}

/** One word of ldap_url or ldap_master_url. */
export interface UrlWord {
  readonly text: string;
  /** Undefined where it is no URL of a server. */
  readonly url: LdapUrl | undefined;
  /** Whom it names, of the nodes that are known. */
  readonly node: Node | undefined;
}

export function urlWords({ localconfig }: Node, key: PlainKey, nodes: readonly Node[]): readonly UrlWord[] {
  const words = (localconfig?.values[key] ?? '').split(/\s+/).filter((word) => word !== '');
  return words.map((text) => {
    const url = readLdapUrl(text);
    return { text, url, node: url && nodes.find(({ names }) => names.includes(url.host)) };
  });
}
