/** The directory ports over ldapts: one operation at a time on one bound connection, opened when it is first needed. */
import {
  Attribute,
  Change,
  type Client,
  Control,
  FilterParser,
  type Entry as RawEntry,
  ResultCodeError,
} from 'ldapts';
import {
  type DirectoryAddress,
  type DirectoryWriter,
  type Entry,
  type Modification,
  type Search,
  TransportError,
} from '../engine/ports.ts';
import { reveal, Secret, type Text } from '../secrets/secret.ts';
import { isUnder } from './dn.ts';
import { LdapError, type LdapOperation } from './ldap-error.ts';
import { openLocalSession } from './product-session.ts';
import { describe, LDAPI_SOCKETS, ldapError, type Pipe, type Session } from './session.ts';

export type { Pipe } from './session.ts';

export interface OpenDirectory extends DirectoryWriter {
  close(): Promise<void>;
}

const PAGE_SIZE = 500;
const SIZE_LIMIT_EXCEEDED = 4;
/** ldapts keeps what came before the server stopped only where a limit was asked for; this one is sent as 0, which is none. */
const UNLIMITED_BUT_KEPT = 0.5;
const MANAGE_DSA_IT = '2.16.840.1.113730.3.4.2';

/** Codes with which servers refuse the paging control rather than the search; slapd's `size.prtotal=disabled` gives 11. */
const PAGING_REFUSED = new Set([2, 11, 12, 53]);

/**
 * Connects and binds at once. Rejects with LdapError when the server refuses, TransportError `not-started` when it
 * cannot be reached. Later, a read whose connection dropped is repeated once on a new one; a write is not: it rejects
 * with TransportError `lost`. `host` is for messages.
 */
export async function openDirectory(
  address: DirectoryAddress,
  pipe: Pipe,
  host = describe(address),
): Promise<OpenDirectory> {
  const connect = connector(address, pipe, host);
  let session: Session = await connect();
  let closed = false;
  let queue: Promise<unknown> = Promise.resolve();

  async function live(): Promise<Session> {
    if (closed)
      throw new TransportError(
        'not-started',
        host,
        `${host} · the directory was closed`,
        'This is a bug: open it again.',
      );
    if (!session.alive()) {
      await session.close();
      session = await connect();
    }
    return session;
  }

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = queue.then(act);
    queue = turn.catch(() => undefined);
    return turn;
  }

  function write(
    operation: LdapOperation,
    dn: string,
    texts: readonly Text[],
    act: (client: Client) => Promise<void>,
  ) {
    return inTurn(async () => {
      const session = await live();
      try {
        await session.run(act);
      } catch (error) {
        if (error instanceof ResultCodeError) {
          const secrets = texts.filter((text) => text instanceof Secret).map(reveal);
          throw ldapError(error, { host, operation, dn, secrets });
        }
        await session.close();
        const message = `${host} · ${operation} "${dn}": the connection ended before the server answered`;
        throw new TransportError(
          'lost',
          host,
          message,
          'It may have taken place: read the entry to find out.',
        );
      }
    });
  }

  return {
    search: (search) =>
      inTurn(async () => {
        const run = async () => (await live()).run((client) => searchOnce(client, search, host));
        try {
          return await run();
        } catch (error) {
          if (error instanceof LdapError || error instanceof TransportError || error instanceof TypeError)
            throw error;
          await session.close();
          return await run().catch((again: unknown) => {
            throw again instanceof LdapError || again instanceof TransportError
              ? again
              : lostRead(host, search.base, again);
          });
        }
      }),
    add: (dn, attributes) =>
      write('add', dn, Object.values(attributes).flat(), (client) => {
        const list = Object.entries(attributes).map(
          ([type, values]) => new Attribute({ type, values: values.map(reveal) }),
        );
        return client.add(dn, list);
      }),
    modify: (dn, modifications) =>
      write(
        'modify',
        dn,
        modifications.flatMap((modification) => modification.values),
        (client) => client.modify(dn, modifications.map(toChange)),
      ),
    remove: (dn) => write('delete', dn, [], (client) => client.del(dn)),
    close: async () => {
      closed = true;
      await queue;
      await session.close();
    },
  };
}

