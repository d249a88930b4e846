/** A way to a host: what `ssh2` and `local` each provide, and all that sessions are built on. */
import type { Duplex, Readable, Writable } from 'node:stream';

/** One running process at the other end, with its three streams. */
export interface Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the process has ended and its output is read, or when the link has dropped. Never rejects. */
  readonly closed: Promise<Closed>;
  /** Resolves when the process has ended, although its output may not have been read. */
  readonly exited: Promise<void>;
  /** Asks for a signal; a server may ignore that. */
  signal(name: 'TERM' | 'KILL'): void;
  destroy(): void;
}

export type Closed =
  | { readonly cause: 'exit'; readonly code: number | null; readonly signal: string | null }
  | { readonly cause: 'link'; readonly detail: string };

export interface Link {
  readonly user: string;
  /** SHA256:… of the host key; empty for local. */
  readonly hostKey: string;
  /** Why the link is gone; undefined while it is up. */
  readonly lost: string | undefined;
  /** Calls back once when the link drops by itself, not when it is closed. */
  onLost(told: (detail: string) => void): void;
  /** Runs a command line that holds no secret, by the login shell. Rejects with `ChannelRefused` or an Error. */
  open(commandLine: string): Promise<Channel>;
  forwardTcp(host: string, port: number): Promise<Duplex>;
  /** As the login user. */
  forwardUnix(path: string): Promise<Duplex>;
  close(): Promise<void>;
}

/** The frame's lane went away: `written` says whether any of it may have reached the target. */
export class LaneLost extends Error {
  readonly written: boolean;

  constructor(written: boolean, detail: string) {
    super(detail);
    this.name = 'LaneLost';
    this.written = written;
  }
}

/** The server granted no channel: its MaxSessions is lower than our limit, or it is out of processes. */
export class ChannelRefused extends Error {}
