/** Who pulls from whom: do the changes of each master reach everybody? */
import { modifyCommand, runCommand } from '../commands.ts';
import { multiMasters, type Pool } from '../pool.ts';
import { lineOf, type Server } from '../server.ts';
import { MANY_MASTERS } from '../thresholds.ts';
import { peerOf } from '../topology.ts';
import { and } from '../words.ts';
import { type Found, type Rule, rule } from './rule.ts';

export const topologyRules: readonly Rule[] = [
  rule({
    code: 'start-fails',
    severity: 'critical',
    about: 'A database is multi-provider and has no agreement: slapd will not start again.',
    why: 'slapd takes the deletion of the last agreement, and at its next start it fails with "database is not a shadow"',
    mends:
      'Delete olcMultiProvider (olcMirrorMode on 2.4), or give it an agreement, before slapd is restarted.',
    find: ({ servers }) =>
      servers.flatMap((server) => {
        const { name, database } = server;
        return database?.multiProvider && database.agreements.length === 0
          ? [
              {
                where: [name],
                what: `${name}: ${database.dn} has olcMultiProvider TRUE and no olcSyncrepl`,
                fix: `On ${name}, if it is to stand alone: ${modifyCommand(server, database.dn, ['delete', switchName(server)])}.`,
              },
            ]
          : [];
      }),
  }),
  rule({
    code: 'master-unheard',
    severity: 'critical',
    about: 'Nobody pulls from a master.',
    why: 'its changes reach nobody, and are lost with it',
    mends: 'Give the other masters an agreement with it: `lockstep run openldap/add-master`.',
    find: (pool) =>
      isWholeGraph(pool) && multiMasters(pool).length > 1
        ? unheard(pool).map((server) => ({
            where: [server.name],
            what: `nobody pulls from ${server.name}, which takes changes`,
            fix: `${addMaster(pool, server)}.`,
          }))
        : [],
  }),
  rule({
    code: 'change-not-reaching',
    severity: 'critical',
    about: 'There is no way by which the changes of a master reach another server.',
    why: 'that server never gets them',
    mends:
      'Give it an agreement with that master, or with one that has its changes: `lockstep run openldap/add-master`.',
    find: (pool) => (isWholeGraph(pool) ? unreached(pool) : []),
  }),
  rule({
    code: 'link-one-way',
    severity: 'info',
    about:
      'Of two masters one pulls from the other, and not the other way round; the changes find another way.',
    why: 'when a server on that way is down they do not arrive until it is back',
    mends: 'Nothing, if a ring or a star is what you want; else give the other one an agreement as well.',
    find: (pool) => (isWholeGraph(pool) ? oneWay(pool) : []),
  }),
  rule({
    code: 'server-alone',
    severity: 'info',
    about: 'A server of the site neither pulls from another one nor is pulled from.',
    why: 'it holds what it holds, whatever happens on the others',
    mends: 'If it is to be one of the pool: `lockstep run openldap/add-master`.',
    find: (pool) => {
      if (pool.servers.length < 2) return [];
      const alone = pool.servers.filter(({ name }) => pool.roles.get(name) === 'alone');
      const [first] = alone;
      if (!first) return [];
      const names = alone.map(({ name }) => name);
      const isJoinable = multiMasters(pool).length > 0;
      return [
        {
          where: names,
          what: `${and(names)} ${names.length === 1 ? 'takes' : 'take'} no part in replication`,
          ...(isJoinable && { fix: `If it is to be one of the pool: ${addMaster(pool, first)}.` }),
        },
      ];
    },
  }),
  rule({
    code: 'masters-many',
    severity: 'info',
    about: 'There are more than four masters.',
    why: 'every change goes from each to all others, so that n masters do n times the work',
    mends: 'Think of replicas that only read.',
    find: (pool) => {
      const masters = multiMasters(pool).map(({ name }) => name);
      return masters.length > MANY_MASTERS
        ? [{ where: masters, what: `there are ${masters.length} masters` }]
        : [];
    },
  }),
  rule({
    code: 'update-ref-dead',
    severity: 'info',
    about: 'A master has olcUpdateRef, which counts on replicas only.',
    why: 'it is dead text, and makes readers believe that the server refers writers to another one',
    mends: 'Delete it.',
    find: ({ servers }) =>
      servers.flatMap((server) => {
        const { name, database } = server;
        return database?.multiProvider && database.updateRefs.length > 0
          ? [
              {
                where: [name],
                what: `${name} takes changes itself and has olcUpdateRef ${database.updateRefs.join(' ')}`,
                fix: `On ${name}: ${modifyCommand(server, database.dn, ['delete', 'olcUpdateRef'])}.`,
              },
            ]
          : [];
      }),
  }),
  rule({
    code: 'update-ref-missing',
    severity: 'info',
    about: 'A replica has no olcUpdateRef.',
    why: 'whoever writes there gets error 53 and is not told where to go',
    mends: 'Add olcUpdateRef with the URL of a master.',
    find: ({ replicas }) =>
      replicas.flatMap(({ name, database }) =>
        database && database.updateRefs.length === 0
          ? [{ where: [name], what: `${name} refers writers to nobody` }]
          : [],
      ),
  }),
];

