import type { SiteFacts } from './facts.ts';
import { PLACES } from './product.ts';
import { known } from './seen.ts';

/** What a site is called: its suffix; of Zimbra and Carbonio, whose data has none, the product with its releases. */
export function siteName({ suffix, product, nodes = [] }: SiteFacts): string {
  if (product === undefined) return suffix;
  const releases = nodes.flatMap(({ product: seen }) => known(seen)?.release ?? []);
  return [PLACES[product].title, [...new Set(releases)].join(' and ')].filter(Boolean).join(' ');
}
