/** One bound connection to a directory. It never reconnects: when it is gone, open another. */
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Client, ResultCodeError } from 'ldapts';
import { type DirectoryAddress, TransportError } from '../engine/ports.ts';
import { PRODUCTS, type Product } from '../localconfig/products.ts';
import { reveal, type Secret } from '../secrets/secret.ts';
import { LdapError, type LdapOperation, redactDiagnostic } from './ldap-error.ts';

/** Where bytes to and from the host come from; a transport's `forwardUnix` and `forwardTcp`. */
export interface Pipe {
  unix(path: string, as?: string): Promise<Duplex>;
  tcp(host: string, port: number): Promise<Duplex>;
  /**
   * The password of cn=config in the localconfig.xml of this product on that host; read anew where `refused` is the one that is
   * known. Without it, ldapi binds with SASL EXTERNAL whoever listens.
   */
  rootPassword?(product: Product, refused?: Secret): Promise<Secret>;
}

export interface Session {
  /** Rejects as soon as the connection ends, too: under StartTLS ldapts itself would wait for its own time limit. */
  run<T>(act: (client: Client) => Promise<T>): Promise<T>;
  /** False once the connection has ended, whoever ended it. */
  alive(): boolean;
  close(): Promise<void>;
}

/** Milliseconds. ldapts destroys the connection when one operation takes longer. */
const OPERATION_TIMEOUT = 120_000;

/** The sockets of Debian, RHEL and SUSE, Symas and LTB, Zimbra and Carbonio, in the order in which they are tried. */
export const LDAPI_SOCKETS: readonly string[] = [
  '/var/run/slapd/ldapi',
  '/run/slapd/ldapi',
  '/run/ldapi',
  '/var/run/ldapi',
  '/var/run/openldap/ldapi',
  '/opt/symas/var/run/ldapi',
  '/usr/local/openldap/var/run/ldapi',
  ...PRODUCTS.flatMap(({ sockets }) => sockets),
];

/** Who binds, where the address does not say it. */
export interface Login {
  readonly bindDn: string;
  readonly password: Secret;
}

/**
 * Connects, secures and binds. `login` is asked once somebody answers there. Rejects with LdapError when the server said no,
 * else TransportError `not-started`, or the one that `login` has rejected with.
 */
export async function openSession(
  address: DirectoryAddress,
  pipe: Pipe,
  host: string,
  login?: () => Promise<Login>,
): Promise<Session> {
  let duplex: Duplex;
  try {
    duplex =
      address.kind === 'ldapi'
        ? await pipe.unix(address.path, address.as ?? 'root')
        : await pipe.tcp(address.host, address.port);
  } catch (error) {
    throw notStarted(host, describe(address), error);
  }
  try {
    return await bindOver(duplex, login ? { ...address, ...(await login()) } : address, host);
  } catch (error) {
    duplex.destroy();
    if (error instanceof LdapError) throw error;
    if (error instanceof ResultCodeError) throw bindError(error, address, host);
    throw notStarted(host, describe(address), error);
  }
}

async function bindOver(duplex: Duplex, address: DirectoryAddress, host: string): Promise<Session> {
  let alive = true;
  const ended = () => {
    alive = false;
  };
  for (const event of ['end', 'close', 'error']) duplex.on(event, ended);
  const socket =
    address.kind === 'tcp' && address.tls === 'ldaps' ? await secure(duplex, tlsOptions(address)) : duplex;
  let given = false;
  const createConnection = () => {
    // Without this ldapts would open a second, unauthenticated connection behind our back.
    if (given) throw new Error('the connection has ended');
    given = true;
    return asSocket(socket);
  };
  const client = new Client({
    url: 'ldap://tunnel',
    timeout: OPERATION_TIMEOUT,
    // ldapts wants net.connect's overloads; it only ever calls it with (port, host) and listens to what it returns.
    createConnection: createConnection as never,
  });
  // StartTLS waits for its own events; a connection that ends meanwhile would leave it waiting for ever.
  const gone = new Promise<never>((_, reject) => {
    const end = () => reject(new Error('the connection ended before the server answered'));
    for (const event of ['end', 'close', 'error']) duplex.once(event, end);
  });
  gone.catch(() => undefined);
  await Promise.race([bind(client, address, host), gone]);
  // ldapts takes listeners off; an error that comes after it has let go must not end the process.
  duplex.on('error', ended);
  socket.on('error', ended);
  return {
    run: (act) => Promise.race([act(client), gone]),
    alive: () => alive && client.isBound,
    close: async () => {
      if (alive) await Promise.race([client.unbind(), gone]).catch(() => undefined);
      alive = false;
      duplex.destroy();
    },
  };
}

