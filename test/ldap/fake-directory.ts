/** Directories in memory behind the engine's ports. A write is one operation, recorded; values renumber as in slapd. */
import { FilterParser } from 'ldapts';
import type {
  DirectoryWriter,
  Entry,
  Host,
  Modification,
  Search,
  WritePorts,
} from '../../src/engine/ports.ts';
import { isUnder, parentDn, sameDn } from '../../src/ldap/dn.ts';
import { applyModifications } from '../../src/ldap/modifications.ts';
import { reveal, type Text } from '../../src/secrets/secret.ts';

export type Tree = Record<string, Record<string, readonly string[]>>;

export interface FakeDirectory extends DirectoryWriter {
  readonly tree: Tree;
  /** `modify <dn>` and so on, in order. */
  readonly log: string[];
  readonly modifications: (readonly Modification[])[];
}

export function fakeDirectory(tree: Tree): FakeDirectory {
  const log: string[] = [];
  const modifications: (readonly Modification[])[] = [];
  const keyOf = (dn: string) => Object.keys(tree).find((name) => sameDn(name, dn));
  const must = (dn: string) => {
    const key = keyOf(dn);
    if (key === undefined) throw new Error(`noSuchObject ${dn}`);
    return key;
  };
  return {
    tree,
    log,
    modifications,
    search: async (search) => {
      if (keyOf(search.base) === undefined && search.base !== 'cn=config') return [];
      const found = Object.entries(tree).filter(
        ([dn, attributes]) => inScope(dn, search) && matches(attributes, search.filter),
      );
      return found.map(([dn, attributes]): Entry => ({ dn, attributes: structuredClone(attributes) }));
    },
    add: async (dn, attributes) => {
      log.push(`add ${dn}`);
      tree[dn] = Object.fromEntries(
        Object.entries(attributes).map(([name, values]: [string, readonly Text[]]) => [
          name,
          values.map(reveal),
        ]),
      );
    },
    modify: async (dn, list) => {
      log.push(`modify ${dn}`);
      modifications.push(list);
      const key = must(dn);
      tree[key] = { ...applyModifications(tree[key] ?? {}, list) };
    },
    remove: async (dn) => {
      log.push(`delete ${dn}`);
      delete tree[must(dn)];
    },
  };
}

function inScope(dn: string, { base, scope = 'sub' }: Search): boolean {
  if (scope === 'base') return sameDn(dn, base);
  return scope === 'one' ? sameDn(parentDn(dn) ?? ' ', base) : isUnder(dn, base);
}

function matches(attributes: Record<string, readonly string[]>, filter = '(objectClass=*)'): boolean {
  if (/^\(objectClass=\*\)$/i.test(filter)) return true;
  const parsed = FilterParser.parseString(filter);
  const rows = Object.entries(attributes).flatMap(([name, values]) =>
    values.map((value) => ({ [name]: value })),
  );
  return rows.some((row) => parsed.matches(row, false));
}

export interface FakePorts extends WritePorts {
  readonly notes: string[];
}

/** Ports over named fakes; time moves only by `sleep`. `onSleep` is told the time, to change the world meanwhile. */
export function fakePorts(
  directories: Readonly<Record<string, DirectoryWriter>>,
  onSleep?: (now: number) => void,
): FakePorts {
  const clock = { now: 1_000_000 };
  const notes: string[] = [];
  const refuse = () => Promise.reject(new Error('only directories here'));
  const on = (name: string): FakePorts => {
    const directory = directories[name];
    if (!directory) throw new Error(`no host ${name}`);
    return {
      host: fakeHost(name),
      directory: () => Promise.resolve(directory),
      on,
      notes,
      probe: refuse,
      execute: refuse,
      transfer: refuse,
      reaches: refuse,
      clockSkew: refuse,
      now: () => clock.now,
      sleep: async (ms) => {
        clock.now += ms;
        onSleep?.(clock.now);
      },
      signal: new AbortController().signal,
      note: (line) => notes.push(line),
    };
  };
  return on(Object.keys(directories)[0] ?? '');
}

export function fakeHost(name: string): Host {
  return { name, address: `10.0.0.${name.at(-1)}`, platform: 'openldap', groups: [], vars: {} };
}

/** cn=config of a server with one database, as 2.5 shows it. */
export function configTree(
  database: Record<string, readonly string[]> = {},
  version: '2.4' | '2.5' = '2.5',
): Tree {
  const multi = version === '2.4' ? "NAME 'olcMirrorMode'" : "NAME ( 'olcMultiProvider' 'olcMirrorMode' )";
  return {
    'cn=config': { objectClass: ['olcGlobal'], cn: ['config'] },
    'cn=module{0},cn=config': {
      objectClass: ['olcModuleList'],
      cn: ['module{0}'],
      olcModuleLoad: ['{0}back_mdb.la'],
    },
    'cn=schema,cn=config': {
      objectClass: ['olcSchemaConfig'],
      cn: ['schema'],
      olcAttributeTypes: [`( OLcfgDbAt:0.16 ${multi} EQUALITY booleanMatch )`],
      olcObjectClasses: [
        "( OLcfgDbOc:12.1 NAME 'olcMdbConfig' )",
        "( OLcfgGlOc:4 NAME 'olcDatabaseConfig' )",
      ],
    },
    'olcDatabase={1}mdb,cn=config': {
      objectClass: ['olcDatabaseConfig', 'olcMdbConfig'],
      olcDatabase: ['{1}mdb'],
      olcSuffix: ['dc=example,dc=org'],
      olcRootDN: ['cn=admin,dc=example,dc=org'],
      ...database,
    },
  };
}
