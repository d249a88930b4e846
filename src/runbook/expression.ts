/** Evaluates `${{ … }}` and bare expressions against a scope. */
import type { Host } from '../engine/ports.ts';
import { Unknown, type Value } from '../engine/value.ts';
import { joinText, Secret } from '../secrets/secret.ts';
import { capturesOf, compile } from './cel.ts';
import { toText } from './cel-functions.ts';
import { fromCel, Lookup, Passed, toCel, UnknownSignal } from './cel-value.ts';
import type { Templated } from './model.ts';
import type { Scope } from './scope.ts';
import { bareExpression, pieces } from './template.ts';

export { isHost } from './cel-value.ts';
export type { Scope } from './scope.ts';

/** An expression that went wrong at run time: a missing key, a wrong type. Lint finds most of them before. */
export class ExpressionError extends Error {
  readonly expression: string;

  constructor(expression: string, reason: string, options?: ErrorOptions) {
    super(`\${{ ${expression} }}: ${reason}`, options);
    this.name = 'ExpressionError';
    this.expression = expression;
  }
}

const templated = new WeakMap<object, boolean>();

/** Does it hold `${{` anywhere inside? Remembered for objects. */
export function isTemplated(value: Templated): boolean {
  if (typeof value === 'string') return value.includes('${{');
  if (typeof value !== 'object' || value === null || value instanceof Secret) return false;
  let found = templated.get(value);
  if (found === undefined) {
    found = Object.values(value).some(isTemplated);
    templated.set(value, found);
  }
  return found;
}

/**
 * The value with every `${{ … }}` evaluated; a text that is one whole expression keeps its type, mixed text is joined
 * (to a Secret as soon as one piece is one). Unknown when any piece is. Hosts come out as plain `Host` objects.
 * `source` is named in errors, e.g. "runbooks/a.yaml:41". Throws ExpressionError.
 */
export function resolve(value: Templated, scope: Scope, source?: string): Value | Unknown {
  if (!isTemplated(value)) return value;
  try {
    return resolveInside(value, contextOf(scope));
  } catch (error) {
    return unknownOrThrow(error, source);
  }
}

/** Evaluates one expression, with or without its braces. Unknown when it touches what is not known yet. */
export function evaluate(expression: string, scope: Scope, source?: string): Value | Unknown {
  try {
    const bare = bareExpression(expression);
    return toValue(bare, run(bare, contextOf(scope)));
  } catch (error) {
    return unknownOrThrow(error, source);
  }
}

function unknownOrThrow(error: unknown, source: string | undefined): Unknown {
  if (error instanceof UnknownSignal) return error.unknown;
  if (error instanceof Passed) throw error.original;
  if (error instanceof ExpressionError && source !== undefined) error.message = `${source}: ${error.message}`;
  throw error;
}

function resolveInside(value: Templated, context: Context): Value {
  if (typeof value === 'string') return value.includes('${{') ? resolveText(value, context) : value;
  if (!isTemplated(value)) return value;
  if (Array.isArray(value)) return value.map((item) => resolveInside(item, context));
  const map = Object.entries(value as Readonly<Record<string, Value>>);
  return Object.fromEntries(map.map(([key, member]) => [key, resolveInside(member, context)]));
}

function resolveText(text: string, context: Context): Value {
  const parts = pieces(text);
  const [first] = parts;
  if (parts.length === 1 && first?.kind === 'expression') {
    return toValue(first.text, run(first.text, context));
  }
  return joinText(
    parts.map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'unclosed')
        throw new ExpressionError(text.slice(part.offset + 3), 'has no closing }}');
      const value = run(part.text, context);
      return guarded(part.text, () => toText(value));
    }),
  );
}

function run(expression: string, context: Context): unknown {
  return guarded(expression, () => compile(expression)(context));
}

function toValue(expression: string, value: unknown): Value {
  return guarded(expression, () => fromCel(value));
}

function guarded<T>(expression: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof UnknownSignal || error instanceof Passed) throw error;
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new ExpressionError(expression, reason, { cause: error });
  }
}

/** The variables of an evaluation, made when used. */
class Context {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  get inputs(): Lookup {
    const { inputs } = this.#scope;
    return new Lookup((name) => (Object.hasOwn(inputs, name) ? toCel(inputs[name]) : undefined));
  }

  get secrets(): Lookup {
    return new Lookup((name) => toCel(asked(() => this.#scope.secrets(name))));
  }

  get captured(): Lookup {
    return this.#capturedOn(this.#scope.host?.name);
  }

  get [capturesOf](): (host: string) => Lookup {
    return (host) => this.#capturedOn(host);
  }

  get host(): unknown {
    return toCel(this.#scope.host);
  }

  get item(): unknown {
    return toCel(this.#scope.item);
  }

  get result(): unknown {
    return toCel(this.#scope.result ?? new Unknown('the result of this step'));
  }

  get inventory(): Lookup {
    const { vars, hosts } = this.#scope.inventory;
    const find = (name: string) =>
      name === 'vars' ? toCel(vars) : name === 'hosts' ? listOf(hosts) : undefined;
    return new Lookup(find);
  }

  get run(): Lookup {
    const { id, started } = this.#scope.run;
    return new Lookup((name) => (name === 'id' ? id : name === 'started' ? started : undefined));
  }

  #capturedOn(host: string | undefined): Lookup {
    return new Lookup((name) => {
      if (host === undefined)
        throw new Error(`captured.${name}: no host is chosen here; use at(host).${name}`);
      const found = asked(() => this.#scope.captured(host, name));
      return toCel(found ?? new Unknown(`captured.${name} on ${host}, which has not happened yet`));
    });
  }
}

/** What the scope itself throws reaches the caller as it is. */
function asked<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw new Passed(error);
  }
}

const contexts = new WeakMap<Scope, Context>();

function contextOf(scope: Scope): Context {
  let found = contexts.get(scope);
  if (found === undefined) {
    found = new Context(scope);
    contexts.set(scope, found);
  }
  return found;
}

const hostLists = new WeakMap<object, unknown>();

function listOf(hosts: Readonly<Record<string, Host>>): unknown {
  let found = hostLists.get(hosts);
  if (found === undefined) {
    found = Object.values(hosts).map(toCel);
    hostLists.set(hosts, found);
  }
  return found;
}
