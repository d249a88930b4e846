/** The one of `names` that `word` was probably meant to be: at most a third of its letters differ. */
export function suggestion(word: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    if (name === word) continue;
    const far = distance(word.toLowerCase(), name.toLowerCase(), least);
    if (far < least) {
      least = far;
      best = name;
    }
  }
  return best;
}

/** "Did you mean `rid`?", or `otherwise` when nothing is near. */
export function didYouMean(word: string, names: Iterable<string>, otherwise: string): string {
  const near = suggestion(word, names);
  return near === undefined ? otherwise : didYouMeanExactly(near);
}

export function didYouMeanExactly(name: string): string {
  return `did you mean ${JSON.stringify(name)}?`;
}

/** Optimal string alignment (a swap of neighbours counts once); gives up at `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (above[j] ?? limit) + 1,
        (row[j - 1] ?? limit) + 1,
        (above[j - 1] ?? limit) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? limit) + 1);
      }
      row.push(cost);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? limit;
}
