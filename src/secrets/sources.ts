/** Where secrets come from: `env:`, `file:`, `ask:`, `command:`, `host:`, `localconfig:`, `generate:`. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { promisify } from 'node:util';
import type { CommandResult } from '../engine/ports.ts';
import { splitWords } from '../inventory/words.ts';
import { type HostLocalconfig, LocalconfigError, valueIn } from '../localconfig/read.ts';
import { Secret } from './secret.ts';

export interface SecretPorts {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks a person without echo; undefined when nobody answers. Absent without a terminal. */
  readonly ask?: (prompt: string) => Promise<string | undefined>;
  /** Runs a probe on the host the secret is for. Absent where no host is at hand. */
  readonly probe?: (argv: readonly string[]) => Promise<CommandResult>;
  /** Reads the localconfig.xml of that host. Absent where no host is at hand. */
  readonly localconfig?: () => Promise<HostLocalconfig>;
  /** A line for the operator, e.g. about a file that others can read. */
  readonly warn?: (line: string) => void;
}

/** No source gave the secret. The message says what each said, never a value. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
  readonly next: string;

  constructor(message: string, next: string) {
    super(message);
    this.next = next;
  }
}

const COMMAND_TIMEOUT_MS = 30_000;
const LIMIT_BYTES = 1024 * 1024;

/** Tries the sources in order; the first that has a value wins. An empty value is none. Rejects with SecretError. */
export async function fetchSecret(
  name: string,
  from: readonly string[],
  ports: SecretPorts,
): Promise<Secret> {
  const said: string[] = [];
  for (const source of from) {
    const kind = source.split(':', 1)[0] ?? '';
    const read = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
    try {
      if (!read || !source.includes(':'))
        throw new Refusal('is none of env:, file:, ask:, command:, host:, localconfig:, generate:');
      const value = await read(source.slice(kind.length + 1), ports);
      if (value !== '') return new Secret(name, value);
      said.push(`${source} is empty`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      said.push(`${source} ${error.message}`);
    }
  }
  const reason = said.length > 0 ? said.join('; ') : 'it names no source';
  throw new SecretError(
    `secret ${name}: no source gave it: ${reason}`,
    'make one of its sources give a value, and go on',
  );
}

/**
 * A cache for one run: each secret is fetched when it is first needed, and once, however many tasks wait for it; one
 * that a host gives, once a host. A failure is not kept. `fetched` is told of each, for the redactor.
 */
export function createSecretCache(
  ports: (host: string | undefined) => SecretPorts,
  fetched: (secret: Secret) => void,
): (name: string, from: readonly string[], host?: string) => Promise<Secret> {
  const cache = new Map<string, Promise<Secret>>();
  return (name, from, host) => {
    const place = isGivenByHost(from) ? (host ?? '') : '';
    const key = JSON.stringify([name, from, place]);
    const known = cache.get(key);
    if (known) return known;
    const asked = fetchSecret(name, from, ports(host)).then((secret) => {
      fetched(secret);
      return secret;
    });
    cache.set(key, asked);
    asked.catch(() => cache.delete(key));
    return asked;
  };
}

/** Does each host have one of its own? */
export function isGivenByHost(from: readonly string[]): boolean {
  return from.some((source) => /^(host|localconfig):/.test(source));
}

/** Why a source gives nothing; the next one is tried. */
class Refusal extends Error {}

const READERS: Readonly<Record<string, (rest: string, ports: SecretPorts) => Promise<string>>> = {
  env: async (rest, ports) => {
    const value = ports.env[rest];
    if (value === undefined) throw new Refusal('is not set');
    return value;
  },
  file: readSecretFile,
  ask: async (rest, ports) => {
    if (!ports.ask) throw new Refusal('cannot be asked without a terminal');
    const answer = await ports.ask(rest);
    if (answer === undefined) throw new Refusal('got no answer');
    return answer;
  },
  command: runSecretCommand,
  host: async (rest, ports) => {
    if (!ports.probe) throw new Refusal('needs a host, and there is none here');
    const { exit, stdout } = await ports.probe(words(rest));
    if (exit.kind !== 'exited')
      throw new Refusal(exit.kind === 'killed' ? `was killed by ${exit.signal}` : 'timed out');
    if (exit.code !== 0) throw new Refusal(`ended with exit code ${exit.code}`);
    return withoutLineEnd(stdout);
  },
  localconfig: async (rest, ports) => {
    if (!ports.localconfig) throw new Refusal('needs a host, and there is none here');
    try {
      return valueIn(await ports.localconfig(), rest);
    } catch (error) {
      if (error instanceof LocalconfigError) throw new Refusal(`cannot be had: ${error.message}`);
      throw error;
    }
  },
  generate: async (rest) => {
    const length = Number(rest);
    if (!Number.isInteger(length) || length < 16 || length > 1024)
      throw new Refusal('must name 16 to 1024 bytes');
    return randomBytes(length).toString('base64url');
  },
};

async function readSecretFile(rest: string, ports: SecretPorts): Promise<string> {
  const path = rest.replace(/^~(?=\/)/, homedir());
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new Refusal(
      code === 'ENOENT' ? 'is not there' : code === 'EACCES' ? 'may not be read' : `cannot be read (${code})`,
    );
  }
  try {
    const found = await file.stat();
    if (!found.isFile() && !found.isFIFO()) throw new Refusal('is not a file');
    if (found.size > LIMIT_BYTES) throw new Refusal('is above 1 MiB');
    const open = found.isFile() && (found.mode & 0o077) !== 0;
    if (open) {
      const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
      ports.warn?.(`${path}: others can reach this secret (mode ${mode}); run: chmod 600 ${path}`);
    }
    return withoutLineEnd(await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}

async function runSecretCommand(rest: string, ports: SecretPorts): Promise<string> {
  const [program, ...args] = words(rest);
  if (program === undefined) throw new Refusal('names no program');
  const options = { timeout: COMMAND_TIMEOUT_MS, maxBuffer: LIMIT_BYTES, env: { ...ports.env } };
  const running = promisify(execFile)(program, args, options);
  running.child.stdin?.end();
  try {
    return withoutLineEnd((await running).stdout);
  } catch (error) {
    const { code, killed, signal, stderr } = error as {
      code?: unknown;
      killed?: boolean;
      signal?: string;
      stderr?: string;
    };
    if (code === 'ENOENT') throw new Refusal('is no program here');
    if (killed === true) throw new Refusal(`gave no value within ${COMMAND_TIMEOUT_MS / 1000} s`);
    const last = (stderr ?? '').trim().split('\n').at(-1)?.slice(0, 200) ?? '';
    const how = typeof signal === 'string' ? `was killed by ${signal}` : `ended with ${String(code)}`;
    throw new Refusal(last === '' ? how : `${how}: ${last}`);
  }
}

function words(text: string): readonly string[] {
  const split = splitWords(text);
  if ('problem' in split) throw new Refusal(`cannot be read: ${split.problem}`);
  return split.words;
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}
