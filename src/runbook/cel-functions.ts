import type { Environment } from '@marcbachmann/cel-js';
import { parseCsn } from '../ldap/csn.ts';
import { parseLdapUrl } from '../ldap/ldap-url.ts';
import { parseSyncrepl } from '../ldap/syncrepl.ts';
import { joinText, Secret, type Text } from '../secrets/secret.ts';
import { type CelHost, toCel } from './cel-value.ts';

const sync = { async: false };

/** The pure functions of the language; `docs/writing-a-runbook.md` lists them. They throw Errors in plain words. */
export function registerFunctions(env: Environment): void {
  const add = (signature: string, handler: (...args: never[]) => unknown) =>
    env.registerFunction(signature, handler as (...args: unknown[]) => unknown, sync);

  add('keyvals(string): map<string, string>', keyvals);
  add('lines(string): list<string>', lines);
  add('words(string): list<string>', (text: string) => text.split(/\s+/).filter((word) => word !== ''));
  add('trim(string): string', (text: string) => text.trim());
  add('number(string): dyn', number);
  add('number(int): dyn', (value: bigint) => value);
  add('number(double): dyn', (value: number) => value);
  add('json(string): dyn', json);
  add('time(string): int', time);
  add('names(list<Host>): list<string>', (hosts: CelHost[]) => hosts.map((host) => host.name));
  add('others(list<Host>, Host): list<Host>', (hosts: CelHost[], one: CelHost) =>
    hosts.filter((host) => host.name !== one.name),
  );
  add('join(list<dyn>, string): string', (list: unknown[], separator: string) =>
    list.map((item) => show(item, 'join')).join(separator),
  );
  add('text(list<dyn>): dyn', (list: unknown[]) => joinText(list.map(toText)));
  add('sort(list<T>): list<T>', (list: unknown[]) => [...list].sort(compare));
  add('flat(list<list<T>>): list<T>', (list: unknown[][]) => list.flat());
  add('sids(list<string>): list<int>', (csns: string[]) => csns.map((csn) => BigInt(parseCsn(csn).sid)));
  add('agreement(string): map<string, string>', agreement);
  add('unique(list<T>): list<T>', unique);
  add('min(list<T>): T', (list: unknown[]) => extreme(list, 'min', -1));
  add('max(list<T>): T', (list: unknown[]) => extreme(list, 'max', 1));
}

/** Arithmetic and order between int and double, as a person expects; a secret may be joined into text. */
export function registerOperators(env: Environment): void {
  const numeric: Record<string, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
  };
  for (const [sign, compute] of Object.entries(numeric)) {
    const handler = (a: number | bigint, b: number | bigint) => compute(Number(a), Number(b));
    env.registerOperator(`int ${sign} double: double`, handler);
    env.registerOperator(`double ${sign} int: double`, handler);
  }
  env.registerOperator('Host == Host', (a: CelHost, b: CelHost) => a.name === b.name);
  for (const [left, right] of [
    ['string', 'Secret'],
    ['Secret', 'string'],
    ['Secret', 'Secret'],
  ]) {
    env.registerOperator(`${left} + ${right}: Secret`, (a: Text, b: Text) => joinText([a, b]));
  }
  for (const other of ['Secret', 'string']) {
    env.registerOperator(`Secret == ${other}`, () => {
      throw new Error('a secret cannot be compared');
    });
  }
}

/** A value as a piece of text. Throws for what has no obvious text. */
export function toText(value: unknown): Text {
  return value instanceof Secret ? value : show(value, 'a text');
}

function show(value: unknown, into: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new Error(`${named(value)} cannot be put into ${into}`);
}

function named(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list (use join)';
  if (value instanceof Secret) return 'a secret (write it into the text itself)';
  if (typeof value === 'object' && value.constructor.name === 'CelHost')
    return 'a host (use .name or .address)';
  return 'a map';
}

/** Lines `key=value` or `key = value`; others are passed over, as vendors' tools print headings. */
function keyvals(text: string): Record<string, string> {
  const found: [string, string][] = [];
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf('=');
    if (at > 0) found.push([line.slice(0, at).trim(), line.slice(at + 1).trim()]);
  }
  return Object.fromEntries(found);
}

/** Without line ends; the empty text has no lines. */
function lines(text: string): string[] {
  const all = text.split(/\r?\n/);
  if (all.at(-1) === '') all.pop();
  return all;
}

function number(text: string): bigint | number {
  const trimmed = text.trim();
  if (/^[-+]?\d+$/.test(trimmed)) return BigInt(trimmed.replace(/^\+/, ''));
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(trimmed)) return Number(trimmed);
  throw new Error(`number(…): ${JSON.stringify(text.slice(0, 60))} is not a number`);
}

function json(text: string): unknown {
  try {
    return toCel(JSON.parse(text));
  } catch {
    throw new Error(`json(…): not JSON: ${JSON.stringify(text.slice(0, 60))}`);
  }
}

/** GeneralizedTime (RFC 4517, 3.3.13; seconds and fractions optional, a CSN's first part too) or ISO 8601; epoch ms. */
function time(text: string): bigint {
  const generalized = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:[.,](\d+))?(Z|[-+]\d\d(?:\d\d)?)$/;
  const found = generalized.exec(text.trim());
  let ms = Number.NaN;
  if (found) {
    const [, year, month, day, hour, minute = '00', second = '00', fraction = '', zone = 'Z'] = found;
    const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3) || '00'}`;
    const thousandths = fraction.slice(0, 3).padEnd(3, '0');
    ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${thousandths}${offset}`);
  } else if (/^\d{4}-\d\d-\d\d(T|$)/.test(text.trim())) ms = Date.parse(text.trim());
  if (Number.isNaN(ms)) throw new Error(`time(…): ${JSON.stringify(text.slice(0, 60))} is not a time`);
  return BigInt(ms);
}

/** The words of an olcSyncrepl value by their names in lower case, without credentials; `host` and `port` of the provider. */
function agreement(text: string): Record<string, string> {
  const words = parseSyncrepl(text).words.map(({ key, value }): [string, unknown] => [
    key.toLowerCase(),
    value ?? 'on',
  ]);
  const plain = words.filter((word): word is [string, string] => typeof word[1] === 'string');
  const provider = plain.find(([key]) => key === 'provider')?.[1];
  if (provider === undefined)
    throw new Error('agreement(…): the text has no provider=, and is no olcSyncrepl value');
  const { host, port } = parseLdapUrl(provider);
  return { ...Object.fromEntries(plain), host, port: String(port) };
}

function unique(list: unknown[]): unknown[] {
  const seen = new Set<unknown>();
  return list.filter((item) => {
    const key = identity(item);
    return seen.has(key) ? false : seen.add(key);
  });
}

function identity(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  if ('name' in item && item.constructor.name === 'CelHost') return `host ${String(item.name)}`;
  return JSON.stringify(item, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}

function compare(a: unknown, b: unknown): number {
  const left = sortable(a);
  const right = sortable(b);
  if ((typeof left === 'string') !== (typeof right === 'string')) {
    throw new Error('texts and numbers cannot be put in order together');
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

function sortable(item: unknown): string | bigint | number {
  if (typeof item === 'string' || typeof item === 'bigint' || typeof item === 'number') return item;
  if (typeof item === 'object' && item !== null && item.constructor.name === 'CelHost' && 'name' in item) {
    return String(item.name);
  }
  throw new Error('only texts, numbers and hosts can be put in order');
}

function extreme(list: unknown[], name: string, sign: 1 | -1): unknown {
  if (list.length === 0) throw new Error(`${name}(…) of an empty list`);
  return list.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best));
}
