/** The database itself: what replication needs of it, and whether it takes changes. */
import { modifyCommand } from '../commands.ts';
import type { DatabaseFacts } from '../facts.ts';
import type { Pool } from '../pool.ts';
import type { Server } from '../server.ts';
import { and } from '../words.ts';
import { type Found, type Rule, rule } from './rule.ts';

export const databaseRules: readonly Rule[] = [
  rule({
    code: 'lastmod-off',
    severity: 'critical',
    about: 'olcLastMod is FALSE on a database that replicates.',
    why: 'changes get no entryCSN, so that nobody can tell which is newer; syncprov refuses such a database',
    mends: 'Delete olcLastMod, then load the other servers again.',
    find: (pool) =>
      replicating(pool, (server, { dn, lastMod }) =>
        lastMod
          ? []
          : [
              {
                where: [server.name],
                what: `${server.name} has olcLastMod FALSE on ${dn}`,
                fix: `On ${server.name}: ${modifyCommand(server, dn, ['delete', 'olcLastMod'])}.`,
              },
            ],
      ),
  }),
  rule({
    code: 'root-dn-missing',
    severity: 'critical',
    about: 'A database with agreements has no olcRootDN.',
    why: 'the consumer writes as the rootDN; slapd does not start with an agreement and none',
    mends: 'Add olcRootDN; it needs no password.',
    find: (pool) =>
      replicating(pool, ({ name }, { dn, rootDn, agreements }) =>
        rootDn === undefined && agreements.length > 0
          ? [
              {
                where: [name],
                what: `${name} has no olcRootDN on ${dn}, and ${agreements.length} agreements`,
              },
            ]
          : [],
      ),
  }),
  rule({
    code: 'index-missing',
    severity: 'warning',
    about: 'entryCSN or entryUUID has no equality index.',
    why: 'each change that arrives, and each consumer that comes back, makes slapd read the whole database',
    mends: 'Add olcDbIndex: entryCSN eq, and entryUUID eq; slapd builds them while it serves.',
    find: (pool) =>
      replicating(pool, (server, { dn, indexes }) => {
        const { name } = server;
        const missing = ['entryCSN', 'entryUUID'].filter((attribute) => !isIndexed(attribute, indexes));
        if (missing.length === 0) return [];
        const values = missing.map((attribute) => `${attribute} eq`);
        return [
          {
            where: [name],
            what: `${name} has no equality index of ${and(missing)}`,
            fix: `On ${name}: ${modifyCommand(server, dn, ['add', 'olcDbIndex', ...values])}.`,
          },
        ];
      }),
  }),
  rule({
    code: 'database-read-only',
    severity: 'warning',
    about: 'The database of a master is read-only.',
    why: 'whoever writes there gets error 53',
    mends: 'If nobody is taking the server out of the pool just now, delete olcReadOnly.',
    find: ({ masters }) =>
      masters.flatMap((server) => {
        const { name, database } = server;
        return database?.readOnly
          ? [
              {
                where: [name],
                what: `${name} is a master, and ${database.dn} has olcReadOnly TRUE`,
                fix: `If nobody is taking ${name} out of the pool just now: ${modifyCommand(server, database.dn, ['delete', 'olcReadOnly'])}.`,
              },
            ]
          : [];
      }),
  }),
];

function replicating(
  { servers, roles }: Pool,
  judge: (server: Server, database: DatabaseFacts) => readonly Found[],
): readonly Found[] {
  return servers.flatMap((server) =>
    server.database && ['master', 'replica'].includes(roles.get(server.name) ?? '')
      ? judge(server, server.database)
      : [],
  );
}

/** `entryCSN,entryUUID eq`; without types slapd takes those of `default`, or pres,eq. */
function isIndexed(attribute: string, indexes: readonly string[]): boolean {
  return indexes.some((value) => {
    const [names = '', types = 'eq'] = value
      .toLowerCase()
      .replace(/\s*,\s*/g, ',')
      .trim()
      .split(/\s+/);
    return names.split(',').includes(attribute.toLowerCase()) && types.split(',').includes('eq');
  });
}
