import type { Change, Inverse } from '../engine/action.ts';
import type { Value } from '../engine/value.ts';
import { conditionOf, startsAtBoot, type UnitState } from './unit-state.ts';

/** The unit as it was: by what systemd said of it, not by what was asked for. */
export function serviceInverse(
  { name }: { readonly name: string },
  changes: readonly Change[],
  unit: UnitState,
): Inverse {
  // `data` is made in the diff of `service`.
  const { act, enable } = (changes[0]?.data ?? {}) as Readonly<Record<'act' | 'enable', string>>;
  const wasUp = conditionOf(unit) === 'started';
  const again = act === 'restart' || act === 'reload';
  const back: Record<string, Value> = {
    ...(act === 'stop' && wasUp && { state: 'started' }),
    // A restart of what was down, or dead to all but systemd, has started it.
    ...(act !== '' && act !== 'stop' && !wasUp && { state: 'stopped' }),
    ...(enable !== '' && { enabled: startsAtBoot(unit, enable !== 'enable') }),
  };
  const restart = { action: 'service', params: { name, state: 'restarted' } };
  return {
    calls: Object.keys(back).length > 0 ? [{ action: 'service', params: { name, ...back } }] : [],
    cannot: [],
    ...(again && wasUp && { afterwards: [restart] }),
  };
}
