/** OpenSSH's known_hosts files: which key a host may show. Source: sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT", hostfile.c. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** A line that names a key. */
export interface KnownHost {
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  /** `cert-authority` lines count for certificates only, which ssh2 cannot read: they are skipped, and said so. */
  readonly marker?: 'revoked' | 'cert-authority';
  /** The first field: patterns with commas, or one `|1|salt|hash`. */
  readonly hosts: string;
  /** The type inside the key, e.g. `ssh-ed25519`. */
  readonly type: string;
  readonly key: Buffer;
}

/** A line that could not be read, or a file that could not. */
export interface KnownHostsSkip {
  readonly file: string;
  readonly line: number;
  readonly why: string;
}

export interface KnownHosts {
  readonly entries: readonly KnownHost[];
  readonly skipped: readonly KnownHostsSkip[];
}

/** What is looked up. With an alias (HostKeyAlias), it alone counts, without port. */
export interface HostLookup {
  readonly host: string;
  readonly port: number;
  readonly alias?: string;
}

/**
 * `unknown`: no key of this host is on file. `changed`: one is, and this is not it; `sameType` tells whether the one at
 * `file:line` is of the offered type. `revoked`: this very key is marked @revoked. Only `known` may go on.
 */
export type HostKeyCheck = { readonly type: string; readonly fingerprint: string } & (
  | { readonly status: 'known'; readonly file: string; readonly line: number }
  | { readonly status: 'unknown'; readonly authorities: number }
  | {
      readonly status: 'changed';
      readonly file: string;
      readonly line: number;
      readonly sameType: boolean;
      readonly onFile: string;
    }
  | { readonly status: 'revoked'; readonly file: string; readonly line: number }
);

/** Reads one file's text. */
export function parseKnownHosts(text: string, file: string): KnownHosts {
  const entries: KnownHost[] = [];
  const skipped: KnownHostsSkip[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const fields = raw.trim().split(/[ \t]+/);
    if (fields[0] === undefined || fields[0] === '' || fields[0].startsWith('#')) continue;
    const line = index + 1;
    const skip = (why: string): void => void skipped.push({ file, line, why });
    const marker = fields[0].startsWith('@') ? fields.shift()?.slice(1) : undefined;
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') {
      skip(`the marker @${marker} is not known`);
      continue;
    }
    const [hosts, name, encoded] = fields;
    const key = Buffer.from(encoded ?? '', 'base64');
    const type = keyType(key);
    if (hosts === undefined || name === undefined || type === undefined || type !== name) {
      skip('this is not "hosts keytype base64-key"');
      continue;
    }
    entries.push({ file, line, hosts, type, key, ...(marker === undefined ? {} : { marker }) });
  }
  return { entries, skipped };
}

/** Reads several files, the first one first. One that is not there is empty; one that may not be read throws. */
export async function loadKnownHosts(files: readonly string[]): Promise<KnownHosts> {
  const loaded = await Promise.all(
    files.map(async (file) => {
      try {
        return parseKnownHosts(await readFile(file, 'utf8'), file);
      } catch (error) {
        if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
          return { entries: [], skipped: [] };
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(
          `${file}: the file of known host keys cannot be read: ${why}; make it readable, or name another`,
          {
            cause: error,
          },
        );
      }
    }),
  );
  return { entries: loaded.flatMap((one) => one.entries), skipped: loaded.flatMap((one) => one.skipped) };
}

/**
 * Checks the key a host shows (the raw key, as ssh2 gives it). As in OpenSSH a key filed without port is good for any
 * port. Unlike OpenSSH, which asks, a key of a type that is not on file is `changed` when another type is: the server
 * was asked for the types on file (`knownKeyTypes`) and did not show one.
 */
export function checkHostKey(known: KnownHosts, lookup: HostLookup, key: Buffer): HostKeyCheck {
  const type = keyType(key) ?? 'unreadable';
  const base = { type, fingerprint: fingerprint(key) };
  const names = namesFor(lookup);
  const all = known.entries.filter((entry) => names.some((name) => hostMatches(entry.hosts, name)));
  const revoked = all.find((entry) => entry.marker === 'revoked' && entry.key.equals(key));
  if (revoked) return { ...base, status: 'revoked', file: revoked.file, line: revoked.line };
  // A key of the plain name may vouch for a port that has none, but not accuse it: it may be another machine.
  const plain = all.filter((entry) => entry.marker === undefined);
  const exact = plain.filter((entry) => hostMatches(entry.hosts, names[0] ?? ''));
  const same = (exact.length > 0 ? exact : plain).find((entry) => entry.key.equals(key));
  if (same) return { ...base, status: 'known', file: same.file, line: same.line };
  const other = exact.find((entry) => entry.type === type) ?? exact[0];
  if (other) {
    const { file, line } = other;
    return {
      ...base,
      status: 'changed',
      file,
      line,
      sameType: other.type === type,
      onFile: fingerprint(other.key),
    };
  }
  return {
    ...base,
    status: 'unknown',
    authorities: all.filter((entry) => entry.marker === 'cert-authority').length,
  };
}

/** The types of the keys on file for a host, e.g. [`ssh-ed25519`], in the order of the files; [] when there is none. */
export function knownKeyTypes(known: KnownHosts, lookup: HostLookup): readonly string[] {
  for (const name of namesFor(lookup)) {
    const found = known.entries.filter(
      (entry) => entry.marker === undefined && hostMatches(entry.hosts, name),
    );
    if (found.length > 0) return [...new Set(found.map((entry) => entry.type))];
  }
  return [];
}

/** Key types as host key algorithms, to put first in `algorithms.serverHostKey` of ssh2 (RFC 8332 for the RSA ones). */
export function hostKeyAlgorithms(types: readonly string[]): readonly string[] {
  return types.flatMap((type) => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type]));
}

/** `SHA256:…` as ssh-keygen -l shows it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The name a key is filed under: `host`, or `[host]:port` when the port is not 22. */
export function knownHostName(lookup: HostLookup): string {
  if (lookup.alias !== undefined) return lookup.alias.toLowerCase();
  const host = lookup.host.toLowerCase();
  return lookup.port === 22 ? host : `[${host}]:${lookup.port}`;
}

/** `|1|salt|hash` of a name: HMAC-SHA1 with a 20-byte salt, which is the key. */
export function hashHostName(name: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

/** The type at the head of a key in wire format (RFC 4253 section 6.6); undefined when it is none. */
export function keyType(key: Buffer): string | undefined {
  if (key.length < 8) return undefined;
  const length = key.readUInt32BE(0);
  if (length < 4 || length > 64 || key.length < 4 + length) return undefined;
  return key.toString('latin1', 4, 4 + length);
}

function namesFor(lookup: HostLookup): readonly string[] {
  const name = knownHostName(lookup);
  return lookup.alias === undefined && lookup.port !== 22 ? [name, lookup.host.toLowerCase()] : [name];
}

/** Does the hosts field of a line name this host? A match of a `!` pattern beats any other. */
function hostMatches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) {
    const [, version, salt = '', hash = ''] = hosts.split('|');
    if (version !== '1') return false;
    const expected = Buffer.from(hash, 'base64');
    const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
    return expected.length === found.length && timingSafeEqual(expected, found);
  }
  let matched = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!wildcard(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function wildcard(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === name;
  const source = pattern
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name);
}
