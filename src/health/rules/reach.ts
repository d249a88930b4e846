/** What could not be looked at, and servers that do not serve. */
import { lastWordsCommand, startCommand } from '../commands.ts';
import type { Seen } from '../facts.ts';
import { whyUnknown } from '../seen.ts';
import { isDown, type Server } from '../server.ts';
import { and } from '../words.ts';
import { type Rule, rule } from './rule.ts';

export const reachRules: readonly Rule[] = [
  rule({
    code: 'host-unreachable',
    severity: 'critical',
    about: 'A host of the site cannot be logged in to.',
    why: 'nothing is known of its server, and it may be down',
    mends: 'Bring the host and its network back; `lockstep inventory check` says what is in the way.',
    find: ({ servers }) =>
      servers.flatMap(({ name, facts }) =>
        facts.unreachable === undefined || facts.through !== undefined
          ? []
          : [{ where: [name], what: `${name} cannot be reached: ${facts.unreachable}` }],
      ),
  }),
  rule({
    code: 'slapd-down',
    severity: 'critical',
    about: 'slapd does not run on a host.',
    why: 'it answers nobody, and its changes of the last moments may be on no other server',
    mends: 'Start it, and read why it went: `systemctl start slapd`, `journalctl -u slapd`.',
    find: ({ servers }) =>
      servers.flatMap((server) => {
        const { name, installation } = server;
        return installation?.running === false
          ? [
              {
                where: [name],
                what: `slapd ${installation.version} does not run on ${name}`,
                fix: `On ${name}: ${startCommand(server)}; if it does not stay up, ${lastWordsCommand(server)} says why.`,
              },
            ]
          : [];
      }),
  }),
  rule({
    code: 'server-outside',
    severity: 'info',
    about: 'An agreement leads to a server that is not in the inventory; it was looked at over LDAP only.',
    why: 'its configuration, its clock, its room and its log were not looked at',
    mends: 'Put it into the inventory.',
    find: ({ servers }) =>
      servers.flatMap(({ name, facts }) =>
        facts.through === undefined
          ? []
          : [
              {
                where: [name],
                what: `${name} is not in the inventory, and was looked at through ${facts.through}`,
              },
            ],
      ),
  }),
  rule({
    code: 'not-seen',
    severity: 'unknown',
    about: 'A part of a server could not be looked at, so that nothing is said about it.',
    why: 'what is not seen may be wrong all the same',
    mends: 'Mend what stands in the way of the look, as the finding says it, and look again.',
    find: ({ servers }) =>
      servers.flatMap((server) => {
        const unseen = unseenParts(server);
        if (unseen.length === 0) return [];
        return [{ where: [server.name], what: `of ${server.name} is not known: ${unseen.join('; ')}` }];
      }),
  }),
  rule({
    code: 'log-unseen',
    severity: 'info',
    about: 'The log of a server could not be read, or holds nothing about replication.',
    why: 'conflicts, refusals and fallbacks are told there and nowhere else',
    mends: 'Let olcLogLevel hold `sync`, and slapd write to the journal or to a file below /var/log.',
    find: ({ servers }) => {
      const byReason = new Map<string, string[]>();
      for (const server of servers) {
        const why = whyUnknown(server.facts.log);
        if (why === undefined || isDown(server) || server.facts.through !== undefined) continue;
        byReason.set(why, [...(byReason.get(why) ?? []), server.name]);
      }
      return [...byReason].map(([why, names]) => ({
        where: names,
        what: `the log of ${and(names)} tells nothing: ${why}`,
      }));
    },
  }),
];

/** `its configuration (no such object)`; parts with one reason together. */
function unseenParts({ facts, installation }: Server): readonly string[] {
  if (facts.unreachable !== undefined || installation?.running === false) return [];
  const parts: readonly (readonly [string, Seen<unknown>])[] = [
    ...(facts.through === undefined
      ? ([
          ['its clock', facts.clock],
          ['its installation', facts.installation],
          ['its configuration', facts.config],
        ] as const)
      : []),
    ['its contextCSN', facts.csns],
    ['its entries', facts.content],
    ...(installation
      ? ([
          ['the size of its database', installation.dataBytes],
          ['the room on its disk', installation.freeBytes],
          ...(installation.certificate ? [['its certificate', installation.certificate] as const] : []),
        ] as const)
      : []),
  ];
  const byReason = new Map<string, string[]>();
  for (const [part, seen] of parts)
    if ('unknown' in seen) byReason.set(seen.unknown, [...(byReason.get(seen.unknown) ?? []), part]);
  return [...byReason].map(([reason, names]) => `${names.join(', ')} (${reason})`);
}
