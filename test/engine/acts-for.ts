import { actOn, type HeldAct } from '../../src/engine/held-act.ts';
import type { RunState } from '../../src/engine/state.ts';

/** The acts that would be taken on this task now. */
export function actsFor(state: RunState, task: string): readonly HeldAct['kind'][] {
  const asked = state.steps[state.cursor]?.tasks.find(({ ref }) => ref.id === task);
  const words = asked?.state.status === 'doubtful' ? DOUBT : FAILURE;
  return words.filter((kind) => !('refusal' in actOn(state, [{ kind, task, because: '-' }], '-')));
}

const FAILURE = ['retry', 'skip', 'done'] as const;
const DOUBT = ['retry', 'applied', 'not-applied'] as const;
