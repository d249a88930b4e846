import type { Pool } from '../health/pool.ts';

/** Names without the domain that all servers have. */
export function shortNames({ servers }: Pool): (name: string) => string {
  const domains = new Set(servers.map(({ name }) => name.slice(`${name}.`.indexOf('.'))));
  const [domain = ''] = domains;
  // An address has none.
  if (domains.size !== 1 || !/\.[a-z][a-z0-9-]*$/i.test(domain)) return (name) => name;
  return (name) => (name.endsWith(domain) ? name.slice(0, -domain.length) : name);
}
