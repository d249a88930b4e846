/** The first look at a host: all that does not depend on the suffix, and nothing that waits for another host. */
import type { DirectoryReader, ReadPorts } from '../../engine/ports.ts';
import { LDAPI_SOCKETS } from '../../ldap/session.ts';
import { PRODUCTS } from '../../localconfig/products.ts';
import { type HostLocalconfig, readLocalconfig } from '../../localconfig/read.ts';
import type { Seen, ServerFacts } from '../facts.ts';
import { isProductName } from '../product.ts';
import { known, whyUnknown } from '../seen.ts';
import { type Catalogue, readCatalogue } from './config.ts';
import { readInstallation } from './installation.ts';
import { readMonitor } from './monitor.ts';
import { type ProductSight, readProduct } from './product.ts';
import { reasonOf, seen, within } from './seen.ts';

export interface Sight extends Pick<ServerFacts, 'host' | 'address' | 'unreachable' | 'clock' | 'monitor'> {
  readonly ports: ReadPorts;
  /** As the script has printed it. */
  readonly installation: Seen<string>;
  /** Over ldapi, as root. */
  readonly directory: Seen<DirectoryReader>;
  readonly catalogue: Seen<Catalogue>;
  /** Undefined where neither Zimbra nor Carbonio is there. */
  readonly product: Seen<ProductSight | undefined>;
  /** Unknown where there is no product. With passwords: for the eyes of `node.ts`. */
  readonly localconfig: Seen<HostLocalconfig>;
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
    const ofProduct = { product: unknown, localconfig: unknown };
    return { ...base, ...nothing, ...ofProduct, monitor: unknown, unreachable: reasonOf(error) };
  }
  const installing = seen(() => readInstallation(ports));
  const opening = seen(() => within(LDAPI_MS, 'slapd over ldapi', openLdapi(ports, installing)));
  const reading = <T>(read: (directory: DirectoryReader) => Promise<T>) =>
    opening.then((opened) =>
      'unknown' in opened ? opened : seen(() => within(LDAPI_MS, 'slapd', read(opened.value))),
    );
  const looking = seen(() => readProduct(ports));
  const [clock, installation, directory, catalogue, monitor, product, localconfig] = await Promise.all([
    seen(() => ports.clockSkew()),
    installing,
    opening,
    reading(readCatalogue),
    reading(readMonitor),
    looking,
    looking.then((found) => localconfigOf(found, ports)),
  ]);
  return { ...base, clock, installation, directory, catalogue, monitor, product, localconfig };
}

async function localconfigOf(found: Sight['product'], ports: ReadPorts): Promise<Sight['localconfig']> {
  const name = known(found)?.product.name;
  const files = PRODUCTS.filter((product) => product.name === name).map(({ file }) => file);
  if (files.length === 0) return { unknown: whyUnknown(found) ?? 'neither Zimbra nor Carbonio is there' };
  return await seen(() => readLocalconfig((command) => ports.probe(command), ports.host.name, files));
}

/** Its product, and that nothing of the directory lives there: a mailstore, an MTA, a proxy, or one that was never set up. */
export function isBystander({ product }: Sight): boolean {
  return known(product)?.isDirectory === false;
}

/** By what was seen, or by its inventory where it cannot be reached. */
export function isOfProduct({ product, unreachable, ports }: Sight): boolean {
  return known(product) !== undefined || (unreachable !== undefined && isProductName(ports.host.platform));
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
