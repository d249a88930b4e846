/** What a look at a site comes to: servers and their parts, who pulls from whom, and who has got whose changes. Pure. */
import { csnTime } from '../ldap/csn.ts';
import type { SiteFacts } from './facts.ts';
import { type Node, nodesOf } from './node.ts';
import { known } from './seen.ts';
import { type Role, type Server, serverOf } from './server.ts';
import { type SidState, sidStates } from './sids.ts';
import { QUIET_MS } from './thresholds.ts';
import { type Link, linksOf, peerOf } from './topology.ts';

export interface Pool {
  readonly site: SiteFacts;
  readonly servers: readonly Server[];
  readonly links: readonly Link[];
  /** Hosts of Zimbra and Carbonio. */
  readonly nodes: readonly Node[];
  /** By name of the server. */
  readonly roles: ReadonlyMap<string, Role>;
  readonly masters: readonly Server[];
  readonly replicas: readonly Server[];
  readonly sids: readonly SidState[];
  /** Nothing was written for a while, so that counts of entries can be compared. */
  readonly isQuiet: boolean;
}

export function poolOf(site: SiteFacts): Pool {
  const servers = site.servers.map(serverOf);
  const links = linksOf(servers, site.at);
  const roles = new Map(servers.map((server) => [server.name, roleOf(server, links)]));
  const having = (role: Role) => servers.filter(({ name }) => roles.get(name) === role);
  const masters = having('master');
  return {
    site,
    servers,
    links,
    nodes: nodesOf(site.nodes ?? [], servers),
    roles,
    masters,
    replicas: having('replica'),
    sids: sidStates(site, servers, [...masters, ...having('alone')], having('alone')),
    isQuiet: isQuiet(site),
  };
}

/** A server that takes no changes of its own is a replica; one that others pull from, or that is told to be, a master. */
function roleOf(server: Server, links: readonly Link[]): Role {
  if (!server.database) return 'unknown';
  const { multiProvider, agreements } = server.database;
  if (multiProvider) return 'master';
  if (agreements.length > 0) return 'replica';
  return links.some((link) => peerOf(link) === server) ? 'master' : 'alone';
}

function isQuiet({ servers, at }: SiteFacts): boolean {
  const times = servers.flatMap(({ csns }) => [...(known(csns)?.values() ?? [])].map(csnTime));
  return times.every((time) => at - time > QUIET_MS);
}

/** Masters that write and pull: where two of them meet, IDs and clocks count. */
export function multiMasters({ masters }: Pool): readonly Server[] {
  return masters.filter(({ database }) => database?.multiProvider === true);
}
