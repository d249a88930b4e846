/** Room: the map of each database (olcDbMaxSize), and the disk below it. */
import { localconfigCommand, modifyCommand, restartCommand, revertedNote } from '../commands.ts';
import { known } from '../seen.ts';
import type { Server } from '../server.ts';
import { DISK_CRITICAL_BYTES, DISK_WARNING_BYTES, MAP_CRITICAL, MAP_WARNING } from '../thresholds.ts';
import { and, bytesText } from '../words.ts';
import { recentLines } from './recent-lines.ts';
import { type Found, type Rule, rule } from './rule.ts';

export const storageRules: readonly Rule[] = [
  rule({
    code: 'map-full',
    severity: 'critical',
    about: 'slapd could not write since its map is full (MDB_MAP_FULL).',
    why: 'it takes no change any more, from clients or from its providers',
    mends: 'Raise olcDbMaxSize; it counts from the next start of slapd on.',
    find: (pool) =>
      pool.servers.flatMap((server) => {
        const [last] = recentLines(server, pool, /MDB_MAP_FULL/).slice(-1);
        if (!last) return [];
        return [{ where: [server.name], what: `${server.name} wrote: ${last.text}`, ...widen(server) }];
      }),
  }),
  rule({
    code: 'map-filling',
    severity: ['warning', 'critical'],
    about: 'data.mdb has grown to nearly what the map may hold: warning from 80 %, critical from 95 %.',
    why: 'when it is full, slapd takes no change any more; pages that were freed in between may still hold some',
    mends: 'Raise olcDbMaxSize; it counts from the next start of slapd on.',
    find: ({ servers }) => servers.flatMap((server) => [...filling(server), ...logFilling(server)]),
  }),
  rule({
    code: 'disk-filling',
    severity: ['warning', 'critical'],
    about: 'The file system of the database is nearly full: warning below 500 MiB, critical below 100 MiB.',
    why: 'slapd cannot grow its database, and may be stopped in the middle of a write',
    mends: 'Free some space, or enlarge the file system.',
    find: ({ servers }) =>
      servers.flatMap(({ name, installation, database }): Found[] => {
        const free = known(installation?.freeBytes);
        if (free === undefined || free >= DISK_WARNING_BYTES) return [];
        return [
          {
            severity: free < DISK_CRITICAL_BYTES ? 'critical' : 'warning',
            where: [name],
            what: `${name} has ${bytesText(free)} free below ${database?.directory ?? 'its database'}`,
          },
        ];
      }),
  }),
  rule({
    code: 'map-sizes-differ',
    severity: 'warning',
    about: 'The maps of the servers are not equally large.',
    why: 'all hold the same, so that the smallest is full first and stops taking changes that the others have taken',
    mends: 'Set olcDbMaxSize alike on all servers.',
    find: (pool) => {
      const able = pool.servers.filter(({ name, database }) => database && pool.roles.get(name) !== 'alone');
      const sizes = new Map<number, string[]>();
      for (const { name, database } of able) {
        const bytes = database?.mapBytes ?? 0;
        sizes.set(bytes, [...(sizes.get(bytes) ?? []), name]);
      }
      if (sizes.size < 2) return [];
      const told = [...sizes]
        .sort(([a], [b]) => a - b)
        .map(([bytes, names]) => `${bytesText(bytes)} on ${and(names)}`);
      return [{ where: able.map(({ name }) => name), what: `olcDbMaxSize is ${told.join(', ')}` }];
    },
  }),
];

function filling(server: Server): readonly Found[] {
  const bytes = known(server.installation?.dataBytes);
  if (bytes === undefined || !server.database) return [];
  const { mapBytes, suffix } = server.database;
  return full(server.name, suffix, bytes, mapBytes).map((found) => ({ ...found, ...widen(server) }));
}

function logFilling({ name, installation, config }: Server): readonly Found[] {
  const bytes = known(installation?.logBytes);
  if (bytes === undefined || config?.log?.mapBytes === undefined) return [];
  return full(name, config.log.suffix, bytes, config.log.mapBytes);
}

function full(name: string, suffix: string, bytes: number, mapBytes: number): readonly Found[] {
  const share = bytes / mapBytes;
  if (share < MAP_WARNING) return [];
  return [
    {
      severity: share >= MAP_CRITICAL ? 'critical' : 'warning',
      where: [name],
      what: `${suffix} on ${name} has grown to ${bytesText(bytes)} of the ${bytesText(mapBytes)} that its map may hold (${Math.floor(share * 100)} %)`,
    },
  ];
}

function widen(server: Server): { readonly fix?: string } {
  const { name, database, installation } = server;
  if (!database) return {};
  const wanted = String(database.mapBytes * 2);
  const command = installation?.product
    ? localconfigCommand(server, 'ldap_db_maxsize', wanted)
    : modifyCommand(server, database.dn, ['replace', 'olcDbMaxSize', wanted]);
  return {
    fix: `On ${name}: ${command}, then ${restartCommand(server)}; the others alike.${revertedNote(server)}`,
  };
}
