import type { Problem } from './model.ts';
import type { ParsedDocument } from './parse.ts';
import { keyPosition, type Path, type Position, showPath, textPosition, valuePosition } from './position.ts';

/** Collects what is wrong with one document; every finding names its place and its cure. */
export class Findings {
  readonly document: ParsedDocument;
  readonly problems: Problem[] = [];

  constructor(document: ParsedDocument) {
    this.document = document;
  }

  /** Points at the key. */
  atKey(path: Path, message: string, hint: string, severity: Problem['severity'] = 'error'): void {
    this.#add(keyPosition(this.document, path), path, message, hint, severity);
  }

  /** Points at the value. */
  atValue(path: Path, message: string, hint: string, severity: Problem['severity'] = 'error'): void {
    this.#add(valuePosition(this.document, path), path, message, hint, severity);
  }

  /** Points at a character of the text at `path`. */
  inText(path: Path, offset: number, message: string, hint: string): void {
    this.#add(textPosition(this.document, path, offset), path, message, hint, 'error');
  }

  #add(place: Position, path: Path, message: string, hint: string, severity: Problem['severity']): void {
    this.problems.push({
      file: this.document.file,
      ...place,
      path: showPath(path),
      message,
      hint,
      severity,
    });
  }
}

/** In reading order, without repetitions. What YAML itself misreads is said once, without its consequences. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const place = ({ file, line, column }: Problem) => JSON.stringify([file, line, column]);
  const misread = new Set(problems.filter(({ path, line }) => path === '' && line > 1).map(place));
  const seen = new Set<string>();
  return problems
    .filter((problem) => problem.path === '' || !misread.has(place(problem)))
    .filter((problem) => {
      const key = JSON.stringify(problem);
      return seen.has(key) ? false : seen.add(key);
    })
    .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column));
}
