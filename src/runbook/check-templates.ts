/** Checks every `${{ … }}` inside a value, and remembers the type of each text that holds one. */
import { checkExpression } from './check-expression.ts';
import type { Findings } from './findings.ts';
import { type Path, showPath } from './position.ts';
import { barePieces, type Piece, pieces } from './template.ts';
import { type CelType, type Names, nameOfType, type Place } from './typed-scope.ts';

/** Where expressions stand: whose names they see, and where problems go. */
export interface Site {
  readonly findings: Findings;
  readonly names: Names;
  readonly place: Place;
}

/** Path (as shown) of a templated text → its type; `dyn` when unknown or wrong. */
export type LeafTypes = Map<string, CelType>;

/** The type of a value as CEL sees it; problems go to the site. */
export function checkTemplates(
  value: unknown,
  path: Path,
  site: Site,
  leaves: LeafTypes = new Map(),
): CelType {
  if (typeof value === 'string') {
    if (!value.includes('${{')) return 'string';
    const type = checkText(pieces(value), path, site);
    leaves.set(showPath(path), type);
    return type;
  }
  if (Array.isArray(value)) {
    const types = value.map((item, index) => checkTemplates(item, [...path, index], site, leaves));
    const [first] = types;
    return first !== undefined && types.every((type) => type === first) ? `list<${first}>` : 'list';
  }
  if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) checkTemplates(member, [...path, key], site, leaves);
    return 'map<string, dyn>';
  }
  return typeof value === 'number'
    ? Number.isInteger(value)
      ? 'int'
      : 'double'
    : typeof value === 'boolean'
      ? 'bool'
      : 'dyn';
}

function checkText(parts: readonly Piece[], path: Path, site: Site): CelType {
  const types = parts.map((part) => (part.kind === 'text' ? 'string' : checkPiece(part, path, site)));
  if (parts.length === 1) return types[0] ?? 'dyn';
  parts.forEach((part, index) => {
    const cure = inText(types[index] ?? 'dyn');
    if (cure !== undefined && part.kind === 'expression') {
      site.findings.inText(
        path,
        part.offset,
        `${nameOfType(types[index] ?? 'dyn')} cannot be put into text`,
        cure,
      );
    }
  });
  return types.includes('Secret') ? 'Secret' : 'string';
}

/** How to make text of a type that has none by itself. */
function inText(type: CelType): string | undefined {
  if (type === 'Host') return 'use its .name or .address';
  if (type === 'list<Host>') return 'use join(names(…), ",")';
  if (type.startsWith('list')) return 'use join(…, ",")';
  return type.startsWith('map') || type === 'null' ? 'name one member of it' : undefined;
}

/** Checks one piece; `dyn` when it is wrong. */
export function checkPiece(part: Piece, path: Path, site: Site): CelType {
  if (part.kind === 'text') return 'string';
  if (part.kind === 'unclosed') {
    site.findings.inText(path, part.offset, '${{ has no closing }}', 'close the expression with }}');
    return 'dyn';
  }
  const checked = checkExpression(part.text, site.names, site.place);
  if ('type' in checked) return checked.type;
  site.findings.inText(path, part.offset + checked.offset, checked.message, checked.hint);
  return 'dyn';
}

/** A field that is one bool expression, with or without braces. */
export function checkCondition(value: unknown, path: Path, site: Site): void {
  if (typeof value !== 'string') return;
  const parts = barePieces(value);
  const [part] = parts;
  if (parts.length !== 1 || part === undefined || part.kind === 'text') {
    site.findings.atValue(path, 'must be one bool expression', 'write one ${{ … }} and nothing around it');
    return;
  }
  const type = checkPiece(part, path, site);
  if (type === 'bool' || type === 'dyn' || part.kind !== 'expression') return;
  site.findings.inText(path, part.offset, `must be true or false, is ${nameOfType(type)}`, comparison(type));
}

function comparison(type: CelType): string {
  if (type.startsWith('list')) return 'compare its size: size(…) > 0';
  return type === 'string' ? 'compare it: … == "yes"' : 'compare it with ==, < or >';
}
