/** One agreement, tried from its own host as slapd would: connection, TLS, bind, and a search that is not paged. */
import { type DirectoryReader, type Host, type ReadPorts, TransportError } from '../../engine/ports.ts';
import { valuesOf } from '../../ldap/config-names.ts';
import { sameDn } from '../../ldap/dn.ts';
import { LdapError } from '../../ldap/ldap-error.ts';
import { readLdapUrl } from '../../ldap/ldap-url.ts';
import { servesItself } from '../../ldap/listeners.ts';
import { plainWordOf, type Syncrepl } from '../../ldap/syncrepl.ts';
import type { Installation, Trial } from '../facts.ts';
import type { Catalogue } from './config.ts';
import { reasonOf, within } from './seen.ts';
import { type TcpAddress, wayOf } from './trial-address.ts';

export type TrialPorts = Pick<ReadPorts, 'host' | 'probe' | 'reaches' | 'directory'>;

/** What the replicator sees at a provider. */
export type View = Pick<Extract<Trial, { kind: 'ok' }>, 'entries' | 'limited' | 'passwords' | 'log'>;

/** What the consumer listens on, and what else it is called. */
export type Self = Pick<Installation, 'listeners' | 'names'>;

/** How a provider is looked at, so that consumers who come as the same account need not all look. */
export type LookAt = (key: string, look: () => Promise<View>) => Promise<View>;

/** What a lost network may cost: for the connection, and for TLS and the bind. */
const CONNECT_MS = 1500;
const BIND_MS = 1500;
/** Of a search in a large tree. */
const VIEW_MS = 60_000;

const SIZE_LIMIT_EXCEEDED = 4;
/**
 * ldapts takes no more than some 120,000 entries in one answer. In pages the limit is seen too, unless slapd was told another
 * one for them.
 */
const MOST_UNPAGED = 100_000;

/** The bound connection of an agreement, or what its trial has come to without one. */
export type Entered =
  | { readonly kind: 'in'; readonly directory: DirectoryReader }
  /** It pulls from itself, which slapd passes over. */
  | { readonly kind: 'itself' }
  | Exclude<Trial, { kind: 'ok' }>;

/** Connects, secures and binds as slapd would. Never rejects. */
export async function enterAgreement(
  agreement: Syncrepl,
  ports: TrialPorts,
  catalogue: Catalogue,
  self: Self,
): Promise<Entered> {
  const provider = providerOf(agreement);
  try {
    if (isItself(provider, ports.host, self)) return { kind: 'itself' };
    const way = await wayOf(agreement, ports, catalogue);
    if ('untried' in way) return { kind: 'untried', why: way.untried };
    const { address, clearToo } = way;
    const reaching = ports.reaches(address.host, address.port);
    const reached = await within(CONNECT_MS, 'connecting', reaching).catch(reasonOf);
    if (reached !== true) {
      // Who connects to what stands beside it.
      const why = reached.split(`${address.host}:${address.port}: `).at(-1) ?? reached;
      return { kind: 'no-connection', why };
    }
    const entered = await enter(ports, address, agreement);
    if (entered.kind !== 'no-tls' || !clearToo) return entered;
    return await enter(ports, { ...address, tls: 'none' }, agreement);
  } catch (error) {
    return { kind: 'untried', why: reasonOf(error) };
  }
}

/**
 * What the replicator sees behind a connection that came about. `expected`: how many entries there are, as far as that is
 * known. Never rejects.
 */
export async function viewAgreement(
  agreement: Syncrepl,
  entered: Entered,
  lookAt: LookAt,
  expected: number,
): Promise<Trial> {
  if (entered.kind === 'itself')
    return { kind: 'untried', why: 'it names this server itself, and slapd passes it over' };
  if (entered.kind !== 'in') return entered;
  try {
    const looking = () => within(VIEW_MS, 'the search', viewAs(agreement, entered.directory, expected));
    return { kind: 'ok', ...(await lookAt(keyOf(agreement), looking)) };
  } catch (error) {
    return { kind: 'untried', why: reasonOf(error) };
  }
}

async function enter(ports: TrialPorts, address: TcpAddress, agreement: Syncrepl): Promise<Entered> {
  try {
    const opening = ports.directory(address);
    return { kind: 'in', directory: await within(BIND_MS, 'the bind', opening) };
  } catch (error) {
    // What the address is need not be said again.
    const cause = error instanceof TransportError ? error.cause : undefined;
    const why = reasonOf(cause ?? error);
    if (error instanceof LdapError && error.failure.operation === 'bind')
      return { kind: 'refused', code: error.failure.code, why: error.failure.diagnostic || error.codeName };
    if (address.tls === 'none') return { kind: 'no-connection', why };
    const file = plainWordOf(agreement, 'tls_cert');
    if (file === undefined) return { kind: 'no-tls', why };
    return { kind: 'untried', why: `without the key of ${file}, which slapd alone may read: ${why}` };
  }
}

function providerOf(agreement: Syncrepl): string {
  return plainWordOf(agreement, 'provider') ?? '';
}

/** Consumers that come to the same place as the same account see the same. */
function keyOf(agreement: Syncrepl): string {
  const words = ['provider', 'binddn', 'searchbase', 'filter', 'scope', 'logbase'];
  return JSON.stringify(words.map((key) => plainWordOf(agreement, key) ?? null));
}

async function viewAs(agreement: Syncrepl, directory: DirectoryReader, expected: number): Promise<View> {
  const word = (key: string) => plainWordOf(agreement, key);
  const base = word('searchbase') ?? '';
  const scope = word('scope')?.toLowerCase();
  const seen = await count(() =>
    directory.search({
      base,
      scope: scope === 'base' || scope === 'one' ? scope : 'sub',
      ...(word('filter') !== undefined && { filter: word('filter') ?? '' }),
      attributes: ['1.1'],
      manageDsaIt: true,
      ...(expected <= MOST_UNPAGED && { unpaged: true }),
    }),
  );
  const logBase = word('logbase');
  return {
    ...seen,
    passwords: await seesPasswords(directory, base, word('binddn')),
    ...(logBase !== undefined && { log: await isThere(directory, logBase) }),
  };
}

async function count(search: () => Promise<readonly unknown[]>): Promise<Pick<View, 'entries' | 'limited'>> {
  try {
    return { entries: (await search()).length, limited: false };
  } catch (error) {
    if (!(error instanceof LdapError) || error.failure.code !== SIZE_LIMIT_EXCEEDED) throw error;
    return { entries: error.failure.came ?? 0, limited: true };
  }
}

/** Of somebody else: its own password an account may often see. Undefined when it sees none, which may be all there are. */
async function seesPasswords(
  directory: DirectoryReader,
  base: string,
  self: string | undefined,
): Promise<true | undefined> {
  const some = await directory.search({
    base,
    filter: '(userPassword=*)',
    // To be found is not enough: it must be handed out. The values go nowhere.
    attributes: ['userPassword'],
    atMost: 2,
  });
  const others = some.filter(({ dn }) => self === undefined || !sameDn(dn, self));
  return others.some(({ attributes }) => valuesOf(attributes, 'userPassword').length > 0) ? true : undefined;
}

async function isThere(directory: DirectoryReader, base: string): Promise<boolean> {
  return (await directory.search({ base, scope: 'base', attributes: ['1.1'] })).length > 0;
}

function isItself(provider: string, host: Host, { listeners, names = [] }: Self): boolean {
  const urls = listeners.flatMap((url) => readLdapUrl(url) ?? []);
  return [host.address, ...names].some((address) => servesItself(provider, { ...host, address }, urls));
}
