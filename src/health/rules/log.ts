/** What slapd wrote of conflicts and of fallbacks; most of it only when olcLogLevel holds `sync`. */
import { runCommand } from '../commands.ts';
import type { Severity } from '../finding.ts';
import { ridOfLine } from '../log-lines.ts';
import type { Pool } from '../pool.ts';
import type { Server } from '../server.ts';
import { isDelta } from '../topology.ts';
import { count } from '../words.ts';
import { recentLines } from './recent-lines.ts';
import { type Found, type Rule, rule } from './rule.ts';

interface Line {
  readonly code: string;
  readonly severity: Severity;
  readonly pattern: RegExp;
  readonly about: string;
  readonly why: string;
  readonly mends: string;
  /** Where it is nothing to speak of. */
  readonly usual?: (server: Server, pool: Pool) => boolean;
  readonly fix?: (server: Server, pool: Pool) => string | undefined;
}

const LINES: readonly Line[] = [
  {
    code: 'newer-than-provider',
    severity: 'critical',
    pattern: /state .*is newer than provider/,
    about: 'A provider refuses consumers since they know more of its own changes than it does itself.',
    why: 'an old state of it was restored: the consumers get no changes, and its new ones hide among the lost ones',
    mends: 'Load it again with the data of a healthy server: `lockstep run openldap/reload`.',
    fix: ({ name }, { site, masters }) => {
      const good = masters.find((master) => master.name !== name)?.name;
      return (
        good && `If ${name} is the one that was restored: ${runCommand(site, 'reload', { bad: name, good })}.`
      );
    },
  },
  {
    code: 'schema-refused',
    severity: 'critical',
    pattern: /\bmods check \(/,
    about: 'A consumer could not take an entry: its schema does not know what is in it.',
    why: 'the consumer stops at that entry and tries it again and again',
    mends: 'Load the same schemas on all servers.',
  },
  {
    code: 'uuid-not-unique',
    severity: 'critical',
    pattern: /entryUUID is not unique/i,
    about: 'A server holds two entries of one entryUUID.',
    why: 'a change of the one is made to the other',
    mends: 'Load that server again with the data of a healthy one: `lockstep run openldap/reload`.',
  },
  {
    code: 'write-conflict',
    severity: 'warning',
    pattern: /not new enough, ignored|new entry is older than ours/,
    about: 'Two servers changed the same entry, and the older change was dropped.',
    why: 'the value that lost is gone on this server, and may still be there on another one: nothing else tells of it',
    mends:
      'Compare all entries with `lockstep status --deep`; let clients write to one server, and keep the clocks together.',
  },
  {
    code: 'delta-lost-sync',
    severity: 'warning',
    pattern: /delta-sync lost sync/,
    about: 'A consumer could not make a change that the accesslog told it, and compared all entries instead.',
    why: 'it held something else than its provider when the change came',
    mends:
      'Compare all entries with `lockstep status --deep`; where it comes again and again, load the consumer again.',
  },
  {
    code: 'cookie-lacks-sid',
    severity: 'info',
    pattern: /consumer cookie is missing a csn we track/,
    about: 'A provider saw a consumer that knew nothing of one of its server IDs.',
    why: 'all entries are compared then; usual when a server has joined, and no good sign when it comes again',
    mends: 'Nothing, if a server has just joined.',
  },
  {
    code: 'csn-too-old',
    severity: 'info',
    pattern: /CSN too old, ignoring/,
    about:
      'A consumer with one provider was sent a change that it had. With several providers, or between masters by the accesslog, that is usual, and not told.',
    why: 'it was sent twice, or the consumer holds a newer state than its provider knows of',
    mends: 'Compare all entries with `lockstep status --deep` when it goes on.',
    // Each change comes by several ways, and counts once.
    usual: (server, { links }) =>
      server.database === undefined ||
      server.database.agreements.length > 1 ||
      // By the accesslog a master is told its own changes.
      (server.database.multiProvider && links.some((link) => link.consumer === server && isDelta(link))),
  },
];

export const logRules: readonly Rule[] = LINES.map(
  ({ code, severity, pattern, about, why, mends, usual, fix }) =>
    rule({
      code,
      severity,
      about,
      why,
      mends,
      find: (pool) =>
        pool.servers.flatMap((server): Found[] => {
          const lines = usual?.(server, pool) ? [] : recentLines(server, pool, pattern);
          const last = lines.at(-1);
          if (!last) return [];
          const times = lines.length > 1 ? `, ${count(lines.length, 'time')} within a day` : '';
          const rid = ridOfLine(last);
          const mend = fix?.(server, pool);
          return [
            {
              where: [server.name],
              what: `${server.name}${rid === undefined ? '' : ` rid ${rid}`} wrote${times}: ${last.text}`,
              ...(mend !== undefined && { fix: mend }),
            },
          ];
        }),
    }),
);
