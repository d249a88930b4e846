/**
 * Changes of one entry of cn=config that slapd takes while it runs, and that keep it from starting again or leave it half
 * working. Each was seen on 2.5.13, most on 2.4.57 and 2.6.10 too: docs/openldap-notes.md. What shows in no single entry is in `server-traps.ts`.
 */
import { attributeKey, parseBoolean, valuesOf, withoutIndex } from './config-names.ts';
import { sameValue } from './config-values.ts';
import { isUnder } from './dn.ts';
import { forwardNames, lostNames } from './schema-traps.ts';
import { readServerIds } from './server-id.ts';
import { syncreplTrap } from './syncrepl-traps.ts';

export type Attributes = Readonly<Record<string, readonly string[]>>;

export interface Trap {
  readonly fact: string;
  /** What to do instead, one sentence. */
  readonly next: string;
}

interface Rule {
  /** The attributes that it is about. */
  readonly of: readonly string[];
  readonly fact: string;
  readonly next: string;
  /** True of the change too where it is true of the state that is left. */
  is(after: Attributes, before: Attributes): boolean;
}

const fails = (words: string) => `: slapd takes that, and at its next start it fails with "${words}"`;
const isTrue = (entry: Attributes, name: string) => parseBoolean(valuesOf(entry, name)[0]) === true;
const has = (entry: Attributes, name: string) => valuesOf(entry, name).length > 0;
const isDatabase = (entry: Attributes) => has(entry, 'olcDatabase');

/** slapd ends, at once or at its next start. */
const ENDS: readonly Rule[] = [
  {
    of: ['olcMultiProvider', 'olcSyncrepl'],
    fact: `olcMultiProvider would be TRUE without an olcSyncrepl${fails('database is not a shadow')}`,
    next: 'Delete both in this step, or use ldap.agreement with state: absent.',
    is: (entry) => isDatabase(entry) && isTrue(entry, 'olcMultiProvider') && !has(entry, 'olcSyncrepl'),
  },
  {
    of: ['olcUpdateRef', 'olcSyncrepl', 'olcUpdateDN'],
    fact: `olcUpdateRef would be there without an olcSyncrepl${fails('must appear after syncrepl or updatedn')}`,
    next: 'Delete both in this step, or use ldap.agreement with state: absent.',
    is: (entry) => has(entry, 'olcUpdateRef') && !has(entry, 'olcSyncrepl') && !has(entry, 'olcUpdateDN'),
  },
  {
    of: ['olcSyncrepl', 'olcRootDN'],
    fact: `olcSyncrepl would be there without an olcRootDN${fails('rootDN must be defined before syncrepl may be used')}`,
    next: 'Leave the database an olcRootDN: what is replicated is written as it.',
    is: (entry) => isDatabase(entry) && has(entry, 'olcSyncrepl') && !has(entry, 'olcRootDN'),
  },
  {
    of: ['olcRootPW', 'olcRootDN', 'olcSuffix', 'olcDatabase'],
    fact: `olcRootPW would be there without an olcRootDN under the suffix${fails('can only be set when rootdn is under suffix')}`,
    next: 'Delete olcRootPW in this step too, or keep olcRootDN under olcSuffix.',
    is: (entry) => isDatabase(entry) && has(entry, 'olcRootPW') && !ownRoot(entry),
  },
  {
    of: ['olcDisabled', 'olcRootPW'],
    fact: `olcDisabled would be TRUE of a database with an olcRootPW${fails('can only be set when rootdn is under suffix')}`,
    next: 'Delete olcRootPW in this step too.',
    is: (entry) => isDatabase(entry) && isTrue(entry, 'olcDisabled') && has(entry, 'olcRootPW'),
  },
  {
    of: ['olcSpSessionlogSource', 'olcOverlay'],
    fact: 'olcSpSessionlogSource would come together with its overlay: slapd 2.5 and 2.6 die of that at once',
    next: 'Add the overlay without it, and set it in a step of its own.',
    is: (after, before) => has(after, 'olcSpSessionlogSource') && !has(before, 'olcOverlay'),
  },
];

