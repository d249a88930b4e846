import type { DiffLine } from '../engine/action.ts';

/** Unchanged lines shown around a difference. */
const context = 3;
/** Above this many cells (old × new lines) the middle is shown as replaced whole; 4 M cells take about 16 MB. */
const cells = 4_000_000;

/** How one text becomes another, line by line, with some context; ` …` stands for lines left out. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  return folded(script(split(before), split(after)));
}

function split(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else lines.push(`${lines.pop() ?? ''} (no newline at the end)`);
  return lines;
}

function script(before: readonly string[], after: readonly string[]): DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < Math.min(before.length, after.length) - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail += 1;
  }
  const kept = (text: string): DiffLine => ({ op: ' ', text });
  return [
    ...before.slice(0, head).map(kept),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(kept),
  ];
}

/** Longest common subsequence by the usual table. */
function middle(before: readonly string[], after: readonly string[]): DiffLine[] {
  const width = after.length + 1;
  const common =
    before.length * after.length > cells ? undefined : new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; common !== undefined && i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const below = common[(i + 1) * width + j] ?? 0;
      const right = common[i * width + j + 1] ?? 0;
      common[i * width + j] =
        before[i] === after[j] ? (common[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(below, right);
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (common !== undefined && old !== undefined && old === fresh) {
      lines.push({ op: ' ', text: old });
      i += 1;
      j += 1;
    } else if (
      old !== undefined &&
      (fresh === undefined ||
        common === undefined ||
        (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      lines.push({ op: '-', text: old });
      i += 1;
    } else if (fresh !== undefined) {
      lines.push({ op: '+', text: fresh });
      j += 1;
    }
  }
  return lines;
}

function folded(lines: readonly DiffLine[]): readonly DiffLine[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - context), at + context + 1).some((line) => line.op !== ' '),
  );
  return lines.flatMap((line, at) => {
    if (near[at] === true) return [line];
    return at === 0 || near[at - 1] === true ? [{ op: ' ' as const, text: '…' }] : [];
  });
}
