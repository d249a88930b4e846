/** Between lockstep's values and CEL's: CEL's int is a BigInt, and hosts and secrets are types of their own. */
import type { Host } from '../engine/ports.ts';
import { Unknown, type Value } from '../engine/value.ts';
import { Secret } from '../secrets/secret.ts';

/** A host inside an expression: what runbooks may see of it, and nothing of how it is reached. */
export class CelHost {
  readonly name: string;
  readonly address: string;
  readonly platform: string;
  readonly groups: readonly string[];
  readonly vars: unknown;
  /** What leaves the expression. */
  readonly plain: Host;

  constructor({ name, address, platform, groups, vars }: Host) {
    this.name = name;
    this.address = address;
    this.platform = platform;
    this.groups = groups;
    this.vars = toCel(vars);
    this.plain = { name, address, platform, groups, vars };
  }
}

/** A namespace such as `inputs`, whose members are looked up when used. CEL reads members of a Map by `get`. */
export class Lookup extends Map<string, unknown> {
  readonly #find: (key: string) => unknown;

  constructor(find: (key: string) => unknown) {
    super();
    this.#find = find;
  }

  override get(key: string): unknown {
    return this.#find(key);
  }
}

/** Thrown through CEL when an expression touches what is not known yet; never leaves `expression.ts`. */
export class UnknownSignal extends Error {
  readonly unknown: Unknown;

  constructor(unknown: Unknown) {
    super(unknown.because);
    this.unknown = unknown;
  }
}

/** Carries through CEL what the scope threw; never leaves `expression.ts`. */
export class Passed extends Error {
  readonly original: unknown;

  constructor(original: unknown) {
    super('thrown by the scope');
    this.original = original;
  }
}

const converted = new WeakMap<object, unknown>();

/** Objects are converted once; they must not be changed afterwards. */
export function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value;
  if (value instanceof Unknown) throw new UnknownSignal(value);
  let found = converted.get(value);
  if (found === undefined) {
    found = convert(value);
    converted.set(value, found);
  }
  return found;
}

function convert(value: object): unknown {
  if (Array.isArray(value)) return value.map(toCel);
  if (isHost(value)) return new CelHost(value);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toCel(member)]));
}

/** The inverse. Throws an Error with the reason for what is not a value. */
export function fromCel(value: unknown): Value {
  switch (typeof value) {
    case 'bigint':
      if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) {
        throw new Error(`the number ${value} is beyond 2^53`);
      }
      return Number(value);
    case 'string':
    case 'boolean':
    case 'number':
      return value;
    case 'object':
      if (value === null || value instanceof Secret) return value;
      if (Array.isArray(value)) return value.map(fromCel);
      if (value instanceof CelHost) return value.plain as unknown as Value;
      if (value instanceof Lookup) throw new Error('it names a whole namespace; name one member of it');
      if (value instanceof Date) return value.toISOString();
      if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null) {
        return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fromCel(member)]));
      }
  }
  throw new Error(`it yields a ${typeName(value)}, which is no value; turn it into text with string(…)`);
}

function typeName(value: unknown): string {
  return typeof value === 'object' && value !== null ? value.constructor.name : typeof value;
}

/** Is it a host of the inventory, or what an expression gave for one? */
export function isHost(value: unknown): value is Host {
  if (typeof value !== 'object' || value === null) return false;
  const host = value as Partial<Record<keyof Host, unknown>>;
  return (
    typeof host.name === 'string' &&
    typeof host.address === 'string' &&
    typeof host.platform === 'string' &&
    Array.isArray(host.groups) &&
    typeof host.vars === 'object'
  );
}
