/** `ldap.first-log`: an accesslog that is empty gets its first change. */
import { z } from 'zod';
import type { Change, ChangeAction } from '../engine/action.ts';
import { DATA } from '../engine/place.ts';
import type { DirectoryReader } from '../engine/ports.ts';
import { valuesOf } from '../ldap/config-names.ts';
import { type Csn, compareCsn, formatCsn } from '../ldap/csn.ts';
import { readCsns } from '../ldap/read-csns.ts';
import type { Source } from '../ldap/read-replicas.ts';
import { readServerIds } from '../ldap/server-id.ts';
import { ActionError } from './action-error.ts';
import { hostsParam } from './ldap-hosts-param.ts';
import { addressOf, serverParam, sourcesOn } from './ldap-server.ts';

const params = z
  .strictObject({
    server: serverParam.optional(),
    log: z.string().describe('Suffix of the accesslog, e.g. cn=accesslog'),
    entry: z
      .string()
      .describe('The entry that is written with the values it has, e.g. the suffix of the tree'),
    suffix: z.string().optional().describe('The tree; belongs to `peers`'),
    peers: hostsParam
      .optional()
      .describe(
        'These must know a change that this server has made itself; it is written where one of them knows none',
      ),
  })
  .refine(({ suffix, peers }) => (suffix === undefined) === (peers === undefined), {
    error: 'suffix and peers belong together',
    path: ['peers'],
  });

type Params = z.infer<typeof params>;

interface Facts {
  readonly logged: boolean;
  /** Peers that lack a change of this server's ID, where what it says to have written itself is no change. */
  readonly deaf: readonly string[];
  /** objectClass of the entry, which every entry has; undefined where the entry is not there. */
  readonly classes: readonly string[] | undefined;
}

/**
 * Who pulls by a log without a change gets nothing. A contextCSN alone is none: syncprov makes one up when it starts over an
 * empty log, and slapd 2.5.13 may then die of the first who pulls by it. It makes one up for a tree that was empty, too, with the
 * server's own ID, which no peer ever gets by a log (2.6.10): they would be behind for ever.
 */
export const ldapFirstLog: ChangeAction<Params, Facts> = {
  kind: 'change',
  name: 'ldap.first-log',
  about:
    'Gives an empty accesslog its first change: an entry is written with the values it has. Without one, whoever pulls by ' +
    'the log gets nothing, and may end the server.',
  proof: 'readback',
  params,
  touches: () => [DATA],
  async read({ server, log, entry, suffix, peers }, ports) {
    const directory = await ports.directory(addressOf(server));
    const [found] = await directory.search({ base: entry, scope: 'base', attributes: ['objectClass'] });
    return {
      logged: await holdsAChange(directory, log),
      deaf:
        suffix === undefined
          ? []
          : await deafPeers(directory, suffix, log, await sourcesOn(peers ?? [], server, ports)),
      classes: found && valuesOf(found.attributes, 'objectClass'),
    };
  },
  diff({ log, entry }, { logged, deaf, classes }) {
    if (logged && deaf.length === 0) return [];
    if (!classes || classes.length === 0) {
      throw new ActionError(`ldap.first-log: there is no entry ${entry} to write`, {
        next: 'Name an entry that is there, such as the suffix of the tree.',
      });
    }
    const why = logged ? `${deaf.join(', ')} gets a change made here` : `${log} gets a first change`;
    const text = `written with the values it has, so that ${why}`;
    const change: Change = { what: entry, lines: [{ op: '+', text }], data: [...classes] };
    return [change];
  },
  async write({ server, entry }, changes, ports) {
    const directory = await ports.directory(addressOf(server));
    for (const change of changes) {
      const values = change.data as readonly string[];
      await directory.modify(entry, [{ op: 'replace', attribute: 'objectClass', values }]);
    }
    return {};
  },
  undo: { about: 'Nothing to undo: no value was changed.', inverse: () => ({ calls: [], cannot: [] }) },
};

/** Those that lack what the server says to have written itself, where that is no change: made up for the tree, or for the log. */
async function deafPeers(
  directory: DirectoryReader,
  suffix: string,
  log: string,
  peers: readonly Source[],
): Promise<readonly string[]> {
  const [config] = await directory.search({ base: 'cn=config', scope: 'base', attributes: ['olcServerID'] });
  const ids = readServerIds(valuesOf(config?.attributes ?? {}, 'olcServerID'));
  if (ids.kind !== 'plain') return [];
  const own = (await readCsns(directory, suffix)).get(ids.id);
  if (own && (await isChange(directory, own, [suffix, log]))) return [];
  const known = await Promise.all(peers.map((peer) => readCsns(peer.directory, suffix)));
  const lacks = (csn: Csn | undefined) => !csn || (own !== undefined && compareCsn(csn, own) < 0);
  return peers.filter((_, index) => lacks(known[index]?.get(ids.id))).map(({ host }) => host);
}

async function isChange(directory: DirectoryReader, csn: Csn, places: readonly string[]): Promise<boolean> {
  const filter = `(entryCSN=${formatCsn(csn)})`;
  for (const base of places)
    if ((await directory.search({ base, filter, scope: 'sub', attributes: ['1.1'] })).length > 0) return true;
  return false;
}

async function holdsAChange(directory: DirectoryReader, log: string): Promise<boolean> {
  const [top] = await directory.search({ base: log, scope: 'base', attributes: ['contextCSN'] });
  const csns = valuesOf(top?.attributes ?? {}, 'contextCSN');
  if (csns.length === 0) return false;
  const filter = `(|${csns.map((csn) => `(entryCSN=${csn})`).join('')})`;
  return (await directory.search({ base: log, scope: 'one', filter, attributes: ['1.1'] })).length > 0;
}
