/** What the tools of Zimbra and Carbonio take for granted in cn=config, and what they leave half done. */
import { modifyCommand } from '../commands.ts';
import type { Pool } from '../pool.ts';
import { known } from '../seen.ts';
import { type Server, sidOf } from '../server.ts';
import { isVersionAtLeast } from '../version.ts';
import { and } from '../words.ts';
import { type Found, type Rule, rule } from './rule.ts';
import { overlayDn } from './syncprov.ts';

export const productLayoutRules: readonly Rule[] = [
  rule({
    code: 'mmr-half',
    severity: 'critical',
    about:
      'A master has some of what replication between masters needs, and not all: the accesslog, a server ID, agreements, olcMultiProvider.',
    why: 'zmldapenable-mmr exits 0 though slapd has refused a part: its changes carry no ID of their own, or it refuses changes',
    mends: 'Run zmldapenable-mmr again with a valid -s (1 to 4095) and -m: it adds what is missing.',
    find: (pool) =>
      ours(pool).flatMap((server) => {
        const missing = missingForMmr(server);
        return missing.length === 0
          ? []
          : [{ where: [server.name], what: `${server.name} is half a master: it has no ${and(missing)}` }];
      }),
  }),
  rule({
    code: 'database-layout',
    severity: 'warning',
    about:
      'The databases are not where the tools look for them: {2} the accesslog and {3} the data; without an accesslog {2} the data; no others.',
    why: 'zmldapenable-mmr, zmldapmmrtool and zmconfigd change a database by its number, and so the wrong one',
    mends: 'Bring the databases into that order with slapd stopped, or take the others away.',
    find: (pool) =>
      ours(pool).flatMap(({ name, config }) => {
        const databases = config?.databases.slice(FIRST) ?? [];
        const hasLog = databases.some(({ suffix }) => suffix?.toLowerCase() === LOG);
        const wanted = hasLog ? [LOG, ''] : [''];
        const isAsWanted =
          databases.length === wanted.length &&
          databases.every(({ suffix }, at) => suffix?.toLowerCase() === wanted[at]);
        if (isAsWanted || databases.length === 0) return [];
        const told = databases.map(({ name: one, suffix }) => `${one} "${suffix ?? ''}"`);
        return [{ where: [name], what: `${name} has the databases ${told.join(', ')}` }];
      }),
  }),
  rule({
    code: 'session-log-missing',
    severity: 'warning',
    about:
      'A master has no olcSpSessionlog, which all have since 8.7: zmldappromote-replica-mmr tries to set it at a name that is not there.',
    why: 'a consumer that falls back from the accesslog is sent every entry, and zmconfigd does not add what is missing',
    mends: 'Add olcSpSessionlog: 10000000 to syncprov of the data.',
    find: (pool) =>
      ours(pool).flatMap((server) => {
        const { product } = server.installation ?? {};
        const syncprov = server.database?.syncprov;
        if (!product || !syncprov || !server.config?.log || syncprov.sessionLog !== undefined) return [];
        if (product.name === 'zimbra' && isVersionAtLeast(product.release, '8.7') !== true) return [];
        return [
          {
            where: [server.name],
            what: `${server.name} has no olcSpSessionlog`,
            fix: `On ${server.name}: ${modifyCommand(server, overlayDn(server), ['add', 'olcSpSessionlog', '10000000'])}.`,
          },
        ];
      }),
  }),
  rule({
    code: 'log-csn-missing',
    severity: 'warning',
    about:
      'The accesslog of a master has no contextCSN with its server ID: it was made while slapd ran, or before it had an ID (bug 101054, 8.6).',
    why: 'who pulls from it is refused (53), or compares all entries again and again, until it takes a change',
    mends: 'Make one change there that changes nothing.',
    find: (pool) => ours(pool).flatMap((server) => silentLog(server, pool)),
  }),
];

/** {-1}frontend, {0}config, {1}monitor. */
const FIRST = 3;
const LOG = 'cn=accesslog';

function ours({ servers }: Pool): readonly Server[] {
  return servers.filter(({ installation }) => installation?.product !== undefined);
}

function missingForMmr(server: Server): readonly string[] {
  const { config, database } = server;
  if (!config || !database) return [];
  const isMulti = database.multiProvider;
  const hasId = config.serverIds.length > 0;
  // A single master has the accesslog alone, for replicas; a replica has agreements alone.
  const isMeant = isMulti || (config.log && (hasId || database.agreements.length > 0));
  if (!isMeant) return [];
  return [
    ...(hasId ? [] : ['server ID']),
    ...(config.log ? [] : ['accesslog']),
    ...(isMulti ? [] : ['olcMultiProvider']),
    // With olcMultiProvider and none slapd does not start: start-fails tells that.
    ...(database.agreements.length > 0 || isMulti ? [] : ['agreement']),
  ];
}

function silentLog(server: Server, { nodes }: Pool): readonly Found[] {
  const sid = sidOf(server);
  const logSids = nodes.find((node) => node.server === server)?.facts.logSids;
  const inLog = logSids && known(logSids);
  const csns = known(server.facts.csns);
  if (!sid || !inLog || !csns || !server.database?.multiProvider || inLog.includes(sid)) return [];
  // One that has taken no change yet has none to tell of, and slapd fills its log at a start with those of the others.
  if (!csns.has(sid) && inLog.some((one) => one > 0)) return [];
  const has = inLog.length === 0 ? 'none' : `those of ${and(inLog.map(String))}`;
  const change = modifyCommand(server, 'cn=admins,cn=zimbra', ['replace', 'description', 'admin accounts']);
  return [
    {
      where: [server.name],
      what: `the accesslog of ${server.name} has no contextCSN of its server ID ${sid}: it has ${has}`,
      fix: `On ${server.name}: ${change}.`,
    },
  ];
}
