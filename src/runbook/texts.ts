/** The texts a runbook is made of. Pure: who reads them is `load.ts`, or a journal. */
import type { ParsedDocument } from './parse.ts';

export interface SourceText {
  /** As it is named in messages. */
  readonly file: string;
  readonly text: string;
}

export interface RunbookTexts {
  readonly main: SourceText;
  /** Path below the runbooks root, with `/`. */
  readonly path: string;
  /** Parts by path below the runbooks root, with `/`. */
  readonly parts: Readonly<Record<string, SourceText>>;
}

/** The same, read. */
export interface Documents {
  readonly main: ParsedDocument;
  readonly path: string;
  readonly parts: Readonly<Record<string, ParsedDocument>>;
}

/** Bytes; a runbook is read by people. */
export const sizeLimit = 1024 * 1024;

/** Where `use` may point from a document at `from`: its own folder first, then the root. [] when it leaves the root. */
export function partCandidates(from: string, use: string): readonly string[] {
  if (use.startsWith('/') || use.includes('\\') || use.split('/').includes('..')) return [];
  const folder = from.split('/').slice(0, -1).join('/');
  const own = folder === '' ? use : `${folder}/${use}`;
  return own === use ? [use] : [own, use];
}

/** The path of the part that `use` names, among those there are. */
export function findPart(
  parts: Readonly<Record<string, unknown>>,
  from: string,
  use: string,
): string | undefined {
  return partCandidates(from, use).find((path) => Object.hasOwn(parts, path));
}

/**
 * One text that holds a runbook and its parts, for the journal and for the digest. The same whatever the machine: paths
 * are below the root, line ends are LF, parts are sorted.
 */
export function pinTexts(texts: RunbookTexts): string {
  const parts = Object.keys(texts.parts)
    .sort()
    .map((path) => [path, unixLines(texts.parts[path]?.text ?? '')] as const);
  return JSON.stringify({ path: texts.path, text: unixLines(texts.main.text), parts });
}

/** The inverse of `pinTexts`; files are named by their paths below the root. Throws on anything else. */
export function unpinTexts(pinned: string): RunbookTexts {
  const bundle = JSON.parse(pinned) as { path: string; text: string; parts: [string, string][] };
  if (typeof bundle?.text !== 'string' || typeof bundle.path !== 'string' || !Array.isArray(bundle.parts)) {
    throw new Error('This is not a pinned runbook: it has no "path", "text" and "parts".');
  }
  return {
    main: { file: bundle.path, text: bundle.text },
    path: bundle.path,
    parts: Object.fromEntries(bundle.parts.map(([path, text]) => [path, { file: path, text }])),
  };
}

function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
