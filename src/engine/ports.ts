/**
 * What actions may ask of the world. Reading ports have no way to write, by type: a dry run, a verification and a
 * resume use the same `read` and `diff` as a real run.
 */
import type { Text } from '../secrets/secret.ts';
import type { Value } from './value.ts';

/** A command as data. It becomes a shell string in `transport/shell.ts` and nowhere else. */
export interface Command {
  /** Program and arguments; never holds a secret. Exactly one of `argv` and `script` is given. */
  readonly argv?: readonly string[];
  /** POSIX sh text, run by the target's `sh`; values reach it through `env` only. */
  readonly script?: string;
  readonly stdin?: Text;
  readonly env?: Readonly<Record<string, Text>>;
  readonly cwd?: string;
  /** The user to run as, by the host's become method; the login user when absent. */
  readonly as?: string;
  /** Milliseconds. Default 60,000 for probes, 600,000 for changes. */
  readonly timeoutMs?: number;
}

/** How a command ended. A killed or overdue command is an outcome, never `undefined`. */
export type Exit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'timed-out'; readonly afterMs: number };

export interface CommandResult {
  readonly exit: Exit;
  /** UTF-8, invalid bytes replaced; at most 16 MiB each, then `truncated`. */
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
  readonly durationMs: number;
}

/** A host as runbooks see it. `address` is what peers use to reach it; `vars` are merged (all < group < host). */
export interface Host {
  readonly name: string;
  readonly address: string;
  readonly platform: string;
  readonly groups: readonly string[];
  readonly vars: Readonly<Record<string, Value>>;
}

/**
 * Where a directory listens, as seen from the host itself. `ldapi` is opened as the user `as` (default root), and binds with
 * SASL EXTERNAL; on a socket of Zimbra or Carbonio as cn=config, with the password in localconfig.xml of that host; or as
 * `bindDn`. The path `auto` means the first of the well-known sockets that answers (Debian, RHEL, Symas, LTB, Zimbra, Carbonio).
 */
export type DirectoryAddress =
  | {
      readonly kind: 'ldapi';
      readonly path: string;
      readonly as?: string;
      readonly bindDn?: string;
      readonly password?: Text;
    }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly tls: 'none' | 'starttls' | 'ldaps';
      readonly bindDn?: string;
      readonly password?: Text;
      /** PEM; the system's roots when absent. */
      readonly ca?: string;
      /** Takes any certificate: what `tls_reqcert=never` asks for. */
      readonly verify?: false;
    };

/** An entry; attribute names as the server spells them, values always a list. */
export interface Entry {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

export interface Search {
  readonly base: string;
  readonly scope?: 'base' | 'one' | 'sub';
  readonly filter?: string;
  readonly attributes?: readonly string[];
  /** Sends ManageDsaIT (RFC 3296): glue entries and referrals are shown as the entries they are. */
  readonly manageDsaIt?: boolean;
  /** So many are enough; that there are more is no error. */
  readonly atMost?: number;
  /** In one request, as a consumer asks: a limit of the server's is an LdapError that says how many had come. */
  readonly unpaged?: true;
}

/** Reads are paged, so any size works. A missing base yields [] and not an error. */
export interface DirectoryReader {
  search(search: Search): Promise<readonly Entry[]>;
}

export interface Modification {
  readonly op: 'add' | 'delete' | 'replace';
  readonly attribute: string;
  readonly values: readonly Text[];
}

/** Each call is one LDAP operation: it takes place whole or not at all. */
export interface DirectoryWriter extends DirectoryReader {
  add(dn: string, attributes: Readonly<Record<string, readonly Text[]>>): Promise<void>;
  modify(dn: string, modifications: readonly Modification[]): Promise<void>;
  remove(dn: string): Promise<void>;
}

/** One end of a byte transfer: a command whose stdout is read, or whose stdin is written. */
export interface TransferEnd {
  readonly host: string;
  readonly command: Command;
}

export interface ReadPorts {
  readonly host: Host;
  /** Runs a probe: a command that by contract only looks. */
  probe(command: Command): Promise<CommandResult>;
  directory(address: DirectoryAddress): Promise<DirectoryReader>;
  /** Can this host open a TCP connection to that address? Asked from the host itself. Resolves to the cause if not. */
  reaches(address: string, port: number): Promise<true | string>;
  /** Reading ports of another host of the run. */
  on(host: string): ReadPorts;
  /** Host's wall clock minus the controller's, in milliseconds, corrected by half the round trip; and its uncertainty. */
  clockSkew(): Promise<{ readonly skewMs: number; readonly uncertaintyMs: number }>;
  /** The controller's clock. Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Aborted when the run lets go of this task. */
  readonly signal: AbortSignal;
  /** A line for the screen, e.g. "ldap2 is 3 changes behind"; not journaled. */
  note(line: string): void;
}

export interface WritePorts extends ReadPorts {
  /** Runs a changing command inside the envelope: token, surviving command, receipt. */
  execute(command: Command): Promise<CommandResult>;
  directory(address: DirectoryAddress): Promise<DirectoryWriter>;
  /** Streams bytes from one command's stdout to another's stdin through the controller. Fails unless both exit 0. */
  transfer(from: TransferEnd, to: TransferEnd): Promise<{ readonly bytes: number }>;
  /** Writing ports of another host of the run, for the few acts that span two (a canary). */
  on(host: string): WritePorts;
}

/**
 * The transport's failures. `not-started`: proven that nothing ran. `lost`: it may have run; the task is in doubt.
 * `refused`: the host answered and said no (login, host key, sudo): a person must act. `fenced`: nothing ran, since
 * another run holds the host by now.
 */
export class TransportError extends Error {
  readonly kind: 'not-started' | 'lost' | 'refused' | 'fenced';
  readonly host: string;
  /** What to do next, one sentence. */
  readonly next: string;

  constructor(
    kind: TransportError['kind'],
    host: string,
    message: string,
    next: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'TransportError';
    this.kind = kind;
    this.host = host;
    this.next = next;
  }
}
