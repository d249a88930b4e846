import { parseDuration } from '../engine/duration.ts';
import type { Host } from '../engine/ports.ts';
import { Unknown, type Value } from '../engine/value.ts';
import type { Inventory } from '../inventory/model.ts';
import { select } from '../inventory/selector.ts';
import { ExpressionError, isHost, resolve } from '../runbook/expression.ts';
import type { InputSpec, Runbook } from '../runbook/model.ts';
import type { Scope } from '../runbook/scope.ts';
import { didYouMean } from '../runbook/suggestion.ts';
import { fixedScope } from './fixed-scope.ts';

export type InputValue = Value | Host | readonly Host[];

/** One thing an input lacks: `name`, what is wrong, what to do. */
export interface InputProblem {
  readonly name: string;
  readonly message: string;
  readonly hint: string;
}

export interface BoundInputs {
  readonly values: Readonly<Record<string, InputValue>>;
  readonly problems: readonly InputProblem[];
}

/**
 * The inputs of a run: what was given (`--set name=text`), else the default. All problems at once. A default may use
 * inputs that stand before it, `inventory` and `run`.
 */
export function bindInputs(
  runbook: Runbook,
  inventory: Inventory,
  given: Readonly<Record<string, string>>,
  run: Scope['run'],
): BoundInputs {
  const values: Record<string, InputValue> = {};
  const problems: InputProblem[] = [];
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(runbook.inputs, name)) continue;
    const names = Object.keys(runbook.inputs);
    const hint = didYouMean(name, names, `its inputs are ${names.join(', ') || 'none'}`);
    problems.push({ name, message: `${runbook.name} has no input ${name}`, hint });
  }
  for (const [name, spec] of Object.entries(runbook.inputs)) {
    const scope = fixedScope(inventory, values, run);
    const bound = bindOne(name, spec, Object.hasOwn(given, name) ? given[name] : undefined, inventory, scope);
    if ('problem' in bound) problems.push(bound.problem);
    else values[name] = bound.value;
  }
  return { values, problems };
}

type Bound = { readonly value: InputValue } | { readonly problem: InputProblem };

function bindOne(
  name: string,
  spec: InputSpec,
  given: string | undefined,
  inventory: Inventory,
  scope: Scope,
): Bound {
  const wrong = (message: string, hint: string): Bound => ({ problem: { name, message, hint } });
  let value: Value | Unknown;
  if (given !== undefined) value = given;
  else if (spec.default === undefined) {
    const about = spec.about ? ` (${spec.about})` : '';
    return wrong(`input ${name} is not set${about}`, `give it with --set ${name}=${exampleOf(spec)}`);
  } else {
    try {
      value = resolve(spec.default, scope);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return wrong(
        `the default of input ${name} cannot be had: ${error.message}`,
        `give it with --set ${name}=${exampleOf(spec)}`,
      );
    }
  }
  if (value instanceof Unknown)
    return wrong(`the default of input ${name} is unknown: ${value.because}`, `give it with --set ${name}=…`);
  const typed = convert(spec, value, inventory);
  if ('problem' in typed) return wrong(`input ${name}: ${typed.problem}`, typed.hint);
  if (spec.oneOf && !spec.oneOf.includes(String(typed.value)))
    return wrong(
      `input ${name} is ${JSON.stringify(typed.value)}`,
      `it must be one of ${spec.oneOf.join(', ')}`,
    );
  return typed;
}

type Typed = { readonly value: InputValue } | { readonly problem: string; readonly hint: string };