/** slapd goes on, but not as it should; or only what is not seen here decides whether it starts. */
const LIMPS: readonly Rule[] = [
  {
    of: ['olcServerID'],
    fact:
      'olcServerID would get the URL form: if no URL matches a listener, slapd keeps its old ID, and at its next ' +
      'start it fails with "no serverID / URL match found"',
    next: 'Use ldap.server-id, which sets one plain number.',
    is: (after, before) =>
      readServerIds(valuesOf(after, 'olcServerID')).kind === 'urls' &&
      readServerIds(valuesOf(before, 'olcServerID')).kind !== 'urls',
  },
  {
    of: ['olcServerID'],
    fact: 'olcServerID would give two servers the same ID: slapd takes that, and the one’s changes hide the other’s',
    next: 'Give each server an ID of its own.',
    is: (entry) => {
      const ids = readServerIds(valuesOf(entry, 'olcServerID'));
      return ids.kind === 'urls' && new Set(ids.ids.map(({ id }) => id)).size < ids.ids.length;
    },
  },
  {
    of: ['olcDbMaxSize'],
    fact: 'olcDbMaxSize would become smaller: slapd takes that, and where the data is larger writes fail with error 80',
    next: 'Leave it: what is not used costs nothing. Smaller it gets by slapcat and slapadd into a new folder.',
    is: (after, before) =>
      has(before, 'olcDbDirectory') && maxSize(after) > 0 && maxSize(after) < maxSize(before),
  },
  {
    of: ['olcDbMaxSize'],
    fact: 'olcDbMaxSize would be more than 64 TiB: slapd cannot map that, closes the database, and dies at the next read',
    next: 'Give it as much as the data may ever need.',
    is: (entry) => maxSize(entry) > 64 * 1024 ** 4,
  },
  {
    of: ['olcSuffix', 'olcDbDirectory'],
    fact: 'a database would get another suffix or folder: slapd takes that, and what it holds is gone from view at once',
    next: 'Make a new database (ldap.database) and load it; or move it with slapd stopped.',
    is: (after, before) =>
      isDatabase(before) && ['olcSuffix', 'olcDbDirectory'].some((name) => loses(name, after, before)),
  },
];

/** Why an entry of cn=config must not become like `after`; undefined when nothing is known against it. `before` is {} for a new one. */
export function trapIn(before: Attributes, after: Attributes): Trap | undefined {
  return (
    endIn(before, after) ??
    firstOf(LIMPS, before, after) ??
    schemaTrap(before, after) ??
    agreementTrap(before, after)
  );
}

/** The same, but only what slapd would not survive: for what was there before and is to come back. */
export function endIn(before: Attributes, after: Attributes): Trap | undefined {
  return firstOf(ENDS, before, after);
}

/** The attributes by which a change of these is judged, beyond themselves. */
export function judgedWith(names: readonly string[]): readonly string[] {
  const keys = new Set(names.map(attributeKey));
  const rules = [...ENDS, ...LIMPS].filter(({ of }) => of.some((name) => keys.has(attributeKey(name))));
  return [...new Set(rules.flatMap(({ of }) => of))];
}

/** What was so before is not the fault of this change. */
function firstOf(rules: readonly Rule[], before: Attributes, after: Attributes): Trap | undefined {
  return rules.find(({ is }) => is(after, before) && !is(before, before));
}

function schemaTrap(before: Attributes, after: Attributes): Trap | undefined {
  const lost = lostNames(before, after);
  if (lost.length > 0) {
    return {
      fact:
        `the schema would lose ${lost.join(', ')}: slapd takes that, and does not start again while a class, an index, ` +
        'an access rule or an overlay names it; entries that have it no longer show it',
      next: 'Leave it: a definition that nobody uses harms nothing. It goes from a slapcat -n 0 with slapd stopped.',
    };
  }
  const [name] = forwardNames(after).filter((one) => !forwardNames(before).includes(one));
  if (name === undefined) return undefined;
  return {
    fact: `${name} would stand in front of what it is derived from${fails('not found')}`,
    next: 'Add it without a position: it goes to the end.',
  };
}

function agreementTrap(before: Attributes, after: Attributes): Trap | undefined {
  const values = (entry: Attributes) => valuesOf(entry, 'olcSyncrepl').map(withoutIndex);
  const known = values(before);
  return values(after)
    .filter((value) => !known.includes(value))
    .map(syncreplTrap)
    .find((trap) => trap !== undefined);
}

/** May the database have an olcRootPW? cn=config and cn=monitor have suffixes that they do not show. */
function ownRoot(entry: Attributes): boolean {
  const type = withoutIndex(valuesOf(entry, 'olcDatabase')[0] ?? '').toLowerCase();
  const [root = type === 'config' ? 'cn=config' : undefined] = valuesOf(entry, 'olcRootDN');
  const suffixes = type === 'config' || type === 'monitor' ? [`cn=${type}`] : valuesOf(entry, 'olcSuffix');
  return root !== undefined && suffixes.some((suffix) => isUnder(root, suffix));
}

/** Bytes; 0 means what the file has. back-mdb's own default is 10 MiB. */
function maxSize(entry: Attributes): number {
  return Number(valuesOf(entry, 'olcDbMaxSize')[0] ?? 10 * 1024 ** 2);
}

function loses(name: string, after: Attributes, before: Attributes): boolean {
  const left = valuesOf(after, name);
  return valuesOf(before, name).some((value) => !left.some((one) => sameValue(name, one, value)));
}
