/** Who pulls from whom: each agreement, and the server that its provider URL means. */
import { formatRid } from '../ldap/agreement.ts';
import { isUnder, sameDn } from '../ldap/dn.ts';
import { type LdapUrl, parseLdapUrl, readLdapUrl } from '../ldap/ldap-url.ts';
import { isOwnUrl } from '../ldap/listeners.ts';
import { plainWordOf, ridOf, type Syncrepl } from '../ldap/syncrepl.ts';
import type { Trial } from './facts.ts';
import { type LinkHealth, linkHealth } from './link-health.ts';
import type { Server } from './server.ts';

export type Provider =
  | { readonly kind: 'server'; readonly server: Server }
  /** No server of the site; or one of it, but nothing listens at that port. */
  | { readonly kind: 'foreign'; readonly why: string }
  /** `ignored`: slapd knows it for its own URL, and passes over the agreement. */
  | { readonly kind: 'itself'; readonly ignored: boolean };

/** One agreement: the consumer pulls from the provider. */
export interface Link {
  readonly consumer: Server;
  readonly provider: Provider;
  /** Three digits; `---` where the value has none. */
  readonly rid: string;
  readonly agreement: Syncrepl;
  /** As written. */
  readonly url: string;
  readonly trial: Trial | undefined;
  readonly health: LinkHealth;
}

export function linksOf(servers: readonly Server[], at: number): readonly Link[] {
  return servers.flatMap((consumer) =>
    (consumer.database?.agreements ?? []).map((agreement) => linkOf(consumer, agreement, servers, at)),
  );
}

function linkOf(consumer: Server, agreement: Syncrepl, servers: readonly Server[], at: number): Link {
  const number = ridOf(agreement);
  const rid = Number.isInteger(number) ? formatRid(number) : '---';
  const url = plainWordOf(agreement, 'provider') ?? '';
  return {
    consumer,
    provider: providerOf(url, consumer, servers),
    rid,
    agreement,
    url,
    trial: consumer.facts.trials.get(rid),
    health: linkHealth(consumer.facts, rid, agreement, at),
  };
}

function providerOf(text: string, consumer: Server, servers: readonly Server[]): Provider {
  let url: LdapUrl;
  try {
    url = parseLdapUrl(text);
  } catch (error) {
    return { kind: 'foreign', why: error instanceof Error ? error.message : String(error) };
  }
  const own = consumer.installation;
  if (own && isOwnUrl(text, own.listeners, [own.fqdn])) return { kind: 'itself', ignored: true };
  const named = servers.filter((server) => namesOf(server).includes(url.host));
  const found = named.find((server) => listensAt(server, url) === true);
  // A server whose listeners are not known is taken at the agreement's word.
  const server = found ?? named.find((one) => listensAt(one, url) === undefined);
  if (server === consumer) return { kind: 'itself', ignored: false };
  if (server) return { kind: 'server', server };
  const [other] = named;
  if (other) return { kind: 'foreign', why: `${other.name} does not listen at port ${url.port}` };
  return { kind: 'foreign', why: `${url.host} is no server of this site` };
}

/** By which others may call it; lower case. */
function namesOf({ name, facts, installation }: Server): readonly string[] {
  // One that was found by walking is called `address:port`.
  const bare = /^\[?(.*?)\]?:\d+$/.exec(name)?.[1];
  const names = [name, bare, facts.address, installation?.fqdn, ...(installation?.names ?? [])];
  return names.flatMap((one) => (one ? [one.toLowerCase().replace(/\.$/, '')] : []));
}

/** Undefined where its listeners are not known; for one that was found by walking, its name has the port. */
function listensAt({ name, installation }: Server, { port }: LdapUrl): boolean | undefined {
  const own = /:(\d+)$/.exec(name)?.[1];
  const listeners = installation?.listeners ?? [];
  if (listeners.length === 0) return own === undefined ? undefined : Number(own) === port;
  return listeners.some((listener) => readLdapUrl(listener)?.port === port);
}

/** `ldap2 rid 001`, as a finding names it. */
export function linkName({ consumer, rid }: Link): string {
  return `${consumer.name} rid ${rid}`;
}

/** The provider by its name, or by its URL where it is no server of the site. */
export function providerName({ provider, url, consumer }: Link): string {
  if (provider.kind === 'server') return provider.server.name;
  return provider.kind === 'itself' ? consumer.name : url;
}

/** The provider where it is a server of the site, and another than the consumer. */
export function peerOf({ provider }: Link): Server | undefined {
  return provider.kind === 'server' ? provider.server : undefined;
}

/** Does it bring all entries of the tree with all their attributes? */
export function isWhole({ agreement }: Link, suffix: string): boolean {
  const word = (key: string) => plainWordOf(agreement, key)?.replaceAll(/\s+/g, '').toLowerCase();
  const base = plainWordOf(agreement, 'searchbase') ?? '';
  return (
    (sameDn(base, suffix) || isAbove(base, suffix)) &&
    ['sub', 'subtree', undefined].includes(word('scope')) &&
    ['(objectclass=*)', undefined].includes(word('filter')) &&
    ['*,+', '+,*', undefined].includes(word('attrs'))
  );
}

function isAbove(base: string, suffix: string): boolean {
  try {
    return isUnder(suffix, base);
  } catch {
    return false;
  }
}

/** Does it pull from an accesslog? */
export function isDelta({ agreement }: Link): boolean {
  return plainWordOf(agreement, 'syncdata')?.toLowerCase() === 'accesslog';
}

/** `persist` holds the connection; `poll` comes again each interval, which is what slapd does unless told otherwise. */
export function modeOf(agreement: Syncrepl): 'persist' | 'poll' {
  return plainWordOf(agreement, 'type')?.toLowerCase() === 'refreshandpersist' ? 'persist' : 'poll';
}