async function bind(client: Client, address: DirectoryAddress, host: string): Promise<void> {
  if (address.kind === 'ldapi' && address.bindDn === undefined) return await client.bind('EXTERNAL');
  if (address.kind === 'tcp' && address.tls === 'starttls') {
    await client.startTLS(tlsOptions(address)).catch((error: unknown) => {
      if (!(error instanceof ResultCodeError)) throw error;
      throw ldapError(error, { host, operation: 'connect', dn: '', secrets: [] });
    });
  }
  const password = address.password === undefined ? '' : reveal(address.password);
  if (address.bindDn !== undefined && password === '') {
    // RFC 4513, 5.1.2: a name without a password binds as nobody, and looks like success.
    throw new Error(`no password was given for ${address.bindDn}`);
  }
  await client.bind(address.bindDn ?? '', password);
}

function tlsOptions(address: Extract<DirectoryAddress, { kind: 'tcp' }>): ConnectionOptions {
  const named = /^[\d.]+$|:/.test(address.host) ? {} : { servername: address.host };
  return {
    host: address.host,
    ...named,
    ...(address.ca === undefined ? {} : { ca: address.ca }),
    rejectUnauthorized: address.verify ?? true,
  };
}

function secure(duplex: Duplex, options: ConnectionOptions): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ ...options, socket: duplex });
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
    duplex.once('close', () => reject(new Error('the connection ended during the TLS handshake')));
  });
}

/** ldapts asks a net.Socket whether it is open; an SSH channel has no words for it. */
function asSocket(duplex: Duplex): Duplex {
  if (!('connecting' in duplex)) {
    Object.defineProperty(duplex, 'connecting', { value: false });
    Object.defineProperty(duplex, 'readyState', { get: () => (duplex.writable ? 'open' : 'closed') });
  }
  return duplex;
}

export function describe(address: DirectoryAddress): string {
  if (address.kind === 'ldapi') return `ldapi ${address.path}`;
  return `${address.tls === 'ldaps' ? 'ldaps' : 'ldap'}://${address.host}:${address.port}`;
}

function notStarted(host: string, where: string, error: unknown): Error {
  if (error instanceof TransportError) return error;
  const cause = error instanceof Error ? error.message : String(error);
  const next = 'Check that slapd runs and listens there, and that the login may open it.';
  return new TransportError('not-started', host, `${host} · no LDAP over ${where}: ${cause}`, next, {
    cause: error,
  });
}

function bindError(error: ResultCodeError, address: DirectoryAddress, host: string): LdapError {
  const password = address.password === undefined ? '' : reveal(address.password);
  return ldapError(error, { host, operation: 'bind', dn: address.bindDn ?? '', secrets: [password] });
}

/** A result code as our own error. ldapts appends ` Code: 0x…` to the server's words. */
export function ldapError(
  error: ResultCodeError,
  context: { host: string; operation: LdapOperation; dn: string; secrets: readonly string[] },
): LdapError {
  const words = error.message.replace(/ ?Code: 0x[0-9a-f]+$/, '').trim();
  const { host, operation, dn } = context;
  // No `cause`: the original message has not been redacted.
  return new LdapError({
    host,
    operation,
    dn,
    code: error.code,
    diagnostic: redactDiagnostic(words, context.secrets),
  });
}