/** 2.4 knows it by its old name. */
function switchName(server: Server): string {
  return lineOf(server) === '2.4' ? 'olcMirrorMode' : 'olcMultiProvider';
}

/** What is not known, or no server of the site, may be the way that seems to be missing. */
function isWholeGraph({ servers, links }: Pool): boolean {
  return (
    servers.every(({ database }) => database !== undefined) &&
    links.every(({ provider, trial }) => provider.kind !== 'foreign' || trial?.kind === 'no-connection')
  );
}

function unheard(pool: Pool): readonly Server[] {
  return multiMasters(pool).filter((master) => !pool.links.some((link) => peerOf(link) === master));
}

/** Servers that get the changes of this one, by whatever way; itself among them. */
function reachedFrom(start: Server, { links }: Pool): ReadonlySet<Server> {
  const reached = new Set([start]);
  for (const server of reached)
    for (const link of links) if (peerOf(link) === server) reached.add(link.consumer);
  return reached;
}

/** Masters whose changes miss the same servers, together. */
function unreached(pool: Pool): readonly Found[] {
  const told = new Set(unheard(pool));
  const bound = pool.servers.filter(({ name }) => pool.roles.get(name) !== 'alone');
  const missed = new Map<string, { masters: string[]; missing: readonly string[] }>();
  for (const master of pool.masters) {
    if (told.has(master)) continue;
    const reached = reachedFrom(master, pool);
    const missing = bound.filter((server) => !reached.has(server)).map(({ name }) => name);
    const same = missed.get(missing.join(' '));
    if (same) same.masters.push(master.name);
    else if (missing.length > 0) missed.set(missing.join(' '), { masters: [master.name], missing });
  }
  return [...missed.values()].map(({ masters, missing }) => ({
    where: [...new Set([...masters, ...missing])],
    what: `the changes of ${and(masters)} have no way to ${and(missing)}`,
  }));
}

function oneWay(pool: Pool): readonly Found[] {
  const masters = multiMasters(pool);
  const servers = pool.servers.filter(({ name }) => pool.roles.get(name) !== 'alone');
  const isReached = (master: Server) => servers.every((server) => reachedFrom(master, pool).has(server));
  // Else it is told as what it is.
  if (!masters.every(isReached)) return [];
  const pulls = (from: Server, to: Server) =>
    pool.links.some((link) => link.consumer === from && peerOf(link) === to);
  const pairs = masters.flatMap((a) =>
    masters.filter((b) => a !== b && pulls(a, b) && !pulls(b, a)).map((b) => [a.name, b.name] as const),
  );
  if (pairs.length === 0) return [];
  const told = pairs.map(([a, b]) => `${a} pulls from ${b} and ${b} not from ${a}`);
  return [{ where: [...new Set(pairs.flat())], what: and(told) }];
}

function addMaster(pool: Pool, newcomer: Server): string {
  const others = multiMasters(pool).filter((server) => server !== newcomer);
  return runCommand(pool.site, 'add-master', {
    pool: others.map(({ name }) => name).join(','),
    newcomer: newcomer.name,
  });
}
