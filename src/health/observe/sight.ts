/** The first look at a host: all that does not depend on the suffix, and nothing that waits for another host. */
import type { DirectoryReader, ReadPorts } from '../../engine/ports.ts';
import { LDAPI_SOCKETS } from '../../ldap/session.ts';
import type { Seen, ServerFacts } from '../facts.ts';
import { known } from '../seen.ts';
import { type Catalogue, readCatalogue } from './config.ts';
import { readInstallation } from './installation.ts';
import { readMonitor } from './monitor.ts';
import { reasonOf, seen, within } from './seen.ts';

export interface Sight extends Pick<ServerFacts, 'host' | 'address' | 'unreachable' | 'clock' | 'monitor'> {
  readonly ports: ReadPorts;
  /** As the script has printed it. */
  readonly installation: Seen<string>;
  /** Over ldapi, as root. */
  readonly directory: Seen<DirectoryReader>;
  readonly catalogue: Seen<Catalogue>;
}

/** Of a slapd that takes connections and answers nothing, ms. */
const LDAPI_MS = 8_000;

/** Never rejects. */
export async function sightOf(ports: ReadPorts): Promise<Sight> {
  const { name: host, address } = ports.host;
  const base = { host, address, ports };
  try {
    await ports.probe({ script: ':' });
  } catch (error) {
    const unknown = { unknown: 'the host cannot be reached' };
    const nothing = { clock: unknown, installation: unknown, directory: unknown, catalogue: unknown };
    return { ...base, ...nothing, monitor: unknown, unreachable: reasonOf(error) };
  }
  const installing = seen(() => readInstallation(ports));
  const opening = seen(() => within(LDAPI_MS, 'slapd over ldapi', openLdapi(ports, installing)));
  const reading = <T>(read: (directory: DirectoryReader) => Promise<T>) =>
    opening.then((opened) =>
      'unknown' in opened ? opened : seen(() => within(LDAPI_MS, 'slapd', read(opened.value))),
    );
  const [clock, installation, directory, catalogue, monitor] = await Promise.all([
    seen(() => ports.clockSkew()),
    installing,
    opening,
    reading(readCatalogue),
    reading(readMonitor),
  ]);
  return { ...base, clock, installation, directory, catalogue, monitor };
}

/** By one of the well-known sockets, else by the one that slapd was started with. */
async function openLdapi(ports: ReadPorts, installing: Promise<Seen<string>>): Promise<DirectoryReader> {
  try {
    return await ports.directory({ kind: 'ldapi', path: 'auto' });
  } catch (error) {
    const printed = known(await installing);
    if (printed !== undefined && !/^started=/m.test(printed))
      throw new Error('slapd does not run', { cause: error });
    const [, encoded] = /^listeners=.*ldapi:\/\/([^/\s]+)/m.exec(printed ?? '') ?? [];
    const path = encoded === undefined ? undefined : decodeURIComponent(encoded);
    if (path === undefined || LDAPI_SOCKETS.includes(path)) throw error;
    return await ports.directory({ kind: 'ldapi', path });
  }
}
