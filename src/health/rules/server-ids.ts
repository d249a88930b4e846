/** Server IDs: each master must have one of its own, above 0. */
import { freeServerId } from '../../ldap/server-id.ts';
import { modifyCommand, runCommand } from '../commands.ts';
import { idsGivenTwice } from '../own-sid.ts';
import { multiMasters, type Pool } from '../pool.ts';
import { type Server, sidOf } from '../server.ts';
import { linkName, peerOf } from '../topology.ts';
import { and } from '../words.ts';
import { type Found, type Rule, rule } from './rule.ts';

export const serverIdRules: readonly Rule[] = [
  rule({
    code: 'sid-duplicate',
    severity: ['critical', 'warning'],
    about:
      'Two servers have the same server ID. Critical between masters; a replica shows it when it is promoted.',
    why: 'after an interruption the changes of the one hide those of the other: entries are missing, contextCSN is equal, and no log says so',
    mends:
      'Give each server an ID of its own, then compare all entries and load again the server that lacks some.',
    find: duplicates,
  }),
  rule({
    code: 'sid-zero',
    severity: 'critical',
    about: 'One of several masters has server ID 0: it was given none.',
    why: '0 is no valid ID between masters: their changes cannot be told apart, and some get lost without a word',
    mends: 'Give it a number above 0 that no other server has.',
    find: (pool) => {
      const masters = multiMasters(pool);
      if (masters.length < 2) return [];
      return (
        masters
          // Of Zimbra and Carbonio, mmr-half tells it, with what their tool does.
          .filter((server) => sidOf(server) === 0 && pool.site.product === undefined)
          .map((server) => ({
            where: [server.name],
            what: `${server.name} is one of ${masters.length} masters and has server ID 0 (olcServerID ${idsOf(server)})`,
            fix: giveId(pool, server),
          }))
      );
    },
  }),
  rule({
    code: 'sid-no-listener',
    severity: 'critical',
    about: 'olcServerID has URLs, and not exactly one of them is a listener of the server.',
    why: 'slapd goes on with the ID that it had, mostly 0, and at its next start it fails with "no serverID / URL match found"',
    mends: 'Replace the URLs by one plain number.',
    find: (pool) =>
      pool.servers.flatMap((server) =>
        server.sid.kind === 'refused'
          ? [{ where: [server.name], what: `${server.name}: ${server.sid.why}`, fix: giveId(pool, server) }]
          : [],
      ),
  }),
  rule({
    code: 'sid-list-duplicate',
    severity: 'critical',
    about: 'The list of olcServerID gives one ID to two URLs; slapd takes that without a word.',
    why: 'the two servers will have the same ID, and changes get lost',
    mends: 'Give each URL a number of its own, or each server one plain number.',
    find: ({ servers }) =>
      servers.flatMap(({ name, config }) => {
        const twice = idsGivenTwice(config?.serverIds ?? []);
        if (twice.length === 0) return [];
        return [
          {
            where: [name],
            what: `${name}: olcServerID gives ${and(twice.map(String))} more than once (${config?.serverIds.join(', ')})`,
          },
        ];
      }),
  }),
  rule({
    code: 'sid-elsewhere',
    severity: 'warning',
    about: 'A server calls itself by another ID than its configuration has.',
    why: 'its changes go by an ID that may be that of another server',
    mends: 'Restart slapd there, and look again: then its configuration is in force.',
    find: ({ links }) =>
      links.flatMap((link) => {
        const peer = peerOf(link);
        const { providerSid, providerSidAt = 0 } = link.health;
        const own = peer && sidOf(peer);
        if (!peer || own === undefined || providerSid === undefined || providerSid === own) return [];
        // What it said before its configuration was changed is history.
        if ((peer.config?.changedAt ?? 0) >= providerSidAt) return [];
        return [
          {
            where: [peer.name],
            what: `${peer.name} is to have server ID ${own}, and told ${linkName(link)} that it is ${providerSid}`,
          },
        ];
      }),
  }),
];

function duplicates(pool: Pool): readonly Found[] {
  const masters = new Set(multiMasters(pool));
  const bySid = new Map<number, Server[]>();
  for (const server of pool.servers) {
    const sid = sidOf(server);
    if (sid !== undefined && sid > 0) bySid.set(sid, [...(bySid.get(sid) ?? []), server]);
  }
  return [...bySid].flatMap(([sid, owners]): Found[] => {
    if (owners.length < 2) return [];
    const writing = owners.filter((server) => masters.has(server));
    const [, second] = writing.length > 1 ? writing : owners;
    const names = owners.map(({ name }) => name);
    const compare = runCommand(pool.site, 'converge', { pool: names.join(',') });
    return [
      {
        severity: writing.length > 1 ? 'critical' : 'warning',
        where: names,
        what: `${and(names)} have the same server ID ${sid}`,
        ...(second && {
          fix: `${giveId(pool, second)} Then ${compare} tells whether entries are missing, and openldap/reload brings them back.`,
        }),
      },
    ];
  });
}

/** Never one that was seen in a contextCSN: a server that is gone may come back with it. */
function giveId({ servers, sids }: Pool, server: Server): string {
  const taken = [...servers.flatMap((one) => sidOf(one) ?? []), ...sids.map(({ sid }) => sid)];
  const own = server.sid.kind === 'refused' ? intended(server, servers) : undefined;
  const id = own ?? freeServerId(taken);
  if (id === undefined)
    return 'No server ID from 1 to 4095 is free: load all servers again without the old ones.';
  const command = modifyCommand(server, 'cn=config', ['replace', 'olcServerID', String(id)]);
  return `On ${server.name}: ${command}, an ID that no change carries yet.`;
}

/** The ID whose URL names the server's address, where no other server has it. */
function intended({ name, facts, config }: Server, servers: readonly Server[]): number | undefined {
  const line = config?.serverIds.find(
    (value) => value.includes(`//${facts.address}`) || value.includes(`//${name}`),
  );
  const id = line === undefined ? undefined : Number.parseInt(line, line.startsWith('0x') ? 16 : 10);
  return id && servers.every((other) => sidOf(other) !== id) ? id : undefined;
}

function idsOf({ config }: Server): string {
  return config?.serverIds.join(', ') || 'none';
}
