/** What a provider needs to serve changes. */
import { localconfigCommand, modifyCommand, revertedNote } from '../commands.ts';
import type { SyncprovFacts } from '../facts.ts';
import type { Pool } from '../pool.ts';
import { lineOf, type Server } from '../server.ts';
import { peerOf } from '../topology.ts';
import { and } from '../words.ts';
import { type Found, type Rule, rule } from './rule.ts';

export const syncprovRules: readonly Rule[] = [
  rule({
    code: 'syncprov-missing',
    severity: 'critical',
    about: 'Others pull from a server that has no syncprov overlay.',
    why: 'it does not know the control by which consumers ask for changes, and refuses them (12)',
    mends: 'Load the module syncprov, and add the overlay to the database.',
    find: ({ servers, links }) =>
      servers.flatMap((server) => {
        const consumers = links
          .filter((link) => peerOf(link) === server)
          .map(({ consumer }) => consumer.name);
        if (!server.database || server.database.syncprov || consumers.length === 0) return [];
        return [
          {
            where: [server.name],
            what: `${server.name} has no syncprov on ${server.database.dn}, and ${and(consumers)} ${consumers.length === 1 ? 'pulls' : 'pull'} from it`,
          },
        ];
      }),
  }),
  rule({
    code: 'no-present-on-data',
    severity: 'critical',
    about: 'syncprov of the data has olcSpNoPresent, which belongs to that of a log only.',
    why: 'a consumer that was away is not told what was deleted meanwhile, and keeps it',
    mends: 'Delete olcSpNoPresent there.',
    find: (pool) =>
      overlays(pool, (server, { noPresent }) =>
        noPresent
          ? [
              {
                where: [server.name],
                what: `${server.name} has olcSpNoPresent TRUE on its data`,
                fix: `On ${server.name}: ${modifyCommand(server, overlayDn(server), ['delete', 'olcSpNoPresent'])}.`,
              },
            ]
          : [],
      ),
  }),
  rule({
    code: 'session-log-loses',
    severity: 'warning',
    about: 'slapd 2.4 has a session log.',
    why: 'after a restart of the provider it hides deletions from a consumer that was away for them, for ever and with equal contextCSN (seen with 2.4.57)',
    mends: 'Delete olcSpSessionlog, or go to 2.5 or later.',
    find: (pool) =>
      overlays(pool, (server, { sessionLog }) =>
        // Zimbra replicates by the accesslog, and ships its 2.4 with a session log and patches of its own.
        lineOf(server) === '2.4' && sessionLog !== undefined && !server.installation?.product
          ? [
              {
                where: [server.name],
                what: `${server.name} runs ${server.installation?.version} with olcSpSessionlog ${sessionLog}`,
                fix: `On ${server.name}: ${modifyCommand(server, overlayDn(server), ['delete', 'olcSpSessionlog'])}.`,
              },
            ]
          : [],
      ),
  }),
  rule({
    code: 'session-log-twice',
    severity: 'warning',
    about: 'syncprov has a session log in memory and one from the accesslog.',
    why: 'slapd uses one of the two, and warns at each start',
    mends: 'Delete olcSpSessionlog: the one from the accesslog survives a restart.',
    find: (pool) =>
      overlays(pool, (server, { sessionLog, sessionLogSource }) =>
        sessionLog !== undefined && sessionLogSource !== undefined
          ? [
              {
                where: [server.name],
                what: `${server.name} has olcSpSessionlog ${sessionLog} and olcSpSessionlogSource ${sessionLogSource}`,
                fix: `On ${server.name}: ${modifyCommand(server, overlayDn(server), ['delete', 'olcSpSessionlog'])}.`,
              },
            ]
          : [],
      ),
  }),
  rule({
    code: 'checkpoint-missing',
    severity: 'warning',
    about: 'syncprov writes no checkpoints.',
    why: 'contextCSN is in memory only: after a crash slapd reads the whole database to find it again, and a dump may hold an old one',
    mends: 'Add olcSpCheckpoint: 100 10 (changes, minutes).',
    find: (pool) =>
      overlays(pool, (server, { checkpoint }) =>
        checkpoint === undefined && !isBareByDesign(server, pool)
          ? [
              {
                where: [server.name],
                what: `${server.name} has no olcSpCheckpoint`,
                fix: addCheckpoint(server),
              },
            ]
          : [],
      ),
  }),
  rule({
    code: 'overlay-order',
    severity: 'warning',
    about: 'The accesslog overlay comes before syncprov.',
    why: 'what OpenLDAP documents and tests is syncprov first, then accesslog',
    mends: 'Take both overlays away and add them again, syncprov first, while slapd takes no changes.',
    find: ({ servers }) =>
      servers.flatMap(({ name, database }) => {
        const [syncprov = -1, accesslog = -1] = ['syncprov', 'accesslog'].map(
          (overlay) => database?.overlays.indexOf(overlay) ?? -1,
        );
        if (accesslog < 0 || syncprov < accesslog) return [];
        return [
          { where: [name], what: `${name} has the overlays ${database?.overlays.join(', ')}, in this order` },
        ];
      }),
  }),
];

/** Replicas of Zimbra have a syncprov that nobody pulls from. */
function isBareByDesign({ config }: Server, { site }: Pool): boolean {
  return site.product !== undefined && config?.log === undefined;
}

function addCheckpoint(server: Server): string {
  const value = server.installation?.product ? '20 10' : '100 10';
  const command = server.installation?.product
    ? localconfigCommand(server, 'ldap_overlay_syncprov_checkpoint', value)
    : modifyCommand(server, overlayDn(server), ['add', 'olcSpCheckpoint', value]);
  return `On ${server.name}: ${command}.${revertedNote(server)}`;
}

function overlays(
  { servers }: Pool,
  judge: (server: Server, syncprov: SyncprovFacts) => readonly Found[],
): readonly Found[] {
  return servers.flatMap((server) =>
    server.database?.syncprov ? judge(server, server.database.syncprov) : [],
  );
}

export function overlayDn({ database }: Server): string {
  const at = Math.max(0, database?.overlays.indexOf('syncprov') ?? 0);
  return `olcOverlay={${at}}syncprov,${database?.dn ?? ''}`;
}
