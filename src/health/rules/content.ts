/** Do servers that have all changes hold the same entries? */
import type { Gap } from '../../ldap/convergence.ts';
import { csnTime } from '../../ldap/csn.ts';
import { runCommand, searchCommand } from '../commands.ts';
import type { Pool } from '../pool.ts';
import { isWhole } from '../topology.ts';
import { and, count, momentText } from '../words.ts';
import { type Found, type Rule, rule } from './rule.ts';

export const contentRules: readonly Rule[] = [
  rule({
    code: 'data-differs',
    severity: 'critical',
    about: 'Servers hold different entries, seen entry by entry (--deep), though each has all changes.',
    why: 'slapd believes them equal and never mends this by itself',
    mends: 'Decide which server is right, and load the other one again with openldap/reload.',
    find: ({ site }) =>
      differing(site.gaps ?? []).map((found) => ({ ...found, fix: reloadFrom(site, found.where) })),
  }),
  rule({
    code: 'counts-differ',
    severity: 'critical',
    about: 'Servers that have all changes hold different numbers of entries.',
    why: 'slapd believes them equal and never mends this by itself',
    mends:
      'Find what is missing with `lockstep status --deep`, and load again with openldap/reload the server that lacks it.',
    find: counts,
  }),
  rule({
    code: 'independent-data',
    severity: 'critical',
    about: 'Servers were joined with trees of their own: the entryUUIDs of the suffix differ.',
    why: 'entries are matched by entryUUID: of two with one name the newer wins, on each server another one, and deletions miss',
    mends: 'Decide which tree is right, and load the other servers again with openldap/reload.',
    find: independent,
  }),
  rule({
    code: 'glue-entries',
    severity: 'warning',
    about: 'There are entries of objectClass glue, which only hold up others: their own content is missing.',
    why: 'a parent was deleted on one server while a child was added on another; searches do not show it',
    mends:
      'Look at them with `ldapsearch -M (objectClass=glue)`; add the parents again, or delete what hangs below.',
    find: ({ servers, site }) =>
      servers.flatMap((server) => {
        const { name, content } = server;
        return content && content.glue > 0
          ? [
              {
                where: [name],
                what: `${name} has ${count(content.glue, 'glue entry', 'glue entries')}`,
                fix: `On ${name}: ${searchCommand(server, `-MM -LLL -b '${site.suffix}' '(objectClass=glue)' dn`)} names them; add the parents again, or delete what hangs below.`,
              },
            ]
          : [];
      }),
  }),
];

function differing(gaps: readonly Gap[]): readonly Found[] {
  const pairs = new Map<string, Gap[]>();
  for (const gap of gaps) {
    const key = JSON.stringify([gap.left, gap.right]);
    pairs.set(key, [...(pairs.get(key) ?? []), gap]);
  }
  return [...pairs.values()].flatMap((found): Found[] => {
    const [first] = found;
    if (!first) return [];
    const { left, right } = first;
    const parts = [
      [found.filter((gap) => gap.onRight === undefined), `only on ${left}`] as const,
      [found.filter((gap) => gap.onLeft === undefined), `only on ${right}`] as const,
      [found.filter((gap) => gap.onLeft !== undefined && gap.onRight !== undefined), 'not the same'] as const,
    ].flatMap(([some, how]) =>
      some.length > 0
        ? [
            `${count(some.length, 'entry', 'entries')} ${how} (${some
              .map(({ dn }) => dn)
              .sort()
              .slice(0, 3)
              .join(' | ')}${some.length > 3 ? ' | ...' : ''})`,
          ]
        : [],
    );
    return [{ where: [left, right], what: `${left} and ${right} differ: ${parts.join('; ')}` }];
  });
}

function reloadFrom(site: Pool['site'], [left = '', right = '']: readonly string[]): string {
  const command = runCommand(site, 'reload', { bad: right, good: left });
  return `Decide which of the two is right; if that is ${left}: ${command}.`;
}

/** Only among those that hold the whole tree, have all changes, and are not being written to. */
function counts(pool: Pool): readonly Found[] {
  if (!pool.isQuiet || pool.site.gaps !== undefined) return [];
  const able = pool.servers.filter((server) => {
    const isBehind = pool.sids.some(({ at }) => at.get(server.name)?.kind === 'behind');
    const own = pool.links.filter(({ consumer }) => consumer === server);
    return server.content && !isBehind && own.every((link) => isWhole(link, pool.site.suffix));
  });
  const replicating = able.filter(({ name }) => ['master', 'replica'].includes(pool.roles.get(name) ?? ''));
  const numbers = new Set(replicating.map(({ content }) => content?.entries));
  if (numbers.size < 2) return [];
  const told = replicating.map(
    ({ name, content }) => `${name} has ${count(content?.entries ?? 0, 'entry', 'entries')}`,
  );
  return [
    {
      where: replicating.map(({ name }) => name),
      what: `${and(told)}, with equal contextCSN; the last change is of ${momentText(lastChange(pool))}`,
    },
  ];
}

function lastChange({ sids }: Pool): number {
  return Math.max(0, ...sids.map(({ newest }) => (newest ? csnTime(newest) : 0)));
}

function independent(pool: Pool): readonly Found[] {
  const byUuid = new Map<string, string[]>();
  for (const { name, content } of pool.servers) {
    if (content?.suffixUuid === undefined || pool.roles.get(name) === 'alone') continue;
    const uuid = content.suffixUuid.toLowerCase();
    byUuid.set(uuid, [...(byUuid.get(uuid) ?? []), name]);
  }
  if (byUuid.size < 2) return [];
  const told = [...byUuid].map(([uuid, names]) => `${uuid} on ${and(names)}`);
  const [good = '', bad = ''] = [...byUuid.values()].map(([name]) => name ?? '');
  return [
    {
      where: [...byUuid.values()].flat(),
      what: `the suffix ${pool.site.suffix} has entryUUID ${told.join(', ')}`,
      fix: `Decide which tree is right; if that is the one of ${good}: ${runCommand(pool.site, 'reload', { bad, good, force: 'true' })}.`,
    },
  ];
}
