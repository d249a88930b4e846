import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type { Problem } from './model.ts';
import { type SourceText, sizeLimit } from './texts.ts';

/** A YAML document with what is needed to point into it. */
export interface ParsedDocument {
  readonly file: string;
  readonly text: string;
  /** Plain JSON; what could not be read is null. */
  readonly value: unknown;
  readonly root: Node | null;
  readonly lines: LineCounter;
  readonly problems: readonly Problem[];
}

/** People do not nest deeper than this; recursion further down may rely on it. */
const depthLimit = 60;

/** Reads YAML 1.2. Never throws: all that is wrong becomes problems, the rest is read as well as it can be. */
export function parseYaml({ file, text }: SourceText): ParsedDocument {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const report = (offset: number, message: string, hint: string) => {
    const { line, col } = lines.linePos(Math.max(0, offset));
    const place = { line: Math.max(1, line), column: Math.max(1, col) };
    problems.push({ file, ...place, path: '', message, hint, severity: 'error' });
  };
  const done = (root: Node | null, value: unknown) => ({ file, text, value, root, lines, problems });

  if (new TextEncoder().encode(text).length > sizeLimit) {
    report(0, 'is larger than 1 MiB', 'a runbook is read by people: move steps into parts');
    return done(null, null);
  }
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { lineCounter: lines, version: '1.2', uniqueKeys: true, strict: true });
  } catch {
    report(0, 'cannot be read: it is nested too deeply', `nest at most ${depthLimit} levels`);
    return done(null, null);
  }
  for (const error of [...document.errors, ...document.warnings]) {
    report(error.pos[0], ...wording(error));
  }
  const fatal = document.errors.some((error) => error.code !== 'DUPLICATE_KEY');
  return done(document.contents, fatal ? null : plain(document.contents, 0, report));
}

function wording(error: YAMLError): [message: string, hint: string] {
  const summary = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return ['the same key stands twice in one map', 'keep one of the two'];
    case 'TAG_RESOLVE_FAILED':
      return [`${summary}: tags are not part of the language`, 'write the value without the tag'];
    case 'MULTIPLE_DOCS':
      return ['a file holds one document', 'remove the second "---" and what follows it'];
    case 'TAB_AS_INDENT':
      return ['a tab is used as indentation', 'indent with spaces'];
    default:
      return [
        `not valid YAML: ${summary}`,
        'text that holds ": " or " #", or begins with one of {[*&!|>%@, wants quotes',
      ];
  }
}

type Report = (offset: number, message: string, hint: string) => void;

function plain(node: unknown, depth: number, report: Report): unknown {
  if (isAlias(node)) {
    report(node.range?.[0] ?? 0, `alias *${node.source} is refused`, 'write the value out, or use a part');
    return null;
  }
  if (isScalar(node)) return scalar(node.value, node.source, node.range?.[0] ?? 0, report);
  if (depth > depthLimit && (isMap(node) || isSeq(node))) {
    report(node.range?.[0] ?? 0, 'is nested too deeply', `nest at most ${depthLimit} levels`);
    return null;
  }
  if (isSeq(node)) return node.items.map((item) => plain(item, depth + 1, report));
  if (!isMap(node)) return null;
  const map: Record<string, unknown> = {};
  for (const { key, value } of node.items) {
    if (!isScalar(key) || key.value === '__proto__') {
      report((key as Node | null)?.range?.[0] ?? 0, 'a key must be a plain word', 'quote it, or rename it');
      continue;
    }
    map[String(key.value)] = plain(value, depth + 1, report);
  }
  return map;
}

function scalar(value: unknown, source: string | undefined, offset: number, report: Report): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'number') return value;
  if (source !== undefined && /^[-+]?0\d/.test(source)) {
    report(offset, `${source} is a number in YAML and would be read as ${value}`, `quote it: "${source}"`);
  } else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    report(offset, `${source ?? value} is too large for a number`, `quote it: "${source ?? value}"`);
  }
  return value;
}
