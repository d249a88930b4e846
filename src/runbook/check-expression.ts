import {
  type ASTNode,
  TypeError as CelTypeError,
  type ParseError,
  type ParseResult,
} from '@marcbachmann/cel-js';
import { walk } from './cel.ts';
import { didYouMean } from './suggestion.ts';
import { type CelType, environmentOf, membersOf, type Names, type Place, variables } from './typed-scope.ts';

/** The type of an expression, or what is wrong with it; `offset` counts from the expression's first character. */
export type Checked =
  | { readonly type: CelType; readonly ast: ASTNode }
  | { readonly message: string; readonly hint: string; readonly offset: number };

/** Checks one expression (without braces) for a place. */
export function checkExpression(expression: string, names: Names, place: Place): Checked {
  if (expression === '')
    return { message: 'the expression is empty', hint: 'write it, or remove ${{ }}', offset: 0 };
  const env = environmentOf(names, place);
  let parsed: ParseResult;
  try {
    parsed = env.parse(expression);
  } catch (error) {
    const { summary, range } = error as ParseError;
    return {
      message: `cannot be read as an expression: ${summary.replace('EOF', 'the end')}`,
      hint: 'text wants quotes inside an expression, and functions are called name(…)',
      offset: Math.min(range?.start ?? 0, expression.length - 1),
    };
  }
  const result = parsed.check();
  if (!result.valid) return explain(result.error, expression, names, place);
  return misuse(parsed.ast, expression) ?? { type: result.type ?? 'dyn', ast: parsed.ast };
}

/** What type checking does not refuse, though it cannot be meant. */
function misuse(ast: ASTNode, expression: string): Checked | undefined {
  let found: Checked | undefined;
  walk(ast, (node) => {
    if (found) return;
    if (node.op !== '+' && comparesSecret(node)) {
      found = {
        message: 'a secret can only be joined into text or passed whole',
        hint: 'compare on the host, in a command that reads it from stdin',
        offset: node.start,
      };
    } else if (node.op === 'rcall' && loops.has(node.args[0])) {
      const [variable] = node.args[2];
      if (variable?.op === 'id' && variables.includes(variable.args)) {
        found = {
          message: `${variable.args} is a name of its own here`,
          hint: 'give the loop variable another name, such as h',
          offset: expression.indexOf(variable.args, variable.start),
        };
      }
    }
  });
  return found;
}

const loops = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);

/** Nodes carry the type the checker found; the library does not declare it. */
type Checkable = ASTNode & { readonly checkedType?: { readonly name: string } };

function typeOf(node: ASTNode | undefined): string | undefined {
  return (node as Checkable | undefined)?.checkedType?.name;
}

const comparisons = new Set(['==', '!=', 'in', '<', '<=', '>', '>=']);

function comparesSecret(node: ASTNode): boolean {
  if (!comparisons.has(node.op) || !Array.isArray(node.args)) return false;
  return node.args.some((side) => /\bSecret\b/.test(typeOf(side as ASTNode) ?? ''));
}

function explain(error: unknown, expression: string, names: Names, place: Place): Checked {
  if (!(error instanceof CelTypeError)) {
    return { message: String(error instanceof Error ? error.message : error), hint: 'rewrite it', offset: 0 };
  }
  const { code, node, summary, range } = error;
  const offset = range?.start ?? 0;
  if (code === 'unknown_variable' && node?.op === 'id') return unknownName(node.args, offset, names, place);
  if (code === 'no_such_key' && node) return unknownMember(node, offset, expression, names);
  if (code === 'no_matching_overload' && node && (node.op === 'call' || node.op === 'rcall')) {
    return wrongCall(node, offset, expression, names, place, summary);
  }
  if (code === 'no_such_overload') {
    const [, left, op, right] = /no such overload: (.*) (\S+) (.*)/.exec(summary) ?? [];
    return {
      message: right === undefined ? summary : `${left} ${op} ${right} is not possible`,
      hint: operandHint(left, op, right),
      offset,
    };
  }
  return {
    message: summary.charAt(0).toLowerCase() + summary.slice(1),
    hint: 'make the types agree',
    offset,
  };
}

