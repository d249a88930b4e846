import { type Csn, compareCsn, csnTime, formatCsn, formatSid } from '../../ldap/csn.ts';
import { runCommand } from '../commands.ts';
import type { Severity } from '../finding.ts';
import type { Pool } from '../pool.ts';
import { known } from '../seen.ts';
import { type Server, sidOf } from '../server.ts';
import type { SidState } from '../sids.ts';
import { BEHIND_CRITICAL_MS, BEHIND_WARNING_MS, PRODUCT_RETRY_MS } from '../thresholds.ts';
import { and, count, momentText, spanText } from '../words.ts';
import { type Found, type Rule, rule } from './rule.ts';

export const convergenceRules: readonly Rule[] = [
  rule({
    code: 'restored-backup',
    severity: 'critical',
    about: 'A server knows less of its own changes than another one does: an old state of it was restored.',
    why: 'it refuses those who pull from it ("consumer state is newer than provider"), and its new changes hide among the lost ones',
    mends: 'Load it again with the data of a healthy server.',
    find: (pool) => pool.servers.flatMap((server) => restored(server, pool)),
  }),
  rule({
    code: 'csn-missing',
    severity: 'critical',
    about: 'A server that replicates has no contextCSN.',
    why: 'its first comparison has never come to its end, or nothing keeps count of its changes: it may hold a part only',
    mends:
      'See that syncprov is on its database and that the replicator sees all entries; then load it again.',
    find: (pool) =>
      [...pool.masters, ...pool.replicas].flatMap((server) => {
        const csns = known(server.facts.csns);
        if (!csns || csns.size > 0) return [];
        const entries = server.content ? ` and ${count(server.content.entries, 'entry', 'entries')}` : '';
        return [
          {
            where: [server.name],
            what: `${server.name} has no contextCSN${entries}`,
            fix: `Mend first what its agreements say; then ${reload(pool, server)}.`,
          },
        ];
      }),
  }),
  rule({
    code: 'behind',
    severity: ['warning', 'critical', 'info'],
    about:
      'A server lacks changes that another one has. Info below 30 s (70 s on Zimbra and Carbonio, whose agreements try again after 60), warning from then on or when nobody knows for how long, critical from 5 min.',
    why: 'clients read old data there, and lose changes when the server that has them is lost',
    mends: 'See what its agreements say; `lockstep run openldap/converge` waits until all hold the same.',
    find: (pool) => pool.servers.flatMap((server) => behind(server, pool)),
  }),
];

/** A change that a peer has since so long cannot have been made between two readings of this look. */
const LOOK_MS = 30_000;

function restored(server: Server, pool: Pool): readonly Found[] {
  const sid = sidOf(server);
  const csns = known(server.facts.csns);
  if (sid === undefined || sid === 0 || !csns) return [];
  const own = csns.get(sid);
  const ahead = pool.servers.flatMap((other): { server: Server; csn: Csn }[] => {
    const theirs = known(other.facts.csns)?.get(sid);
    if (other === server || !theirs || sidOf(other) === sid) return [];
    return (!own || compareCsn(own, theirs) < 0) && pool.site.at - csnTime(theirs) > LOOK_MS
      ? [{ server: other, csn: theirs }]
      : [];
  });
  const [first] = ahead.sort((a, b) => compareCsn(b.csn, a.csn));
  if (!first) return [];
  const has = own ? `it has ${formatCsn(own)}` : 'it has none';
  return [
    {
      where: [server.name],
      what: `${server.name} lacks changes of its own (SID ${formatSid(sid)}): ${has}, ${first.server.name} has ${formatCsn(first.csn)}`,
      fix: `${runCommand(pool.site, 'reload', { bad: server.name, good: first.server.name })}.`,
    },
  ];
}

function behind(server: Server, pool: Pool): readonly Found[] {
  const lacking = pool.sids.flatMap((state) => {
    const at = state.at.get(server.name);
    // Its own, or what nobody writes any more, is told by other rules.
    if (at?.kind !== 'behind' || state.kind === 'retired' || state.owners.includes(server)) return [];
    return [{ state, at }];
  });
  const [first] = lacking;
  if (!first || known(server.facts.csns)?.size === 0) return [];
  const patience = server.installation?.product ? PRODUCT_RETRY_MS : BEHIND_WARNING_MS;
  const grades = lacking.map(({ at, state }) =>
    gradeOf(at.since, at.has, state.newest, pool.site.at, patience),
  );
  const severity =
    (['critical', 'warning', 'info'] as const).find((one) => grades.includes(one)) ?? 'warning';
  const parts = lacking.map(({ state, at }) => {
    const has = at.has ? `those up to ${momentText(csnTime(at.has))}` : 'none';
    const newest = state.newest ? momentText(csnTime(state.newest)) : '';
    const since =
      at.since === undefined
        ? 'seen so for the first time'
        : `seen so for ${spanText(pool.site.at - at.since)}`;
    return `changes ${nameOf(state)}: it has ${has}, the newest is of ${newest}, ${since}`;
  });
  return [
    {
      severity,
      where: [server.name],
      what: `${server.name} lacks ${parts.join('; and ')}`,
      fix:
        severity === 'info'
          ? 'Wait, and look again.'
          : `See what its agreements say; ${runCommand(pool.site, 'converge', { pool: pool.servers.map(({ name }) => name).join(',') })} waits until all hold the same.`,
    },
  ];
}

function gradeOf(
  since: number | undefined,
  has: Csn | undefined,
  newest: Csn | undefined,
  now: number,
  patience: number,
): Severity {
  if (since !== undefined) {
    const span = now - since;
    return span >= BEHIND_CRITICAL_MS ? 'critical' : span >= patience ? 'warning' : 'info';
  }
  // What is missing was written within that time: so long it can have been behind, and hardly longer.
  const from = has ? csnTime(has) : now;
  return newest && Math.abs(csnTime(newest) - from) < patience ? 'info' : 'warning';
}

function nameOf({ sid, owners }: SidState): string {
  const names = owners.map(({ name }) => name);
  return names.length > 0 ? `of ${and(names)} (SID ${formatSid(sid)})` : `of SID ${formatSid(sid)}`;
}

/** From another master that has all changes, if there is one. */
function reload(pool: Pool, bad: Server): string {
  const good = pool.masters.find(
    (server) =>
      server !== bad &&
      (known(server.facts.csns)?.size ?? 0) > 0 &&
      pool.sids.every(({ at }) => at.get(server.name)?.kind !== 'behind'),
  );
  if (!good) return 'load it again with openldap/reload';
  return runCommand(pool.site, 'reload', { bad: bad.name, good: good.name });
}
