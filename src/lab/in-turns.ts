/** More boots than this at a time only make each of them slower. */
const atOnce = 8;

/**
 * Does `work` for each item, some at a time; results in the order of the items. When it settles nothing is under way any
 * more, so that a clean-up after a failure races with nobody; after a failure no further item is begun.
 */
export async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const waiting = [...items.entries()];
  const turn = async () => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      const [index, item] = entry;
      results[index] = await work(item);
    }
  };
  const turns = Array.from({ length: atOnce }, () =>
    turn().catch((error) => {
      waiting.length = 0;
      throw error;
    }),
  );
  const failure = (await Promise.allSettled(turns)).find((one) => one.status === 'rejected');
  if (failure) throw failure.reason;
  return results;
}
