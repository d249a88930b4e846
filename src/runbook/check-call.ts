/** Checks an action's parameters while they still hold `${{ … }}`: each templated text counts as a sample of its type. */
import type { Action } from '../engine/action.ts';
import { Secret } from '../secrets/secret.ts';
import { wantsText } from './check-params.ts';
import type { LeafTypes } from './check-templates.ts';
import type { Findings } from './findings.ts';
import { aType, type Issue, wordIssues } from './issue.ts';
import { type Path, showPath } from './position.ts';
import { pieces, wholeExpression } from './template.ts';
import { type CelType, nameOfType } from './typed-scope.ts';

/** What templated text may turn out to be; a rule that refuses all of these does not depend on the text. */
const texts = ['sample', '/sample', 'cn=sample', '1'];

const sampleHost = { name: 'sample', address: 'sample', platform: 'sample', groups: [], vars: {} };

function sampleOf(type: CelType, round: number): unknown {
  const text = texts[round] ?? 'sample';
  if (type === 'int') return [1, 2, 636, 0][round];
  if (type === 'double') return 1.5;
  if (type === 'bool') return round % 2 === 0;
  if (type === 'Secret') return new Secret('secret', text);
  if (type === 'Host') return sampleHost;
  if (type === 'list') return [];
  if (type.startsWith('list<')) return [sampleOf(type.slice(5, -1), round)];
  return type.startsWith('map') ? {} : text;
}

function withSamples(value: unknown, path: Path, leaves: LeafTypes, round: number): unknown {
  if (typeof value === 'string') {
    const type = leaves.get(showPath(path));
    if (type === undefined) return value;
    if (wholeExpression(value) !== undefined || type === 'Secret') return sampleOf(type, round);
    return pieces(value)
      .map((piece) => (piece.kind === 'text' ? piece.text : texts[round]))
      .join('');
  }
  if (Array.isArray(value))
    return value.map((item, index) => withSamples(item, [...path, index], leaves, round));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  return Object.fromEntries(
    members.map(([key, member]) => [key, withSamples(member, [...path, key], leaves, round)]),
  );
}

/** Reports what is surely wrong with the parameters that stand at `path`. */
export function checkCall(
  action: Action,
  params: unknown,
  path: Path,
  leaves: LeafTypes,
  findings: Findings,
): void {
  const rounds = leaves.size === 0 ? 1 : texts.length;
  const found = Array.from({ length: rounds }, (_, round) => {
    const parsed = action.params.safeParse(withSamples(params, path, leaves, round));
    return (parsed.error?.issues ?? []).filter((issue) => isCertain(issue, path, leaves));
  });
  const [first = [], ...others] = found;
  const certain = first.filter((issue) => {
    return (
      issue.code !== 'custom' ||
      others.every((round) => round.some((each) => identity(each) === identity(issue)))
    );
  });
  const plain = certain.filter((issue) => !reportLeaf(issue, path, leaves, findings));
  for (const wording of wordIssues(plain, params, action.params)) {
    const whole = [...path, ...wording.path];
    if (wording.key) findings.atKey(whole, wording.message, wording.hint);
    else findings.atValue(whole, wording.message, wording.hint);
  }
}

/** An issue about a templated text: its type is wrong. false when the issue is about something else. */
function reportLeaf(issue: Issue, base: Path, leaves: LeafTypes, findings: Findings): boolean {
  const leaf = leafAt([...base, ...issue.path.filter((step) => typeof step !== 'symbol')], leaves);
  if (leaf === undefined) return false;
  if (leaf.type === 'Secret') {
    findings.atValue(
      leaf.path,
      'takes no secret: it would be seen',
      'pass the secret by stdin, env or a parameter made for it',
    );
    return true;
  }
  const wanted = issue.code === 'invalid_type' ? `must be ${aType(issue.expected)}` : 'is of the wrong type';
  const hint =
    leaf.type === 'string' && issue.code === 'invalid_type' && /number|int/.test(issue.expected)
      ? 'convert it: number(…)'
      : 'name another value, or convert it';
  findings.atValue(leaf.path, `${wanted}, but the expression yields ${nameOfType(leaf.type)}`, hint);
  return true;
}

function identity(issue: Issue): string {
  return `${issue.code} ${issue.path.join('.')} ${issue.message}`;
}

/** The templated text at or above a path. */
function leafAt(path: Path, leaves: LeafTypes): { path: Path; type: CelType } | undefined {
  for (let length = path.length; length > 0; length--) {
    const type = leaves.get(showPath(path.slice(0, length)));
    if (type !== undefined) return { path: path.slice(0, length), type };
  }
  return undefined;
}

/** false where the value, and not its type, decides. */
function isCertain(issue: Issue, base: Path, leaves: LeafTypes): boolean {
  const path = [...base, ...issue.path.filter((step) => typeof step !== 'symbol')];
  if (issue.code === 'invalid_union') {
    return issue.errors.every((branch) => branch.some((inner) => isCertain(inner, path, leaves)));
  }
  const leaf = leafAt(path, leaves);
  if (leaf === undefined) return true;
  if ((leaf.type === 'int' || leaf.type === 'double') && wantsText(issue)) return false;
  if (leaf.type === 'dyn' || leaf.path.length < path.length) return false;
  if (issue.code === 'invalid_type') return true;
  if (issue.code === 'custom')
    return leaf.type !== 'string' && leaf.type !== 'Secret' && issue.path.length === 0;
  return issue.code === 'invalid_value' && !issue.values.some((value) => typeof value === jsType(leaf.type));
}

function jsType(type: CelType): string {
  return type === 'int' || type === 'double' ? 'number' : type === 'bool' ? 'boolean' : type;
}
