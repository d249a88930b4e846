/** Reads YAML with the places of its parts. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type ParsedNode,
  parseDocument,
  type ScalarTag,
  type Tags,
  type YAMLMap,
} from 'yaml';
import { type Draft, type Place, report } from './draft.ts';
import { Unsafe, Vaulted } from './variable.ts';

export interface YamlSource {
  readonly file: string;
  readonly root: unknown;
  /** The node's value as plain JavaScript. Throws on aliases that blow up. */
  plain(node: unknown): unknown;
  /** The node an alias stands for. */
  resolve(node: unknown): unknown;
  /** Where a path of keys stands; the nearest parent when it is not there. With `key`, the key and not its value. */
  placeOf(path: readonly PropertyKey[], key?: boolean): Place;
  placeOfPair(map: YAMLMap, key: string): Place;
}

const vault: ScalarTag = { tag: '!vault', resolve: () => new Vaulted() };
const oldVault: ScalarTag = { tag: '!vault-encrypted', resolve: () => new Vaulted() };
const unsafe: ScalarTag = { tag: '!unsafe', resolve: (text) => new Unsafe(text) };

/** PyYAML takes 1.0e+3 for a number, but neither 1e3 nor 1.0e3 (its resolver.py). */
const EXPONENT = /^[-+]?[0-9][0-9_]*\.[0-9_]*[eE][-+][0-9]+$/;

/** PyYAML speaks YAML 1.1 (yes, 0644, merge keys); dates stay strings, as they are in JSON. */
const ANSIBLE = {
  version: '1.1',
  uniqueKeys: false,
  customTags: (tags: Tags): Tags => [...tags.flatMap(likePyYaml), vault, oldVault, unsafe],
} as const;

function likePyYaml(tag: Tags[number]): Tags {
  if (typeof tag === 'string') return tag === 'timestamp' ? [] : [tag];
  if (tag.tag.endsWith(':timestamp')) return [];
  return 'format' in tag && tag.format === 'EXP' ? [{ ...(tag as ScalarTag), test: EXPONENT }] : [tag];
}

/** Undefined when the text is no YAML; the problems are then in the draft. */
export function readYaml(
  draft: Draft,
  file: string,
  text: string,
  dialect: 'strict' | 'ansible',
): YamlSource | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    ...(dialect === 'ansible' ? ANSIBLE : {}),
  });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  for (const error of document.errors) {
    report(
      draft,
      'error',
      placeAt(error.pos[0]),
      '',
      `not valid YAML: ${error.message}`,
      'mend the YAML at this place',
    );
  }
  if (document.errors.length > 0) return undefined;
  const offsetOf = (node: unknown): number => (node as ParsedNode | null)?.range?.[0] ?? 0;
  return {
    file,
    root: document.contents,
    plain: (node) => plainOf(document, node),
    resolve: (node) => (isAlias(node) ? node.resolve(document) : node),
    placeOf: (path, key = false) => placeAt(offsetAt(document, path, key, offsetOf)),
    placeOfPair: (map, key) => placeAt(offsetOf(pairOf(map, key)?.key ?? map)),
  };
}

function plainOf(document: Document.Parsed, node: unknown): unknown {
  if (node === null || typeof node !== 'object') return node;
  return (node as ParsedNode).toJS(document, { maxAliasCount: 100 });
}

function offsetAt(
  document: Document.Parsed,
  path: readonly PropertyKey[],
  key: boolean,
  offsetOf: (node: unknown) => number,
): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true) ?? document.contents;
    const last = String(path[length - 1]);
    const pair = isMap(parent) ? pairOf(parent, last) : undefined;
    if (pair) return offsetOf(length < path.length || key ? pair.key : (pair.value ?? pair.key));
    const item = document.getIn(path.slice(0, length), true);
    if (item !== undefined && item !== null) return offsetOf(item);
  }
  return offsetOf(document.contents);
}

function pairOf(map: YAMLMap, key: string): { key: unknown; value: unknown } | undefined {
  return map.items.find((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key) === key);
}
