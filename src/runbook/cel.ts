/** The CEL environments: one with loose types to evaluate in, and its base for the typed ones of lint. */
import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js';
import { Secret } from '../secrets/secret.ts';
import { registerFunctions, registerOperators } from './cel-functions.ts';
import { CelHost, Lookup } from './cel-value.ts';

/** How `at(host)` finds the captures of another host in the context of an evaluation. */
export const capturesOf = '@captures';

/** Functions, operators, Host and Secret; no variables. Clone it, then add those. */
export const baseEnvironment: Environment = makeBase();

function makeBase(): Environment {
  const env = new Environment({ homogeneousAggregateLiterals: false });
  env.registerType('Host', {
    ctor: CelHost,
    fields: {
      name: 'string',
      address: 'string',
      platform: 'string',
      groups: 'list<string>',
      vars: 'map<string, dyn>',
    },
  });
  env.registerType('Secret', { ctor: Secret, fields: {} });
  registerFunctions(env);
  registerOperators(env);
  env.registerFunction('at(ast): dyn', atMacro);
  return env;
}

/** `at(host).name`: what another host captured. A macro, as it needs the context. */
// biome-ignore lint/suspicious/noExplicitAny: the library types macros as any
function atMacro({ args }: any): any {
  return {
    argument: args[0],
    async: false,
    // biome-ignore lint/suspicious/noExplicitAny: the library types macros as any
    typeCheck(checker: any, macro: any, context: any) {
      const type = checker.check(macro.argument, context);
      if (type.kind !== 'dyn' && type.name !== 'Host') {
        throw checker.createError(
          'no_matching_overload',
          `at(…) takes a host, got ${type.name}`,
          macro.argument,
        );
      }
      return checker.getType('Captured');
    },
    // biome-ignore lint/suspicious/noExplicitAny: the library types macros as any
    evaluate(evaluator: any, macro: any, context: any) {
      const host = evaluator.run(macro.argument, context);
      if (!(host instanceof CelHost)) throw new Error('at(…) takes a host');
      return context.getValue(capturesOf)(host.name);
    },
  };
}

const runtime = makeRuntime();

function makeRuntime(): Environment {
  const env = baseEnvironment.clone();
  env.registerType('Captured', { ctor: Lookup });
  for (const name of ['inputs', 'inventory', 'secrets', 'captured', 'run'])
    env.registerVariable(name, 'Captured');
  for (const name of ['item', 'result']) env.registerVariable(name, 'dyn');
  return env.registerVariable('host', 'Host');
}

const compiled = new Map<string, ParseResult>();

/** Parses once a text. Throws the library's ParseError. */
export function compile(expression: string): ParseResult {
  let found = compiled.get(expression);
  if (found === undefined) {
    found = runtime.parse(expression);
    if (compiled.size > 20_000) compiled.clear();
    compiled.set(expression, found);
  }
  return found;
}

/** Calls `visit` for a node and all nodes below it. */
export function walk(node: ASTNode, visit: (node: ASTNode) => void): void {
  visit(node);
  for (const child of children(node.args)) walk(child, visit);
}

function* children(args: unknown): Generator<ASTNode> {
  if (Array.isArray(args)) for (const item of args) yield* children(item);
  else if (typeof args === 'object' && args !== null && 'op' in args && 'args' in args) yield args as ASTNode;
}

/** Does the expression mention that name as a variable? False for what cannot be parsed. */
export function mentions(expression: string, name: string): boolean {
  return some(expression, (node) => node.op === 'id' && node.args === name);
}

/** Does the expression read that member of that variable, such as `result.code`? False for what cannot be parsed. */
export function asksFor(expression: string, variable: string, member: string): boolean {
  return some(expression, (node) => {
    if (node.op !== '.') return false;
    const [of, name] = node.args;
    return name === member && of.op === 'id' && of.args === variable;
  });
}

function some(expression: string, test: (node: ASTNode) => boolean): boolean {
  let found = false;
  try {
    walk(compile(expression).ast, (node) => {
      if (test(node)) found = true;
    });
  } catch {
    return false;
  }
  return found;
}
