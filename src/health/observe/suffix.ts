import { normaliseDn } from '../../ldap/dn.ts';
import { type Catalogue, replicatedSuffixes } from './config.ts';
import { isOfProduct, type Sight } from './sight.ts';

/** Which tree is meant cannot be told from the servers. */
export class NoSuffix extends Error {
  override readonly name = 'NoSuffix';
  readonly next: string;

  constructor(message: string, next: string) {
    super(message);
    this.next = next;
  }
}

/** What Zimbra and Carbonio keep all their data below. */
const OF_PRODUCTS = '';

/**
 * The only suffix that replicates on these servers, or that of Zimbra and Carbonio. Throws NoSuffix when there is none, or more
 * than one.
 */
export function onlySuffix(sights: readonly Sight[]): string {
  const products = sights.filter(isOfProduct);
  if (products.length > 0 && products.length === sights.length) return OF_PRODUCTS;
  if (products.length > 0) {
    const names = products.map(({ host }) => host).join(', ');
    const why = `${names} are of Zimbra or Carbonio, and the others are not`;
    throw new NoSuffix(
      `which servers are meant is not known: ${why}`,
      'choose some of them with --limit HOSTS',
    );
  }
  const catalogues = sights.flatMap(({ catalogue }): Catalogue[] =>
    'value' in catalogue ? [catalogue.value] : [],
  );
  const found = new Map(
    catalogues.flatMap(replicatedSuffixes).map((suffix) => [normaliseDn(suffix), suffix]),
  );
  const [first, ...others] = found.values();
  if (first === undefined) {
    const why = catalogues.length > 0 ? 'no server has syncprov or an agreement' : whyNone(sights);
    throw new NoSuffix(`which suffix to look at is not known: ${why}`, 'name it with --suffix DN');
  }
  if (others.length > 0) {
    const all = [...found.values()].join(' | ');
    throw new NoSuffix(`these servers replicate more than one suffix: ${all}`, 'choose one with --suffix DN');
  }
  return first;
}

function whyNone(sights: readonly Sight[]): string {
  const reasons = sights.map(({ host, unreachable, catalogue }) => {
    return `${host}: ${unreachable ?? ('unknown' in catalogue ? catalogue.unknown : '')}`;
  });
  return `cn=config could be read nowhere; ${reasons.join('; ')}`;
}
