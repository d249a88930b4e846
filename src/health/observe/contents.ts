/** What the servers hold of the suffix, one look at all of them; who fails meanwhile is left out, and says why. */
import type { DirectoryReader, Search } from '../../engine/ports.ts';
import { valuesOf } from '../../ldap/config-names.ts';
import type { Position, Reading, Replica } from '../../ldap/convergence.ts';
import { type Look, readReplicas, type Source } from '../../ldap/read-replicas.ts';
import type { Content, Seen, SiteFacts } from '../facts.ts';
import { reasonOf, seen } from './seen.ts';

export interface Holdings {
  readonly csns: Seen<Position>;
  readonly content: Seen<Content>;
}

export interface Contents extends Pick<SiteFacts, 'target' | 'gaps'> {
  readonly byHost: ReadonlyMap<string, Holdings>;
}

/** Why a host is left out: of everything, or of the contents alone. */
interface Failure {
  readonly of: 'csns' | 'content';
  readonly why: string;
}

export async function readContents(
  sources: readonly Source[],
  { suffix, deep, sleep }: Pick<Look, 'suffix' | 'deep' | 'sleep'>,
): Promise<Contents> {
  const failures = new Map<string, Failure>();
  let first: Reading | undefined;
  for (;;) {
    const left = sources.filter(({ host }) => !failures.has(host));
    const reading = await readReplicas(
      left.map((source) => forgiving(source, failures)),
      { suffix, deep, sleep, always: true },
    );
    first ??= reading;
    // Compared with one that failed half-way, the others are worth nothing.
    if (left.some(({ host }) => failures.has(host))) continue;
    const { target, gaps } = reading;
    const all = await Promise.all(
      sources.map(async ({ host, directory }) => {
        const failure = failures.get(host);
        const replica = [reading, first]
          .flatMap((one) => one?.replicas ?? [])
          .find((one) => one.host === host);
        return [host, await holdingsOf(replica, failure, directory, suffix)] as const;
      }),
    );
    return { target, ...(deep && { gaps }), byHost: new Map(all) };
  }
}

/** A search that fails is noted, and finds nothing. */
function forgiving({ host, directory }: Source, failures: Map<string, Failure>): Source {
  const search = async (asked: Search) => {
    try {
      return await directory.search(asked);
    } catch (error) {
      const of = asked.scope === 'base' ? 'csns' : 'content';
      // Whoever does not even say where it is has lost more.
      if (failures.get(host)?.of !== 'csns') failures.set(host, { of, why: reasonOf(error) });
      return [];
    }
  };
  return { host, directory: { search } };
}

async function holdingsOf(
  replica: Replica | undefined,
  failure: Failure | undefined,
  directory: DirectoryReader,
  suffix: string,
): Promise<Holdings> {
  const unknown = { unknown: failure?.why ?? 'it was not read' };
  if (!replica || failure?.of === 'csns') return { csns: unknown, content: unknown };
  const { csns, content } = replica;
  if (failure || !content) return { csns: { value: csns }, content: unknown };
  return {
    csns: { value: csns },
    content: await seen(async () => {
      const { count: entries, ...compared } = content;
      return { entries, ...compared, ...(await readSuffix(directory, suffix)) };
    }),
  };
}

async function readSuffix(
  directory: DirectoryReader,
  suffix: string,
): Promise<Pick<Content, 'glue' | 'suffixUuid'>> {
  const [top] = await directory.search({
    // A tree without a suffix has no top entry: its servers share what their products put there first.
    base: suffix === '' ? 'cn=zimbra' : suffix,
    scope: 'base',
    attributes: ['entryUUID'],
    manageDsaIt: true,
  });
  const glue = await directory.search({
    base: suffix,
    filter: '(objectClass=glue)',
    attributes: ['1.1'],
    manageDsaIt: true,
  });
  const [suffixUuid] = valuesOf(top?.attributes ?? {}, 'entryUUID');
  return { glue: glue.length, ...(suffixUuid !== undefined && { suffixUuid }) };
}
