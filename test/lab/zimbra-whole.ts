/**
 * What an administrator must do after a set-up: see that the newcomer holds the whole tree. The installer restarts its slapd while the
 * first load is under way, and on a busy machine some of it never comes (docs/openldap-notes.md).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { productHost } from '../stand-ins/product-host.ts';
import type { Release } from '../stand-ins/release.ts';
import type { SharedLab } from './shared-lab.ts';

/** So long a first load may take, ms; there are some 240 entries. */
const LOAD_MS = 5000;

/** Loads the newcomer from a dump of the first master if entries are missing by then. */
export async function makeWhole(
  lab: SharedLab,
  newcomer: string,
  first: string,
  release: Release,
): Promise<void> {
  const { home, user, openldap } = release;
  const [from, to] = [first, newcomer].map((name) => productHost(lab, name, release));
  if (!from || !to) return;
  const slap = (program: string) =>
    `runuser -u ${user} -- ${openldap}/sbin/${program} -F ${home}/data/ldap/config -b ''`;
  const count = async (host: typeof from) =>
    Number(await host.root(`${slap('slapcat')} | grep -c ^dn: || :`));
  for (const end = performance.now() + LOAD_MS; performance.now() < end; await sleep(250))
    if ((await count(to)) === (await count(from))) return;
  // With slapd down the dump's contextCSN is what it holds.
  await from.stopSlapd();
  const dump = await from.root(`${slap('slapcat')} -o ldif-wrap=no`);
  await from.startSlapd();
  await to.stopSlapd();
  await to.root(`rm -f ${home}/data/ldap/mdb/db/*.mdb`);
  await lab.inside(newcomer, `${slap('slapadd')} -q`, dump);
  await to.startSlapd();
}
