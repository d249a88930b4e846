/** The hosts of a run, reached: what turns a transport and a directory client into the ports that actions see. */
import { pipeline } from 'node:stream/promises';
import type {
  CommandResult,
  DirectoryAddress,
  DirectoryWriter,
  Host,
  ReadPorts,
  TransferEnd,
  WritePorts,
} from '../engine/ports.ts';
import { TransportError } from '../engine/ports.ts';
import type { Connection, Heard, HostIdentity, Token } from '../transport/transport.ts';
import { measureSkew } from './clock-skew.ts';
import type { LeaseKeeper } from './leases.ts';

export type OpenDirectory = (
  host: string,
  address: DirectoryAddress,
  connection: Connection,
) => Promise<DirectoryWriter & { close(): Promise<void> }>;

export interface SitePorts {
  readonly host: (name: string) => Host;
  readonly connection: (name: string) => Connection;
  readonly openDirectory: OpenDirectory;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly met: (host: string, identity: HostIdentity) => void;
  readonly leases: LeaseKeeper;
}

/** What a task brings: its name for tokens and notes, and the signal that lets go of what only looks. */
export interface Errand {
  readonly signal: AbortSignal;
  note(line: string): void;
  /** A fresh token for the next command of this attempt; absent for errands that only read. */
  token?(): Token;
  /** Hears the next command while it runs. */
  hear?(): Heard;
}

export class Site {
  readonly #ports: SitePorts;
  readonly #directories = new Map<string, Promise<DirectoryWriter & { close(): Promise<void> }>>();
  #unshared = 0;
  readonly #met = new Map<string, Promise<HostIdentity>>();

  constructor(ports: SitePorts) {
    this.#ports = ports;
  }

  connection(host: string): Connection {
    return this.#ports.connection(host);
  }

  /** Connects, and tells once who the host says it is. */
  meet(host: string): Promise<HostIdentity> {
    const known = this.#met.get(host);
    if (known) return known;
    const meeting = this.connection(host)
      .identity()
      .then((identity) => {
        this.#ports.met(host, identity);
        return identity;
      });
    this.#met.set(host, meeting);
    meeting.catch(() => this.#met.delete(host));
    return meeting;
  }

  reading(name: string, errand: Errand): ReadPorts {
    return this.#reading(name, errand);
  }

  writing(name: string, errand: Errand & Required<Pick<Errand, 'token'>>): WritePorts {
    const site = this;
    return {
      ...this.#reading(name, errand),
      async execute(command): Promise<CommandResult> {
        const lease = await site.#ports.leases.lease(name, command.as);
        // Without the signal: a run that lets go leaves the command to end on its host, and never kills it.
        const heard = errand.hear?.();
        try {
          return await site.connection(name).execute({ ...errand.token(), lease }, command, heard);
        } finally {
          heard?.end();
        }
      },
      directory: async (address) => this.#fenced(name, await this.#directory(name, address)),
      async transfer(from, to) {
        for (const { host } of [from, to]) await site.#ports.leases.confirm(host);
        return site.#transfer(from, to, errand.signal);
      },
      on: (other) => this.writing(other, errand),
    };
  }

  async close(): Promise<void> {
    const open = [...this.#directories.values()];
    this.#directories.clear();
    for (const directory of open)
      await directory.then(
        (client) => client.close(),
        () => undefined,
      );
  }

  #reading(name: string, errand: Errand): ReadPorts {
    const { now, sleep, host } = this.#ports;
    const connection = this.connection(name);
    return {
      host: host(name),
      probe: (command) => connection.probe(command, errand.signal),
      directory: (address) => this.#directory(name, address),
      async reaches(address, port) {
        try {
          const pipe = await connection.forwardTcp(address, port);
          pipe.destroy();
          return true;
        } catch (error) {
          if (error instanceof TransportError && error.kind !== 'not-started') throw error;
          return error instanceof Error ? error.message : String(error);
        }
      },
      on: (other) => this.reading(other, errand),
      clockSkew: () => measureSkew((command) => connection.probe(command, errand.signal), now),
      now,
      sleep: (ms) => sleep(ms, errand.signal),
      signal: errand.signal,
      note: errand.note,
    };
  }

  /** A directory knows no lease: it is asked for right before each operation that changes something. */
  #fenced(host: string, directory: DirectoryWriter): DirectoryWriter {
    const confirm = () => this.#ports.leases.confirm(host);
    return {
      search: (search) => directory.search(search),
      add: async (dn, attributes) => {
        await confirm();
        await directory.add(dn, attributes);
      },
      modify: async (dn, modifications) => {
        await confirm();
        await directory.modify(dn, modifications);
      },
      remove: async (dn) => {
        await confirm();
        await directory.remove(dn);
      },
    };
  }

  /** One LDAP connection a host and address for the whole run; a failed opening is not remembered. */
  #directory(host: string, address: DirectoryAddress): Promise<DirectoryWriter & { close(): Promise<void> }> {
    const key = JSON.stringify([host, address]);
    const known = this.#directories.get(key);
    if (known) return known;
    const opening = this.#ports.openDirectory(host, address, this.connection(host));
    // A password is in no key: such a connection is made anew, and closed with the rest.
    const shared = address.password === undefined;
    const name = shared ? key : `${key}#${++this.#unshared}`;
    this.#directories.set(name, opening);
    opening.catch(() => this.#directories.delete(name));
    return opening;
  }

  async #transfer(from: TransferEnd, to: TransferEnd, signal: AbortSignal): Promise<{ bytes: number }> {
    const source = await this.connection(from.host).stream(from.command, signal);
    const sink = await this.connection(to.host)
      .stream(to.command, signal)
      .catch((error: unknown) => {
        // Nobody will read it: its command must not wait for ever.
        source.ended.catch(() => undefined);
        source.stdio.destroy();
        throw error;
      });
    source.stdio.end();
    sink.stdio.resume();
    let bytes = 0;
    source.stdio.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    const [, read, written] = await Promise.all([
      pipeline(source.stdio, sink.stdio, { signal }),
      source.ended,
      sink.ended,
    ]);
    for (const [end, host] of [
      [read, from.host],
      [written, to.host],
    ] as const)
      if (end.code !== 0)
        throw new Error(
          `${host}: the transfer failed (${end.signal ?? `exit ${end.code}`}): ${end.stderr.trim()}`,
        );
    return { bytes };
  }
}
