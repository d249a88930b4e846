/** What expressions may see at each place of a document, with types: what lint checks against. */
import type { Environment } from '@marcbachmann/cel-js';
import { baseEnvironment } from './cel.ts';

/** A CEL type, e.g. `list<Host>`. */
export type CelType = string;

/** The names of one document, as far as they are known at one step. */
export interface Names {
  readonly inputs: Readonly<Record<string, CelType>>;
  readonly secrets: readonly string[];
  /** What earlier steps captured. */
  readonly captured: Readonly<Record<string, CelType>>;
}

/** What depends on the place: `on` has no host yet, only a capture has a result. */
export interface Place {
  readonly host?: boolean;
  readonly item?: CelType;
  readonly result?: boolean;
  /** `captured` and `at` are meaningless, e.g. in invariants and defaults. */
  readonly noCaptures?: boolean;
}

export const variables = ['inputs', 'inventory', 'secrets', 'captured', 'host', 'item', 'result', 'run'];

const celTypes: Readonly<Record<string, CelType>> = {
  host: 'Host',
  hosts: 'list<Host>',
  string: 'string',
  dn: 'string',
  duration: 'string',
  int: 'int',
  bool: 'bool',
  list: 'list',
  secret: 'Secret',
};

/** The type of an input in expressions. */
export function typeOfInput(type: unknown): CelType {
  return (typeof type === 'string' && Object.hasOwn(celTypes, type) && celTypes[type]) || 'dyn';
}

/** A type in a person's words. */
export function nameOfType(type: CelType): string {
  if (type.startsWith('list<')) return `a list of ${plural(type.slice(5, -1))}`;
  return (
    typeWords[type] ?? (type.startsWith('map') ? 'a map' : type.startsWith('list') ? 'a list' : `a ${type}`)
  );
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a number',
  double: 'a number',
  bool: 'true or false',
  Host: 'a host',
  Secret: 'a secret',
  dyn: 'some value',
};

function plural(type: CelType): string {
  return type === 'Host'
    ? 'hosts'
    : type === 'string'
      ? 'texts'
      : type === 'int' || type === 'double'
        ? 'numbers'
        : 'values';
}

/** May a value of that type stand where another is wanted? `dyn` may always. */
export function isAssignable(type: CelType, wanted: CelType): boolean {
  if (type === wanted || type === 'dyn' || wanted === 'dyn') return true;
  // A part may be given no secret at all: the empty text.
  if (type === 'string' && wanted === 'Secret') return true;
  return type.startsWith('list') && (wanted === 'list' || (type === 'list' && wanted.startsWith('list')));
}

/** The members of a namespace or a type, for "did you mean". */
export function membersOf(type: string | undefined, names: Names): readonly string[] {
  switch (type) {
    case 'Inputs':
      return Object.keys(names.inputs);
    case 'Captured':
      return Object.keys(names.captured);
    case 'Secrets':
      return names.secrets;
    case 'Inventory':
      return ['vars', 'hosts'];
    case 'Run':
      return ['id', 'started'];
    case 'Host':
      return ['name', 'address', 'platform', 'groups', 'vars'];
    default:
      return [];
  }
}

const documents = new WeakMap<Names['inputs'], Environment>();
const environments = new WeakMap<Names, Map<string, Environment>>();

/** The environment of a place; types are made once a document, as they cost more than the rest. */
export function environmentOf(names: Names, place: Place): Environment {
  const ofNames = remembered(environments, names, () => new Map([['', withCaptured(names)]]));
  const key = JSON.stringify([place.host, place.item, place.result, place.noCaptures]);
  let found = ofNames.get(key);
  if (found === undefined) {
    found = (ofNames.get('') ?? withCaptured(names)).clone();
    if (!place.noCaptures) found.registerVariable('captured', 'Captured');
    if (place.host) found.registerVariable('host', 'Host');
    if (place.item !== undefined) found.registerVariable('item', place.item);
    if (place.result) found.registerVariable('result', 'dyn');
    ofNames.set(key, found);
  }
  return found;
}

function withCaptured(names: Names): Environment {
  const document = remembered(documents, names.inputs, () => documentEnvironment(names));
  return document.clone().registerType('Captured', { fields: names.captured });
}

function documentEnvironment({ inputs, secrets }: Names): Environment {
  const env = baseEnvironment.clone();
  env.registerType('Inputs', { fields: inputs });
  env.registerType('Secrets', { fields: Object.fromEntries(secrets.map((name) => [name, 'Secret'])) });
  env.registerType('Inventory', { fields: { vars: 'map<string, dyn>', hosts: 'list<Host>' } });
  env.registerType('Run', { fields: { id: 'string', started: 'string' } });
  env.registerVariable('inputs', 'Inputs').registerVariable('inventory', 'Inventory');
  return env.registerVariable('secrets', 'Secrets').registerVariable('run', 'Run');
}

function remembered<K extends object, V>(map: WeakMap<K, V>, key: K, make: () => V): V {
  let found = map.get(key);
  if (found === undefined) {
    found = make();
    map.set(key, found);
  }
  return found;
}
