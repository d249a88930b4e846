/** The engine's ports over private slapds: each host is one of them, and any ldapi path means its socket. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change, ChangeAction, GateAction, Written } from '../src/engine/action.ts';
import type { DirectoryAddress, Host, WritePorts } from '../src/engine/ports.ts';
import type { Value } from '../src/engine/value.ts';
import { type OpenDirectory, openDirectory, type Pipe } from '../src/ldap/directory.ts';
import type { Slapd } from './slapd.ts';

function opened(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Bytes to one private slapd, as from its own host: 389 and 636 mean its own ports. */
export function pipeTo(slapd: Slapd): Pipe {
  return {
    unix: () => opened(connect(slapd.socket)),
    tcp: (_, port) =>
      opened(connect(port === 389 ? slapd.port : port === 636 ? slapd.ldapsPort : port, '127.0.0.1')),
  };
}

export interface SlapdPorts {
  on(host: string): WritePorts;
  readonly notes: string[];
  close(): Promise<void>;
}

export function slapdPorts(slapds: Readonly<Record<string, Slapd>>): SlapdPorts {
  const open = new Map<string, Promise<OpenDirectory>>();
  const notes: string[] = [];
  const refuse = () => Promise.reject(new Error('these ports have directories only'));
  const on = (name: string): WritePorts => {
    const slapd = slapds[name];
    if (!slapd) throw new Error(`no slapd named ${name}`);
    const directory = (address: DirectoryAddress) => {
      const key = `${name} ${JSON.stringify(address)}`;
      const known = open.get(key) ?? openDirectory(address, pipeTo(slapd), name);
      open.set(key, known);
      known.catch(() => open.delete(key));
      return known;
    };
    return {
      host: hostNamed(name),
      directory,
      on,
      probe: refuse,
      execute: refuse,
      transfer: refuse,
      reaches: refuse,
      clockSkew: refuse,
      now: () => Date.now(),
      sleep: (ms) => sleep(ms),
      signal: new AbortController().signal,
      note: (line) => notes.push(line),
    };
  };
  return {
    on,
    notes,
    close: async () => {
      for (const directory of open.values()) await (await directory.catch(() => undefined))?.close();
      open.clear();
    },
  };
}

export function hostNamed(name: string): Host {
  return { name, address: name, platform: 'openldap', groups: [], vars: {} };
}

/** Reads, diffs and writes, then reads again: gives the changes and throws unless nothing is left to do. */
export async function carryOut<P, F>(
  action: ChangeAction<P, F>,
  params: P,
  ports: WritePorts,
): Promise<{ changes: readonly Change[]; written: Written; result: Value | undefined }> {
  const checked = action.params.parse(params);
  const changes = action.diff(checked, await action.read(checked, ports));
  const written = changes.length > 0 ? await action.write(checked, changes, ports) : {};
  const after = await action.read(checked, ports);
  const left = action.diff(checked, after);
  if (left.length > 0) throw new Error(`${action.name} left ${JSON.stringify(left)}`);
  return { changes, written, result: action.result?.(checked, after) };
}

/** Polls a gate as the engine does; gives its result and how long it took, or throws what is lacking. */
export async function awaitGate<P, F>(
  action: GateAction<P, F>,
  params: P,
  ports: WritePorts,
): Promise<{ result: Value; ms: number }> {
  const checked = action.params.parse(params);
  const { withinMs, everyMs } = action.patienceOf?.(checked) ?? action.patience;
  const started = Date.now();
  for (;;) {
    const facts = await action.read(checked, ports);
    const lacking = action.lacking(checked, facts);
    if (lacking === undefined) return { result: action.result(checked, facts), ms: Date.now() - started };
    if (Date.now() - started > withinMs) throw new Error(lacking);
    await sleep(Math.min(everyMs, 200));
  }
}
