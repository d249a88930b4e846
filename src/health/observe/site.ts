/** A look at a whole site: every server at once, and of each what does not wait for anything else. It only reads. */
import type { ReadPorts } from '../../engine/ports.ts';
import type { LdapUrl } from '../../ldap/ldap-url.ts';
import { plainWordOf, type Syncrepl, wordOf } from '../../ldap/syncrepl.ts';
import { Secret } from '../../secrets/secret.ts';
import type { SiteFacts, Trial } from '../facts.ts';
import { known } from '../seen.ts';
import { behindSince } from './behind-since.ts';
import { type Contents, readContents } from './contents.ts';
import { directoriesOf, nodeSecrets, nodesOf } from './nodes.ts';
import { outsiderFacts, outsidersOf, providersOf, type Served, servedBy, urlOf } from './outsider.ts';
import {
  agreementsOf,
  type Door,
  factsOf,
  judgePasswords,
  openDoors,
  readServerLog,
  type Server,
  serverOf,
  treeOf,
  tryDoors,
  viewsOnce,
} from './server.ts';
import { isOfProduct, type Sight, sightOf } from './sight.ts';
import { onlySuffix } from './suffix.ts';

export interface SiteAsk {
  /** Hosts to begin with. */
  readonly hosts: readonly string[];
  /** The tree; without it, the only one that replicates. */
  readonly suffix?: string;
  /** Compare every entry. */
  readonly deep: boolean;
  /** What is remembered of earlier looks at this tree. */
  readonly behindSince: (suffix: string) => SiteFacts['behindSince'];
  /** The host of the inventory that serves a URL, where agreements are to be followed; without it, nobody goes on. */
  readonly follow?: (url: LdapUrl) => string | undefined;
  /** Told of the credentials that agreements hold, so that none of them is ever shown. */
  readonly heard?: (secret: Secret) => void;
  /** Told what is looked at now. */
  readonly tell?: (stage: string) => void;
}

export interface SitePorts extends Pick<ReadPorts, 'now' | 'sleep'> {
  on(host: string): ReadPorts;
}

/** Rejects with NoSuffix where it is not said which tree is meant. All else that fails is a fact. */
export async function lookAtSite(ask: SiteAsk, ports: SitePorts): Promise<SiteFacts> {
  const tell = ask.tell ?? (() => undefined);
  const at = ports.now();
  tell(`asking ${ask.hosts.length} hosts`);
  const { servers, nodes, suffix } = await meetServers(ask, ports);
  for (const secret of [...servers.flatMap(credentialsOf), ...nodes.flatMap(nodeSecrets)])
    ask.heard?.(secret);

  tell('trying the agreements');
  const logs = Promise.all(servers.map(readServerLog));
  const settings = nodesOf(nodes, servers);
  const opening = Promise.all(servers.map(async (server) => [server, await openDoors(server)] as const));
  const served = servedBy(servers, ask.follow);
  const leadOut = ask.follow !== undefined && servers.flatMap(providersOf).some((url) => !served(url));
  const outsiders = leadOut ? outsidersOf(new Map(await opening), served) : [];

  tell('reading the contents');
  const sources = [
    ...servers.map((server) => ({ host: server.sight.host, directory: treeOf(server) })),
    ...outsiders,
  ].flatMap(({ host, directory }) => (directory ? [{ host, directory }] : []));
  const contents = await readContents(sources, { suffix, deep: ask.deep, sleep: ports.sleep });

  tell('looking as the replicator');
  const doors = new Map(await opening);
  const trials = await tryAll(doors, served, contents);
  const written = await logs;
  const facts = [
    ...servers.map((server, index) =>
      factsOf(
        server,
        contents.byHost.get(server.sight.host),
        written[index] ?? { unknown: 'it was not read' },
        trials.get(server) ?? new Map(),
      ),
    ),
    ...outsiders.map((outsider) => outsiderFacts(outsider, contents.byHost.get(outsider.host))),
  ];
  const { target, gaps } = contents;
  const [product] = nodes.flatMap(({ product: seen }) => known(seen)?.product.name ?? []);
  return {
    suffix,
    ...(product && { product }),
    ...(nodes.length > 0 && { nodes: await settings }),
    ...(ask.follow === undefined && { isPart: true as const }),
    at,
    servers: facts,
    target,
    ...(gaps && { gaps }),
    behindSince: behindSince({ servers: facts, target }, ask.behindSince(suffix)),
  };
}

/** The hosts to begin with, and those their agreements lead to, until no new one comes. */
async function meetServers(
  ask: SiteAsk,
  ports: SitePorts,
): Promise<{ servers: Server[]; nodes: Sight[]; suffix: string }> {
  const sights = new Map<string, Sight>();
  let suffix = ask.suffix;
  let wave = ask.hosts;
  for (;;) {
    const met = await Promise.all(wave.map((host) => sightOf(ports.on(host))));
    for (const sight of met) sights.set(sight.host, sight);
    const all = [...sights.values()];
    suffix ??= onlySuffix(all);
    const tree = suffix;
    const servers = directoriesOf(all).map((sight) => serverOf(sight, tree));
    const named = servers.flatMap(providersOf).flatMap((url) => ask.follow?.(url) ?? []);
    wave = [...new Set(named)].filter((host) => !sights.has(host));
    if (wave.length === 0) return { servers, nodes: all.filter(isOfProduct), suffix };
  }
}

async function tryAll(
  doors: ReadonlyMap<Server, readonly Door[]>,
  served: Served,
  { byHost }: Contents,
): Promise<ReadonlyMap<Server, ReadonlyMap<string, Trial>>> {
  const lookAt = viewsOnce();
  const providerOf = (agreement: Syncrepl) => {
    const [url] = urlOf(plainWordOf(agreement, 'provider'));
    return url && served(url);
  };
  const entriesOn = (server: Server | undefined) =>
    known(byHost.get(server?.sight.host ?? '')?.content)?.entries;
  const tried = await Promise.all(
    [...doors].map(async ([server, own]) => {
      // Of a provider that cannot be counted, as many as the consumer has.
      const expected = (agreement: Syncrepl) => entriesOn(providerOf(agreement)) ?? entriesOn(server) ?? 0;
      const finish = (agreement: Syncrepl, trial: Trial) =>
        judgePasswords(agreement, trial, providerOf(agreement));
      return [server, await tryDoors(own, lookAt, expected, finish)] as const;
    }),
  );
  return new Map(tried);
}

function credentialsOf(server: Server): readonly Secret[] {
  return agreementsOf(server).flatMap((agreement) => {
    const word = wordOf(agreement, 'credentials');
    return word instanceof Secret ? [word] : [];
  });
}
