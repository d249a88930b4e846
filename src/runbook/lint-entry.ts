/** What holds of every entry of a list with ids: steps and invariants. */
import type { Findings } from './findings.ts';
import type { Path } from './position.ts';
import type { Raw } from './to-model.ts';

/** An id names one thing of its list. */
export function lintId(
  raw: Raw,
  path: Path,
  ids: Map<string, number>,
  index: number,
  findings: Findings,
): void {
  const { id } = raw;
  if (typeof id !== 'string') return;
  const before = ids.get(id);
  if (before === undefined) ids.set(id, index);
  else
    findings.atValue([...path, 'id'], `the id ${id} is taken by ${path[0]}[${before}]`, 'give it another id');
}

/** Texts that are shown as they stand. */
export function lintPlainTexts(raw: Raw, findings: Findings, path: Path = []): void {
  for (const key of ['title', 'about']) {
    const text = raw[key];
    if (typeof text !== 'string' || !text.includes('${{')) continue;
    const hint = 'write plain words; the plan shows the values';
    findings.inText([...path, key], text.indexOf('${{'), `${key} cannot hold \${{ }}`, hint);
  }
}