/** Opens sessions; for ldapi `auto` it remembers the socket that answered. */
function connector(address: DirectoryAddress, pipe: Pipe, host: string): () => Promise<Session> {
  if (address.kind !== 'ldapi' || address.path !== 'auto') return () => openLocalSession(address, pipe, host);
  let known: string | undefined;
  return async () => {
    // Most of them are not there: what they have in common is said once.
    const causes = new Map<string, string[]>();
    const last = known;
    for (const path of last === undefined
      ? LDAPI_SOCKETS
      : [last, ...LDAPI_SOCKETS.filter((one) => one !== last)]) {
      try {
        const session = await openLocalSession({ ...address, path }, pipe, host);
        known = path;
        return session;
      } catch (error) {
        if (!(error instanceof TransportError) || error.kind !== 'not-started') throw error;
        const cause = (error.message.split(': ').at(-1) ?? '').replace(`${path} `, '');
        causes.set(cause, [...(causes.get(cause) ?? []), path]);
      }
    }
    const next = 'Start slapd with ldapi:/// among its -h URLs, or give the path as `socket`.';
    throw new TransportError(
      'not-started',
      host,
      `${host} · no ldapi socket answers: ${[...causes].map(([cause, paths]) => `${paths.join(', ')} (${cause})`).join('; ')}`,
      next,
    );
  };
}

async function searchOnce(client: Client, search: Search, host: string): Promise<readonly Entry[]> {
  const { base, filter = '(objectClass=*)', scope = 'sub' } = search;
  const options = { scope, filter: parseFilter(filter), attributes: [...(search.attributes ?? [])] };
  const controls = search.manageDsaIt ? [new Control(MANAGE_DSA_IT, { critical: true })] : [];
  const limit = search.atMost === undefined ? {} : { sizeLimit: search.atMost };
  const isPaged = scope !== 'base' && search.atMost === undefined && !search.unpaged;
  const paged = isPaged ? { paged: { pageSize: PAGE_SIZE } } : limit;
  try {
    const found = await client.search(base, { ...options, ...paged }, controls).catch((error: unknown) => {
      if (!isPaged || !(error instanceof ResultCodeError) || !PAGING_REFUSED.has(error.code)) throw error;
      return client.search(base, options, controls);
    });
    return found.searchEntries.map(toEntry);
  } catch (error) {
    if (!(error instanceof ResultCodeError)) throw error;
    if (search.unpaged && error.code === SIZE_LIMIT_EXCEEDED) {
      const some = await client.search(base, { ...options, sizeLimit: UNLIMITED_BUT_KEPT }, controls);
      const came = some.searchEntries.length;
      const diagnostic = `stopped after ${came} entries`;
      throw new LdapError({ host, operation: 'search', dn: base, code: error.code, diagnostic, came });
    }
    if (error.code !== 32) throw ldapError(error, { host, operation: 'search', dn: base, secrets: [] });
    if (isUnder(base, CONFIG)) await mustSeeConfig(client, host, base);
    return [];
  }
}

const CONFIG = 'cn=config';

/** slapd says noSuchObject of what it hides, too. Its configuration is always there: not to see it is no permission. */
async function mustSeeConfig(client: Client, host: string, dn: string): Promise<void> {
  try {
    await client.search(CONFIG, { scope: 'base', attributes: ['1.1'] });
  } catch (error) {
    if (!(error instanceof ResultCodeError)) throw error;
    const diagnostic = `${CONFIG} is hidden from this account, or slapd runs on a slapd.conf`;
    throw new LdapError({ host, operation: 'search', dn, code: 50, diagnostic }, { cause: error });
  }
}

function parseFilter(filter: string) {
  try {
    return FilterParser.parseString(filter);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new TypeError(
      `filter "${filter}" is not an LDAP filter (RFC 4515): ${cause}. Compare (&(objectClass=person)(cn=a*)).`,
    );
  }
}

function toEntry(raw: RawEntry): Entry {
  const attributes: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (name === 'dn') continue;
    const values = (Array.isArray(value) ? value : [value]).map(toText);
    // ldapts adds an empty list for each attribute that was asked for and is not there.
    if (values.length > 0) attributes[name] = values;
  }
  return { dn: raw.dn, attributes };
}

/** Bytes that are no UTF-8 come as `base64:…`, so that nothing is lost and nothing looks like text. */
function toText(value: string | Buffer): string {
  if (typeof value === 'string') return value;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return `base64:${value.toString('base64')}`;
  }
}

function toChange(modification: Modification): Change {
  const { op, attribute, values } = modification;
  return new Change({
    operation: op,
    modification: new Attribute({ type: attribute, values: values.map(reveal) }),
  });
}

function lostRead(host: string, base: string, error: unknown): TransportError {
  const cause = error instanceof Error ? error.message : String(error);
  const message = `${host} · search "${base}": the connection ended twice: ${cause}`;
  return new TransportError(
    'lost',
    host,
    message,
    'Nothing was changed; see whether slapd is up, and try again.',
  );
}
