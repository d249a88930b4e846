import type { Action } from '../engine/action.ts';
import type { Value } from '../engine/value.ts';
import { type Issue, valueAt, wordIssues } from './issue.ts';
import { type Path, showPath } from './position.ts';

/** Resolved parameters against the action's schema, at run time: what is wrong, or undefined. */
export function checkParams(action: Action, params: Value): string | undefined {
  return fitted(action, params).problem;
}

/**
 * The parameters as the action wants them: its schema's defaults filled in, a number as text where text is wanted (an
 * expression gives a number, argv takes texts). Throws what `checkParams` says.
 */
export function completeParams(action: Action, params: Value): unknown {
  const { problem, complete } = fitted(action, params);
  if (problem !== undefined) throw new Error(`${action.name}: ${problem}`);
  return complete;
}

function fitted(action: Action, params: Value): { problem?: string; complete?: unknown } {
  let parsed = action.params.safeParse(params);
  if (!parsed.success) {
    const numbers = parsed.error.issues.filter(
      (issue) => wantsText(issue) && isNumber(valueAt(params, pathOf(issue))),
    );
    if (numbers.length > 0) parsed = action.params.safeParse(numbers.reduce(withText, params as unknown));
  }
  if (parsed.success) return { complete: parsed.data };
  const problem = wordIssues(parsed.error.issues, params, action.params)
    .map(({ path, message }) => (path.length === 0 ? message : `${showPath(path)} ${message}`))
    .join('; ');
  return { problem };
}

function pathOf(issue: Issue): Path {
  return issue.path.filter((step) => typeof step !== 'symbol');
}

/** Would a text do? */
export function wantsText(issue: Issue): boolean {
  if (issue.code === 'invalid_union')
    return issue.errors.some((branch) => branch.every((inner) => wantsText(inner)));
  return issue.code === 'invalid_type' && issue.expected === 'string';
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

/** A copy in which the number that the issue is about is a text. */
function withText(value: unknown, issue: Issue): unknown {
  return replace(value, pathOf(issue));
}

function replace(value: unknown, [step, ...rest]: Path): unknown {
  if (step === undefined) return String(value);
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? replace(item, rest) : item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, key === step ? replace(member, rest) : member]),
  );
}
