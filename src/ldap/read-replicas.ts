/** One look at what several servers hold of a suffix, made so that writes that go on meanwhile do not blur it. */
import type { DirectoryReader } from '../engine/ports.ts';
import {
  gapsBetween,
  lackingSids,
  lastingGaps,
  newestOf,
  type Position,
  type Reading,
  type Replica,
  withoutFirstDays,
} from './convergence.ts';
import { digestStamps, STAMP_ATTRIBUTES, stampOf } from './digest.ts';
import { readCsns } from './read-csns.ts';

export interface Source {
  readonly host: string;
  readonly directory: DirectoryReader;
}

export interface Look {
  readonly suffix: string;
  /** Compare every entry, and not only their number. */
  readonly deep: boolean;
  /** Read the contents even of servers that are behind: to say what they lack. */
  readonly always?: boolean;
  readonly sleep: (ms: number) => Promise<void>;
}

/** What is on its way arrives in some ms; who is still behind after these looks is behind. */
const CATCH_UP = { looks: 20, everyMs: 50 };
/** Between the looks that tell an entry on its way from one that is missing. */
const AGAIN_MS = 300;

/** Contents are read only when every server has reached the target. */
export async function readReplicas(sources: readonly Source[], look: Look): Promise<Reading> {
  const position = async ({ host, directory }: Source): Promise<Replica> => ({
    host,
    csns: await readCsns(directory, look.suffix),
  });
  let replicas = await Promise.all(sources.map(position));
  const target = withoutFirstDays(newestOf(replicas.map(({ csns }) => csns)));
  for (let looks = 0; looks < CATCH_UP.looks && isWaitedFor(replicas, target); looks++) {
    await look.sleep(CATCH_UP.everyMs);
    replicas = await Promise.all(
      sources.map(async (source, at) => {
        const known = replicas[at];
        return known && lackingSids(known, target).length === 0 ? known : await position(source);
      }),
    );
  }
  const isBehind = (replica: Replica) => replica.csns.size === 0 || lackingSids(replica, target).length > 0;
  if (!look.always && replicas.some(isBehind)) return { target, replicas, gaps: [] };
  const contents = () => Promise.all(sources.map((source, at) => withContent(source, replicas[at], look)));
  const first = await contents();
  const gaps = gapsBetween(first, target);
  const counts = new Set(first.map(({ content }) => content?.count));
  if (gaps.length === 0 && (look.deep || counts.size === 1)) return { target, replicas: first, gaps };
  await look.sleep(AGAIN_MS);
  const second = await contents();
  return { target, replicas: second, gaps: lastingGaps(gaps, gapsBetween(second, target)) };
}

/** A server without any contextCSN is not on its way to anything. */
function isWaitedFor(replicas: readonly Replica[], target: Position): boolean {
  return (
    replicas.every(({ csns }) => csns.size > 0) &&
    replicas.some((replica) => lackingSids(replica, target).length > 0)
  );
}

async function withContent(
  { host, directory }: Source,
  known: Replica | undefined,
  { suffix, deep }: Look,
): Promise<Replica> {
  const entries = await directory.search({
    base: suffix,
    scope: 'sub',
    attributes: deep ? STAMP_ATTRIBUTES : ['1.1'],
    manageDsaIt: true,
  });
  const csns = known?.csns ?? new Map();
  if (!deep) return { host, csns, content: { count: entries.length } };
  const stamps = entries.map(stampOf);
  // Without them any two trees of one size would look the same.
  if (stamps.length > 0 && stamps.every(({ uuid, csn }) => uuid === '' || csn === ''))
    throw new Error(
      `${host}: this account sees no entryUUID and entryCSN below ${suffix}: bind as one that does`,
    );
  return { host, csns, content: { count: stamps.length, digest: digestStamps(stamps), stamps } };
}