function convert(spec: InputSpec, value: Value, inventory: Inventory): Typed {
  switch (spec.type) {
    case 'host':
    case 'hosts':
      return toHosts(spec.type, value, inventory);
    case 'int': {
      const number = typeof value === 'string' && !/^-?\d+$/.test(value) ? Number.NaN : Number(value);
      if (typeof value !== 'boolean' && value !== null && Number.isSafeInteger(number))
        return { value: number };
      return { problem: `${JSON.stringify(value)} is not a whole number`, hint: 'give digits only' };
    }
    case 'bool':
      if (typeof value === 'boolean') return { value };
      if (value === 'true' || value === 'false') return { value: value === 'true' };
      return { problem: `${JSON.stringify(value)} is not true or false`, hint: 'give true or false' };
    case 'list':
      return toList(value);
    case 'duration':
      if (typeof value === 'string' && isDuration(value)) return { value };
      return {
        problem: `${JSON.stringify(value)} is not a duration`,
        hint: 'such as 500ms, 30s, 10m or 1h30m',
      };
    case 'dn':
      // The empty one names the whole of a directory without a suffix.
      if (typeof value === 'string' && /^([A-Za-z][\w-]*=|$)/.test(value)) return { value };
      return {
        problem: `${JSON.stringify(value)} is not a distinguished name`,
        hint: 'such as dc=example,dc=com',
      };
    case 'string':
      return typeof value === 'string'
        ? { value }
        : { problem: `${JSON.stringify(value)} is not a text`, hint: 'quote it' };
  }
}

/** `a,b` or, where an item holds a comma or is no text, JSON: `["a,b",3]`. */
function toList(value: Value): Typed {
  if (Array.isArray(value)) return { value };
  if (typeof value !== 'string')
    return { problem: `${JSON.stringify(value)} is not a list`, hint: 'such as a,b or ["a","b"]' };
  if (!value.trimStart().startsWith('['))
    return {
      value: value
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean),
    };
  try {
    return { value: JSON.parse(value) as Value };
  } catch {
    return {
      problem: `${JSON.stringify(value)} begins like JSON, but is none`,
      hint: 'such as a,b or ["a","b"]',
    };
  }
}

function toHosts(type: 'host' | 'hosts', value: Value, inventory: Inventory): Typed {
  if (value === '[]' && type === 'hosts') return { value: [] };
  if (typeof value === 'string') {
    const selection = select(inventory, value);
    if (!selection.ok) {
      const [first] = selection.problems;
      return {
        problem: first?.message ?? `no host ${value}`,
        hint: first?.hint ?? 'look at lockstep inventory show',
      };
    }
    const hosts = selection.hosts.flatMap((name) => inventory.hosts[name] ?? []);
    if (type === 'hosts') return { value: hosts };
    const [only] = hosts;
    if (only && hosts.length === 1) return { value: only };
    return { problem: `${value} names ${hosts.length} hosts`, hint: 'name exactly one host' };
  }
  const names = (Array.isArray(value) ? value : [value]).map((one: Value) =>
    typeof one === 'string' ? one : hostName(one),
  );
  const hosts = names.flatMap((name) =>
    name !== undefined && Object.hasOwn(inventory.hosts, name) ? (inventory.hosts[name] ?? []) : [],
  );
  if (hosts.length !== names.length)
    return { problem: 'not a host of the inventory', hint: 'look at lockstep inventory show' };
  const [only] = hosts;
  if (type === 'hosts') return { value: hosts };
  return only && hosts.length === 1
    ? { value: only }
    : { problem: `${hosts.length} hosts`, hint: 'name exactly one host' };
}

/** An input as text that binds to the same value again: what the journal keeps. */
export function inputText(value: InputValue): string {
  if (Array.isArray(value)) {
    const names = value.map((one: Value) => (isHost(one) ? one.name : one));
    const plain = names.length > 0 && names.every((one) => typeof one === 'string' && /^[^,\s[]+$/.test(one));
    return plain ? names.join(',') : JSON.stringify(names);
  }
  return isHost(value as Value) ? (value as Host).name : String(value);
}

function hostName(value: Value): string | undefined {
  if (typeof value !== 'object' || value === null || !('name' in value)) return undefined;
  return typeof value.name === 'string' ? value.name : undefined;
}

function isDuration(text: string): boolean {
  try {
    parseDuration(text);
    return true;
  } catch {
    return false;
  }
}

function exampleOf(spec: InputSpec): string {
  const examples = {
    host: 'HOST',
    hosts: 'SELECTOR',
    int: 'NUMBER',
    bool: 'true',
    dn: 'DN',
    duration: '30s',
    list: 'A,B',
    string: 'TEXT',
  };
  return examples[spec.type];
}
