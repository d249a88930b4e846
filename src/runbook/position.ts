import { isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import type { ParsedDocument } from './parse.ts';

export type Path = readonly (string | number)[];

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** `steps[3].ldap.agreement.rid` */
export function showPath(path: Path): string {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`;
  return text;
}

interface Found {
  readonly key: Node | undefined;
  readonly node: Node | undefined;
  /** How many steps of the path exist. */
  readonly depth: number;
}

/** Follows the path as far as it exists; `key` is the last key on the way, so a missing key points at its parent's. */
function follow(document: ParsedDocument, path: Path): Found {
  let node: Node | undefined = document.root ?? undefined;
  let key: Node | undefined;
  let depth = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === step);
      if (pair === undefined) break;
      key = pair.key as Node;
      node = (pair.value as Node | null) ?? undefined;
    } else if (isSeq(node) && typeof step === 'number') {
      const item = node.items[step] as Node | undefined;
      if (item === undefined) break;
      key = item;
      node = item;
    } else break;
    depth++;
  }
  return { key, node, depth };
}

/** Line and column of the key at `path`; of the nearest parent's key when it is missing. */
export function keyPosition(document: ParsedDocument, path: Path): Position {
  return positionAt(document, follow(document, path).key?.range?.[0] ?? 0);
}

/** Line and column of the value at `path`; of the nearest parent's key when it is missing. */
export function valuePosition(document: ParsedDocument, path: Path): Position {
  const { key, node, depth } = follow(document, path);
  const found = depth === path.length ? (node ?? key) : key;
  return positionAt(document, found?.range?.[0] ?? 0);
}

/** Line and column of the character at `offset` of the text that stands at `path`: block, quoted or plain. */
export function textPosition(document: ParsedDocument, path: Path, offset: number): Position {
  const { node } = follow(document, path);
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return valuePosition(document, path);
  return positionAt(document, sourceOffset(document.text, node, node.value, offset));
}

/** Walks value and source side by side: indentation, folded line ends and quoting exist in the source only. */
function sourceOffset(text: string, node: Scalar, value: string, offset: number): number {
  const [start, end] = node.range ?? [0, 0];
  let at = start;
  if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') at++;
  if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') {
    const header = text.indexOf('\n', start);
    at = header < 0 ? start : header + 1;
  }
  for (let index = 0; index <= offset && index < value.length; index++) {
    const wanted = value[index] ?? '';
    if (/\s/.test(wanted)) continue;
    while (at < end && text[at] !== wanted) at++;
    if (at >= end) return start;
    if (index === offset) return at;
    at++;
    // '' inside single quotes is one quote
    if (wanted === "'" && node.type === 'QUOTE_SINGLE') at++;
  }
  return Math.min(at, end);
}

function positionAt(document: ParsedDocument, offset: number): Position {
  const { line, col } = document.lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
