/**
 * A scripted fake of the ports: it answers what the test wrote down, in that order, and fails on a call that was not
 * expected. `done()` fails on one that never came. Time is a number; `sleep` only moves it on.
 */
import { deepStrictEqual } from 'node:assert';
import type { Command, CommandResult, Host, TransferEnd, WritePorts } from '../../src/engine/ports.ts';

/** What is checked of a command: only the keys that are given; a RegExp is matched against the script. */
export interface Wanted extends Omit<Command, 'script'> {
  readonly script?: string | RegExp;
}

export type Answer = Partial<CommandResult> & { readonly code?: number };

export type Call =
  | { readonly host?: string; readonly probe: Wanted; readonly gives?: Answer }
  | { readonly host?: string; readonly execute: Wanted; readonly gives?: Answer }
  | { readonly host?: string; readonly reaches: readonly [string, number]; readonly gives: true | string }
  | {
      readonly transfer: readonly [TransferEnd['host'], Wanted, TransferEnd['host'], Wanted];
      readonly fails?: Error;
    };

export interface ScriptedPorts extends WritePorts {
  /** Fails when a call that was expected never came. */
  done(): void;
  readonly slept: number[];
  readonly notes: string[];
}

export const ldap1: Host = { name: 'ldap1', address: '10.0.0.1', platform: 'openldap', groups: [], vars: {} };

export function scriptedPorts(
  script: readonly Call[],
  options: { host?: Host; now?: number; skew?: { skewMs: number; uncertaintyMs: number } } = {},
): ScriptedPorts {
  const left = [...script];
  const slept: number[] = [];
  const notes: string[] = [];
  let now = options.now ?? Date.UTC(2026, 10, 22, 2, 0, 0);

  const next = (what: string): Call => {
    const call = left.shift();
    if (call === undefined) throw new Error(`unexpected: ${what}; nothing more was expected`);
    return call;
  };
  const unexpected = (what: string, call: Call) => new Error(`unexpected: ${what}; expected ${show(call)}`);
  const run = (kind: 'probe' | 'execute', host: string, command: Command): CommandResult => {
    const what = `${kind} on ${host} of ${JSON.stringify(command)}`;
    const call = next(what);
    const wanted =
      kind === 'probe' && 'probe' in call ? call.probe : 'execute' in call ? call.execute : undefined;
    if (wanted === undefined || !(kind in call) || 'reaches' in call || 'transfer' in call)
      throw unexpected(what, call);
    sameCommand(command, wanted);
    if (call.host !== undefined) deepStrictEqual(host, call.host);
    return answer(call.gives);
  };
  const at = (host: Host): ScriptedPorts => ({
    host,
    probe: async (command) => run('probe', host.name, command),
    execute: async (command) => run('execute', host.name, command),
    directory: async () => {
      throw new Error('unexpected directory');
    },
    reaches: async (address, port) => {
      const what = `reaches ${address}:${port}`;
      const call = next(what);
      if (!('reaches' in call)) throw unexpected(what, call);
      deepStrictEqual([address, port], call.reaches);
      return call.gives;
    },
    transfer: async (from, to) => {
      const what = `transfer from ${from.host} to ${to.host}`;
      const call = next(what);
      if (!('transfer' in call)) throw unexpected(what, call);
      const [source, reader, target, writer] = call.transfer;
      deepStrictEqual([from.host, to.host], [source, target]);
      sameCommand(from.command, reader);
      sameCommand(to.command, writer);
      if (call.fails !== undefined) throw call.fails;
      return { bytes: 0 };
    },
    on: (name) => at({ ...host, name }),
    clockSkew: async () => options.skew ?? { skewMs: 0, uncertaintyMs: 0 },
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    signal: new AbortController().signal,
    note: (line) => notes.push(line),
    done: () => {
      if (left.length > 0) throw new Error(`never came: ${left.map(show).join(', ')}`);
    },
    slept,
    notes,
  });
  return at(options.host ?? ldap1);
}

export function answer({ code, ...rest }: Answer = {}): CommandResult {
  return {
    exit: { kind: 'exited', code: code ?? 0 },
    stdout: '',
    stderr: '',
    truncated: false,
    durationMs: 1,
    ...rest,
  };
}

function sameCommand(command: Command, { script, env, ...wanted }: Wanted): void {
  for (const [key, value] of Object.entries(wanted))
    deepStrictEqual(command[key as keyof Command], value, key);
  for (const [name, value] of Object.entries(env ?? {}))
    deepStrictEqual(command.env?.[name], value, `env ${name}`);
  if (typeof script === 'string') deepStrictEqual(command.script, script);
  else if (script !== undefined && !script.test(command.script ?? '')) {
    throw new Error(`script does not match ${script}: ${command.script}`);
  }
}

function show(call: Call): string {
  return JSON.stringify(call, (_key, value: unknown) => (value instanceof RegExp ? String(value) : value));
}
