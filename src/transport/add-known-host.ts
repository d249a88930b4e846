/** Files a host key that a person has accepted. */
import { randomBytes } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type HostLookup, hashHostName, knownHostName } from './known-hosts.ts';

/** The line of known_hosts for a key, without line end; `hashed` hides the name as HashKnownHosts does. */
export function knownHostLine(lookup: HostLookup, type: string, key: Buffer, hashed = false): string {
  const name = knownHostName(lookup);
  return `${hashed ? hashHostName(name, randomBytes(20)) : name} ${type} ${key.toString('base64')}`;
}

/** Files an accepted key, under a hashed name when every line of the file has one. See `appendKnownHost`. */
export function addKnownHost(path: string, lookup: HostLookup, type: string, key: Buffer): Promise<void> {
  return appendKnownHost(path, knownHostLine(lookup, type, key));
}

/**
 * Appends a line by a single O_APPEND write and fsyncs it, so that two programs that add at once both succeed. A new
 * file gets mode 0600, its folder 0700. The name is hashed when every line of the file is.
 */
export async function appendKnownHost(path: string, line: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a+', 0o600);
  try {
    const text = await file.readFile('utf8');
    const lines = text.split('\n').filter((each) => each.trim() !== '' && !each.startsWith('#'));
    const hashed = lines.length > 0 && lines.every((each) => each.replace(/^@\S+\s+/, '').startsWith('|1|'));
    const [name = '', ...rest] = line.split(' ');
    const filed =
      hashed && !name.startsWith('|') ? [hashHostName(name, randomBytes(20)), ...rest].join(' ') : line;
    const torn = text !== '' && !text.endsWith('\n') ? '\n' : '';
    await file.write(`${torn}${filed}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
