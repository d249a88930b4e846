/** What two masters hold and how fast they tell each other, seen from inside the hosts with OpenLDAP's own tools. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SharedLab } from './shared-lab.ts';

export const suffix = 'dc=example,dc=com';
const masters = ['ldap1', 'ldap2'] as const;
const bind = '-Q -Y EXTERNAL -H ldapi:///';

/** LDIF as ldapsearch prints it, one line a value, read as root over ldapi. */
export function search(lab: SharedLab, host: string, base: string, rest: string): Promise<string> {
  return lab.inside(host, `ldapsearch ${bind} -LLL -o ldif-wrap=no -b '${base}' ${rest}`);
}

/** The values of one attribute of the first entry that has it. */
export function values(ldif: string, attribute: string): readonly string[] {
  const lines = ldif.split('\n').filter((line) => line.startsWith(`${attribute}: `));
  return lines.map((line) => line.slice(attribute.length + 2));
}

export function write(lab: SharedLab, host: string, ldif: string): Promise<string> {
  return lab.inside(host, `ldapmodify ${bind}`, ldif);
}

/** Count, and a digest over entryUUID and entryCSN, of all entries that a server holds. */
export async function contents(lab: SharedLab, host: string): Promise<{ entries: number; digest: string }> {
  const ldif = await search(lab, host, suffix, "'(objectClass=*)' entryUUID entryCSN");
  const entries = ldif.split('\n\n').filter((entry) => entry.includes('dn:'));
  const lines = entries.map((entry) => `${values(entry, 'entryUUID')} ${values(entry, 'entryCSN')}`).sort();
  return { entries: lines.length, digest: createHash('sha256').update(lines.join('\n')).digest('hex') };
}

/** What both hold; waits up to 5 s for them to agree, and tells what each has if they do not. */
export async function agreedContents(lab: SharedLab): Promise<{ entries: number; digest: string }> {
  for (let tries = 0; ; tries++) {
    const [one, two] = await Promise.all(masters.map((host) => contents(lab, host)));
    if (!one || !two) throw new Error('there are two masters');
    if (one.digest === two.digest) return one;
    if (tries === 50) throw new Error(`ldap1 ${JSON.stringify(one)}, ldap2 ${JSON.stringify(two)}`);
    await sleep(100);
  }
}

/** The values of contextCSN that a server shows, sorted. */
export async function contextCsns(lab: SharedLab, host: string): Promise<readonly string[]> {
  return [...values(await search(lab, host, suffix, '-s base contextCSN'), 'contextCSN')].sort();
}

/** Server ID of a CSN (RFC 4533 leaves its form open; slapd: time#count#sid#mod, in hex). */
export function sidOf(csn: string): number {
  return Number.parseInt(csn.split('#')[2] ?? '', 16);
}

/**
 * Adds an entry on one server and polls the other for it. Milliseconds from the answer to the add until it was first
 * seen, both taken from the clock the hosts share.
 */
export async function delay(lab: SharedLab, from: string, to: string, name: string): Promise<number> {
  const dn = `cn=${name},${suffix}`;
  const poll = `for i in $(seq 400); do
    if ldapsearch ${bind} -LLL -s base -b '${dn}' 1.1 >/dev/null 2>&1; then date +%s%3N; exit; fi
  done; echo "${dn} is not on ${to}" >&2; exit 1`;
  const seen = lab.inside(to, poll);
  const add = `ldapmodify ${bind} >/dev/null && date +%s%3N`;
  const ldif = `dn: ${dn}\nchangetype: add\nobjectClass: organizationalRole\n`;
  const [written, read] = await Promise.all([lab.inside(from, add, ldif), seen]);
  return Number(read) - Number(written);
}

/** Does the server take and read back a write of its own? Polls for 10 s, since a restart takes a moment. */
export async function serves(lab: SharedLab, host: string): Promise<void> {
  await lab.inside(
    host,
    `for i in $(seq 100); do ldapsearch ${bind} -s base -b '${suffix}' 1.1 >/dev/null 2>&1 && exit; sleep 0.1; done; exit 1`,
  );
}
