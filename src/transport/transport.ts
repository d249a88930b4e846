/**
 * The port every transport implements (`ssh2`, `local`, `fake`); `test/transport/contract.ts` holds them to it.
 *
 * A `Connection` is one host; it runs probes and enveloped commands, opens byte streams, and ends. It makes its own
 * sessions (one long-lived `sh` per lane and user) and reconnects with backoff when the link drops.
 */
import type { Duplex } from 'node:stream';
import type { Command, CommandResult } from '../engine/ports.ts';
import type { Text } from '../secrets/secret.ts';
import type { Lease, LeaseAnswer, LeaseAsk } from './lease.ts';

/** How to reach and enter one host; made from the inventory (and `ssh -G`). Ports in TCP numbers. */
export interface Target {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly transport: 'ssh2' | 'local' | 'fake';
  readonly identityFiles: readonly string[];
  /** Path of an agent's socket. */
  readonly agent?: string;
  readonly password?: Text;
  readonly passphrase?: Text;
  readonly knownHostsFiles: readonly string[];
  /** Name under which the host key is filed, if not `address`. */
  readonly hostKeyAlias?: string;
  readonly jump?: readonly Target[];
  readonly become?: Become;
  /** What ssh_config says of a silent host, before what `TransportOptions` says. Milliseconds. */
  readonly keepaliveMs?: number;
  /** So many unanswered keep-alives in a row mean that the link is lost. Default 3. */
  readonly keepaliveTries?: number;
  readonly connectTimeoutMs?: number;
  /** Directory for receipts on the target; default `/var/lib/lockstep` for root, `$HOME/.lockstep` for others. */
  readonly receipts?: string;
}

export interface Become {
  readonly method: 'sudo' | 'su';
  /** Everything runs as this user unless a command says `as`; login user when absent. */
  readonly user?: string;
  readonly password?: Text;
}

/** Names an effect for ever: run, task and attempt. Made of [A-Za-z0-9._@-] only. */
export interface Token {
  readonly run: string;
  readonly task: string;
  readonly attempt: number;
  /** What must still be there when it starts; the target refuses otherwise. It is no part of the name. */
  readonly lease?: Lease;
}

/** What the target knows of a token. */
export type Receipt =
  /** No token there, and now fenced: this attempt can never start any more. */
  | { readonly kind: 'never-started' }
  | { readonly kind: 'running'; readonly pid: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'ended'; readonly result: CommandResult }
  /** Token without exit code, and its shell is gone (killed, rebooted). */
  | { readonly kind: 'vanished'; readonly why: string; readonly stdout: string; readonly stderr: string };

export interface HostIdentity {
  readonly hostname: string;
  /** /etc/machine-id; empty when unreadable. */
  readonly machineId: string;
  /** /proc/sys/kernel/random/boot_id; empty when unreadable. A token that is absent proves nothing across a reboot. */
  readonly bootId: string;
  /** SHA256:… of the host key; empty for local. */
  readonly hostKey: string;
  readonly uid: number;
}

export type OutputStream = 'stdout' | 'stderr';

export interface Progress {
  /** Output as it comes, for the screen only; the result has all of it. */
  output?(stream: OutputStream, chunk: string): void;
  /** The target has created the token: from now on it may have run. */
  started?(): void;
}

/** The progress of one command, for who wants to know when there is no more of it. */
export interface Heard extends Progress {
  output(stream: OutputStream, chunk: string): void;
  end(): void;
}

export interface Connection {
  readonly target: Target;
  /** Connects if need be. Rejects with TransportError. */
  identity(): Promise<HostIdentity>;
  /** Runs a probe; never queues behind a changing command. */
  probe(command: Command, signal?: AbortSignal): Promise<CommandResult>;
  /**
   * Runs a changing command in the envelope. Rejects with TransportError: `not-started` when it is proven that the
   * command never began, `fenced` when the token's lease is no longer there, `lost` when it may have begun.
   */
  execute(token: Token, command: Command, progress?: Progress, signal?: AbortSignal): Promise<CommandResult>;
  /** Asks the target what became of a token, and fences it if it never started. `as` is the user it was to run as. */
  receipt(token: Token, as?: string): Promise<Receipt>;
  /** Follows a running token to its end. */
  reattach(token: Token, as?: string, progress?: Progress, signal?: AbortSignal): Promise<Receipt>;
  /** Takes, renews, gives back or looks at the lease of the user `as`. Rejects with TransportError. */
  lease(ask: LeaseAsk, as?: string): Promise<LeaseAnswer>;
  /** A command with raw stdin and stdout, for transfers. Resolves when the stream is open. */
  stream(command: Command, signal?: AbortSignal): Promise<ByteStream>;
  /** A byte pipe to a TCP port as seen from the host. */
  forwardTcp(host: string, port: number): Promise<Duplex>;
  /**
   * A byte pipe to a UNIX socket on the host, opened as `as` (the peer sees that user). As the login user it is an
   * `openssh_forwardOutStreamLocal` channel; as another, or where sshd forbids that, a relay run by `stream`.
   */
  forwardUnix(path: string, as?: string): Promise<Duplex>;
  close(): Promise<void>;
}

export interface ByteStream {
  readonly stdio: Duplex;
  /** Resolves when the command ends. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly stderr: string;
  }>;
}

/** Asked when a host key is in no known_hosts file. `true` accepts for this run; it is the caller that stores it. */
export type AskHostKey = (key: {
  readonly host: string;
  readonly port: number;
  readonly type: string;
  readonly fingerprint: string;
  /** The line to add to known_hosts. */
  readonly line: string;
}) => Promise<boolean>;

export interface TransportOptions {
  readonly askHostKey: AskHostKey;
  /** At most this many handshakes at once, over all hosts. Default 30 (sshd's MaxStartups refuses beyond). */
  readonly handshakes?: number;
  /** At most this many channels a connection. Default 8 (sshd's MaxSessions is 10). */
  readonly channels?: number;
  readonly connectTimeoutMs?: number;
  readonly keepaliveMs?: number;
  /** Pauses before each further try to reconnect after a dropped link, in ms. Default 300 to 4500, about 10 s in all. */
  readonly reconnectPausesMs?: readonly number[];
  /** Told when a link drops and when it is back. */
  readonly onLink?: (host: string, state: 'up' | 'lost' | 'retrying', detail: string) => void;
}

/** The pool: one connection a host. */
export interface Transport {
  connect(target: Target): Connection;
  closeAll(): Promise<void>;
}
