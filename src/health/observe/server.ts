/** The second look at a server, once it is known which suffix is meant. */
import type { DirectoryReader } from '../../engine/ports.ts';
import { formatRid } from '../../ldap/agreement.ts';
import { plainWordOf, ridOf, type Syncrepl } from '../../ldap/syncrepl.ts';
import type { ConfigFacts, Installation, LogLine, Seen, ServerFacts, Trial } from '../facts.ts';
import { known } from '../seen.ts';
import { configFacts } from './config.ts';
import type { Holdings } from './contents.ts';
import { parseInstallation } from './installation.ts';
import { limitless } from './limitless.ts';
import { readLog } from './log.ts';
import { holdsPasswords } from './passwords.ts';
import { readOn, seen } from './seen.ts';
import type { Sight } from './sight.ts';
import { type Entered, enterAgreement, type LookAt, type View, viewAgreement } from './trial.ts';

/** What the first look comes to for one suffix. */
export interface Server {
  readonly sight: Sight;
  readonly config: Seen<ConfigFacts>;
  readonly installation: Seen<Installation>;
}

export function serverOf(sight: Sight, suffix: string): Server {
  return {
    sight,
    config: readOn(sight.catalogue, (catalogue) => configFacts(catalogue, suffix)),
    installation: readOn(sight.installation, (printed) => {
      const product = known(sight.product)?.product;
      return { ...parseInstallation(printed, suffix), ...(product && { product }) };
    }),
  };
}

export function agreementsOf({ config }: Server): readonly Syncrepl[] {
  return known(config)?.database.agreements ?? [];
}

/** Names and addresses by which others may know it. */
export function namesOf({ sight, installation }: Server): readonly string[] {
  const { fqdn = '', names = [] } = known(installation) ?? {};
  return [sight.host, sight.address, fqdn, ...names].map((name) => name.toLowerCase());
}

/** An agreement, and what came of binding as it says. */
export interface Door {
  readonly agreement: Syncrepl;
  readonly entered: Entered;
}

export async function openDoors(server: Server): Promise<readonly Door[]> {
  const { sight, installation } = server;
  const catalogue = known(sight.catalogue);
  if (!catalogue) return [];
  const { listeners = [], fqdn, names = [] } = known(installation) ?? {};
  const self = { listeners, names: fqdn === undefined ? names : [fqdn, ...names] };
  return await Promise.all(
    agreementsOf(server).map(async (agreement) => ({
      agreement,
      entered: await enterAgreement(agreement, sight.ports, catalogue, self),
    })),
  );
}

export async function readServerLog({ sight, installation }: Server): Promise<Seen<readonly LogLine[]>> {
  if ('unknown' in installation) return installation;
  return await seen(() => readLog(sight.ports, installation.value, known(sight.catalogue)));
}

/** The whole tree as root sees it; undefined where slapd does not answer. */
export function treeOf({ sight, installation }: Server): DirectoryReader | undefined {
  const directory = known(sight.directory);
  return directory && limitless(directory, sight.ports, known(installation)?.conf);
}

/** By RID as three digits. */
export async function tryDoors(
  doors: readonly Door[],
  lookAt: LookAt,
  expected: (agreement: Syncrepl) => number,
  finish: (agreement: Syncrepl, trial: Trial) => Promise<Trial>,
): Promise<ServerFacts['trials']> {
  const tried = await Promise.all(
    doors.map(async ({ agreement, entered }) => {
      const trial = await viewAgreement(agreement, entered, lookAt, expected(agreement));
      return [formatRid(ridOf(agreement)), await finish(agreement, trial)] as const;
    }),
  );
  return new Map(tried);
}

/** Where no password was seen: hidden if the provider has any, and else not known. */
export async function judgePasswords(
  agreement: Syncrepl,
  trial: Trial,
  provider: Server | undefined,
): Promise<Trial> {
  const installation = provider && known(provider.installation);
  if (trial.kind !== 'ok' || trial.passwords !== undefined || !provider || !installation) return trial;
  const base = plainWordOf(agreement, 'searchbase') ?? '';
  const self = plainWordOf(agreement, 'binddn');
  const there = await seen(() => holdsPasswords(provider.sight.ports, installation.conf, base, self));
  return known(there) === true ? { ...trial, passwords: false } : trial;
}

/** Looks once for each key; one that failed is tried again by the next who asks. */
export function viewsOnce(): LookAt {
  const views = new Map<string, Promise<View>>();
  return (key, look) => {
    const view = views.get(key) ?? look();
    views.set(key, view);
    view.catch(() => views.delete(key));
    return view;
  };
}

export function factsOf(
  { sight, config, installation }: Server,
  holdings: Holdings | undefined,
  log: ServerFacts['log'],
  trials: ServerFacts['trials'],
): ServerFacts {
  const { host, address, unreachable, clock, monitor, directory } = sight;
  const unread = { unknown: 'unknown' in directory ? directory.unknown : 'it was not read' };
  return {
    host,
    address,
    ...(unreachable !== undefined && { unreachable }),
    clock,
    installation,
    config,
    csns: holdings?.csns ?? unread,
    content: holdings?.content ?? unread,
    monitor,
    log,
    trials,
  };
}
