/** What must be the same on all servers of a pool. */
import { plainWordOf } from '../../ldap/syncrepl.ts';
import type { Pool } from '../pool.ts';
import { lineOf, type Server } from '../server.ts';
import { and } from '../words.ts';
import { folded, REWRITE } from './agreements.ts';
import { type Rule, rule } from './rule.ts';

export const alikeRules: readonly Rule[] = [
  rule({
    code: 'versions-mixed',
    severity: ['warning', 'info'],
    about: 'The servers run different versions of slapd: a warning where the release lines differ.',
    why: 'lines differ in words of cn=config, in built-in schema and in how they replicate; nobody tests them together',
    mends: 'Bring all servers to one version, one after the other, replicas first.',
    find: (pool) => {
      const byVersion = grouped(members(pool), ({ installation }) => installation?.version);
      if (byVersion.size < 2) return [];
      const lines = new Set(members(pool).flatMap((server) => lineOf(server) ?? []));
      const told = [...byVersion].map(([version, names]) => `${version} on ${and(names)}`);
      return [
        {
          severity: lines.size > 1 ? 'warning' : 'info',
          where: [...byVersion.values()].flat(),
          what: `slapd is ${told.join(', ')}`,
        },
      ];
    },
  }),
  rule({
    code: 'words-too-new',
    severity: 'warning',
    about: 'A pool with a 2.4 has words in its configuration that 2.4 does not know.',
    why: 'a 2.4 that is given this configuration does not start',
    mends: 'Leave the words out until the last 2.4 is gone.',
    find: (pool) => {
      const old = members(pool).filter((server) => lineOf(server) === '2.4');
      if (old.length === 0) return [];
      const used = members(pool).flatMap(({ name, database }) => {
        const words = (database?.agreements ?? [])
          .flatMap(({ words }) => words.map(({ key }) => key.toLowerCase()))
          .filter((key) => ['tcp-user-timeout', 'lazycommit'].includes(key));
        if (database?.syncprov?.sessionLogSource !== undefined) words.push('olcSpSessionlogSource');
        return words.length > 0 ? [`${name} has ${and([...new Set(words)])}`] : [];
      });
      if (used.length === 0) return [];
      const names = old.map(({ name }) => name);
      return [
        { where: names, what: `${and(used)}, and ${and(names)} ${names.length === 1 ? 'is' : 'are'} 2.4` },
      ];
    },
  }),
  rule({
    code: 'schema-differs',
    severity: 'warning',
    about: 'The servers do not have the same schema.',
    why: 'an entry that one server takes cannot be taken by another one, which then stops there',
    mends: 'Load the same schemas on all servers, and then let clients use them.',
    find: (pool) => {
      const byDigest = grouped(members(pool), ({ config }) => config?.schema.digest);
      if (byDigest.size < 2) return [];
      const names = new Set(members(pool).flatMap(({ config }) => config?.schema.names ?? []));
      const missing = members(pool).flatMap(({ name, config }) => {
        const lacking = config ? [...names].filter((schema) => !config.schema.names.includes(schema)) : [];
        return lacking.length > 0 ? [`${name} has no ${and(lacking)}`] : [];
      });
      const groups = [...byDigest.values()].map((some) => and(some)).join(' / ');
      return [
        {
          where: [...byDigest.values()].flat(),
          what: `schemas differ between ${groups}: ${missing.length > 0 ? missing.join('; ') : 'those of one name are not the same'}`,
        },
      ];
    },
  }),
  rule({
    code: 'overlays-differ',
    severity: 'warning',
    about: 'The servers do not have the same overlays on the database.',
    why: 'what one server checks or adds by itself (unique, ppolicy, memberof), another one does not, and they drift apart',
    mends: 'Add what is missing, or take it away everywhere.',
    find: (pool) => {
      const masters = new Set(pool.masters);
      // What serves changes is needed on masters only.
      const own = (server: Server) =>
        server.database?.overlays.filter((name) => masters.has(server) || !SERVING.includes(name));
      const some = members(pool).filter(({ database }) => database !== undefined);
      const all = [...new Set(some.flatMap((server) => own(server) ?? []))];
      const told = all.flatMap((overlay) => {
        const bound = SERVING.includes(overlay) ? some.filter((server) => masters.has(server)) : some;
        const lacking = bound.filter((server) => !own(server)?.includes(overlay)).map(({ name }) => name);
        return lacking.length > 0
          ? [`${and(lacking)} ${lacking.length === 1 ? 'has' : 'have'} no ${overlay}`]
          : [];
      });
      return told.length === 0 ? [] : [{ where: some.map(({ name }) => name), what: told.join('; ') }];
    },
  }),
  rule({
    code: 'modules-differ',
    severity: 'info',
    about: 'The servers do not load the same modules. A built-in one needs no loading.',
    why: 'an overlay that is added to all cannot be added where its module is not loaded',
    mends: 'Load the same modules on all servers.',
    find: (pool) => {
      const some = members(pool).filter(({ config }) => config !== undefined);
      const all = [...new Set(some.flatMap(({ config }) => config?.modules ?? []))];
      const told = all.flatMap((module) => {
        const lacking = some
          .filter(({ config }) => !config?.modules.includes(module))
          .map(({ name }) => name);
        return lacking.length > 0 ? [`${module} not on ${and(lacking)}`] : [];
      });
      return told.length === 0
        ? []
        : [{ where: some.map(({ name }) => name), what: `modules differ: ${told.join('; ')}` }];
    },
  }),
  rule({
    code: 'memberof-replicated',
    severity: 'warning',
    about:
      'A server with the memberof overlay pulls memberOf from its provider as well (no exattrs=memberOf).',
    why: 'the overlay writes memberOf itself, on each server; what arrives besides overwrites it, and they drift apart',
    mends: `Add exattrs=memberOf; ${REWRITE}`,
    find: (pool) =>
      folded(
        pool,
        ['pulls memberOf besides the overlay', 'pull memberOf besides the overlay'],
        ({ consumer, agreement }) => {
          if (!consumer.database?.overlays.includes('memberof')) return undefined;
          const left =
            plainWordOf(agreement, 'exattrs')
              ?.toLowerCase()
              .split(/[\s,]+/) ?? [];
          return left.includes('memberof') ? undefined : '';
        },
      ),
  }),
];

const SERVING = ['syncprov', 'accesslog'];

/** Servers that replicate with others. */
function members({ servers, roles }: Pool): readonly Server[] {
  return servers.filter(({ name }) => roles.get(name) !== 'alone');
}

/** Names of the servers by what they have; those of which it is not known are in no group. */
function grouped(
  servers: readonly Server[],
  key: (server: Server) => string | undefined,
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const server of servers) {
    const own = key(server);
    if (own !== undefined) groups.set(own, [...(groups.get(own) ?? []), server.name]);
  }
  return groups;
}
