/** `ldap.first-log`: an accesslog that is empty gets its first change. */
import { z } from 'zod';
import type { Change, ChangeAction } from '../engine/action.ts';
import { DATA } from '../engine/place.ts';
import type { DirectoryReader } from '../engine/ports.ts';
import { valuesOf } from '../ldap/config-names.ts';
import { ActionError } from './action-error.ts';
import { addressOf, serverParam } from './ldap-server.ts';

const params = z.strictObject({
  server: serverParam.optional(),
  log: z.string().describe('Suffix of the accesslog, e.g. cn=accesslog'),
  entry: z.string().describe('The entry that is written with the values it has, e.g. the suffix of the tree'),
});

type Params = z.infer<typeof params>;

interface Facts {
  readonly logged: boolean;
  /** objectClass of the entry, which every entry has; undefined where the entry is not there. */
  readonly classes: readonly string[] | undefined;
}

/**
 * Who pulls by a log without a change gets nothing. A contextCSN alone is none: syncprov makes one up when it starts over an
 * empty log, and slapd 2.5.13 may then die of the first who pulls by it.
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
  async read({ server, log, entry }, ports) {
    const directory = await ports.directory(addressOf(server));
    const [found] = await directory.search({ base: entry, scope: 'base', attributes: ['objectClass'] });
    return {
      logged: await holdsAChange(directory, log),
      classes: found && valuesOf(found.attributes, 'objectClass'),
    };
  },
  diff({ log, entry }, { logged, classes }) {
    if (logged) return [];
    if (!classes || classes.length === 0) {
      throw new ActionError(`ldap.first-log: there is no entry ${entry} to write`, {
        next: 'Name an entry that is there, such as the suffix of the tree.',
      });
    }
    const text = `written with the values it has, so that ${log} gets a first change`;
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

async function holdsAChange(directory: DirectoryReader, log: string): Promise<boolean> {
  const [top] = await directory.search({ base: log, scope: 'base', attributes: ['contextCSN'] });
  const csns = valuesOf(top?.attributes ?? {}, 'contextCSN');
  if (csns.length === 0) return false;
  const filter = `(|${csns.map((csn) => `(entryCSN=${csn})`).join('')})`;
  return (await directory.search({ base: log, scope: 'one', filter, attributes: ['1.1'] })).length > 0;
}