function operandHint(left = '', op = '', right = ''): string {
  if (`${left} ${right}`.includes('Secret')) return 'a secret can only be joined into text or passed whole';
  if (op === '+' && left === 'list<Host>' && right === 'Host') return 'put the host in a list: + [host]';
  if (op === '+' && (left === 'string' || right === 'string')) return 'turn it into text with string(…)';
  if (left === 'string' || right === 'string') return 'turn text into a number with number(…)';
  return 'make both sides the same type';
}

function unknownName(name: string, offset: number, names: Names, place: Place): Checked {
  if (variables.includes(name)) {
    const message = `${name} is not known here`;
    return { message, hint: whereKnown[name] ?? 'it is not available at this place', offset };
  }
  const namespace = ['inputs', 'captured', 'secrets'].find((space) =>
    membersOf(`${space.charAt(0).toUpperCase()}${space.slice(1)}`, names).includes(name),
  );
  const functions = environmentOf(names, place)
    .getDefinitions()
    .functions.map((each) => each.name);
  const otherwise = `names are ${variables.join(', ')}; text wants quotes`;
  const hint =
    namespace === undefined
      ? didYouMean(name, [...variables, ...functions], otherwise)
      : `did you mean "${namespace}.${name}"?`;
  return { message: `unknown name ${JSON.stringify(name)}`, hint, offset };
}

const whereKnown: Readonly<Record<string, string>> = {
  host: 'no host is chosen here; name one by an input, or use inputs.… and at(…)',
  item: 'only a step with for-each has an item',
  result: 'only capture, until and the until of check and verify see a result',
  captured: 'nothing is captured yet at this place: defaults and invariants stand before the steps',
};

function unknownMember(node: ASTNode, offset: number, expression: string, names: Names): Checked {
  const [left, key] = node.args as [ASTNode, unknown];
  const name = typeof key === 'string' ? key : String((key as ASTNode).args);
  const type = typeOf(left);
  const members = membersOf(type, names);
  const at = node.op === '[]' ? Math.max(0, expression.indexOf(name, left.end)) : offset;
  const what = type === undefined ? '' : (memberNames[type] ?? ` of a ${type}`);
  const message = `unknown name ${JSON.stringify(name)}${what}`;
  const otherwise =
    members.length === 0 ? 'there are none yet at this place' : `known: ${members.join(', ')}`;
  return { message, hint: didYouMean(name, members, otherwise), offset: at };
}

const memberNames: Readonly<Record<string, string>> = {
  Inputs: ' among the inputs',
  Captured: ': no earlier step captures it',
  Secrets: ' among the secrets',
  Inventory: ' of the inventory',
  Run: ' of the run',
};

function wrongCall(
  node: ASTNode & { op: 'call' | 'rcall' },
  offset: number,
  expression: string,
  names: Names,
  place: Place,
  summary: string,
): Checked {
  const [name] = node.args;
  const at = node.op === 'rcall' ? Math.max(0, expression.indexOf(name, node.args[1].end)) : offset;
  const known = environmentOf(names, place).getDefinitions().functions;
  const same = known.filter(
    (each) => each.name === name && (each.receiverType !== null) === (node.op === 'rcall'),
  );
  if (same.length === 0) {
    const others = known.filter((each) => (each.receiverType !== null) === (node.op === 'rcall'));
    const hint = didYouMean(
      name,
      others.map((each) => each.name),
      'docs/writing-a-runbook.md lists the functions',
    );
    return { message: `unknown function ${JSON.stringify(name)}`, hint, offset: at };
  }
  const given = /'(.*)'/.exec(summary)?.[1] ?? `${name}(…)`;
  return {
    message: `${given} is not possible`,
    hint: `it takes ${same.map((each) => each.signature).join(' or ')}`,
    offset: at,
  };
}
