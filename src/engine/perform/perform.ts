import { stepOf } from '../../plan/step-of.ts';
import type { Input, Move, MoveResult } from '../input.ts';
import { Bug, CannotRecord, findTask, type RunState } from '../state.ts';
import { begin } from './begin.ts';
import { howItBroke, toFailure } from './failure.ts';
import { hint, look } from './look.ts';
import { settle } from './settle.ts';
import type { Stage } from './stage.ts';
import { verify } from './verify.ts';
import { write } from './write.ts';

/** Carries out one move. Whatever the world throws becomes an input; only a fault of the program is thrown on. */
export async function perform(stage: Stage, move: Move, state: RunState): Promise<Input> {
  if (move.kind === 'begin') return begin(stage, move.step, state);
  const { task, attempt, kind } = move;
  const { step } = stepOf(stage.plan, task.id);
  try {
    return await carryOut(stage, move, state);
  } catch (error) {
    if (error instanceof Bug || error instanceof CannotRecord) throw error;
    const { next } = await hint(stage, step, task, state);
    const failure = toFailure(error, next);
    return { type: 'broke', task: task.id, attempt, during: kind, how: howItBroke(error), failure };
  }
}

async function carryOut(
  stage: Stage,
  { kind, task, attempt }: Exclude<Move, { kind: 'begin' }>,
  state: RunState,
): Promise<MoveResult> {
  const { step } = stepOf(stage.plan, task.id);
  const { found } = findTask(state, task.id);
  const now = found.state;
  await stage.meet(task.host);
  switch (kind) {
    case 'look':
      if (now.status !== 'waiting') throw new Bug(`${task.id}: look while ${now.status}`);
      if (now.delayMs) await stage.reading(task).sleep(now.delayMs);
      return {
        type: 'looked',
        task: task.id,
        attempt,
        look: await look(stage, step, task, { ...found, state: now }, state),
      };
    case 'write':
      return write(stage, step, task, attempt, state);
    case 'verify':
      if (now.status === 'verifying' && now.failure)
        return { type: 'broke', task: task.id, attempt, during: kind, how: 'plain', failure: now.failure };
      return verify(stage, step, task, attempt, state);
    case 'settle':
      if (now.status !== 'doubtful') throw new Bug(`${task.id}: settle while ${now.status}`);
      return {
        type: 'settled',
        task: task.id,
        attempt,
        verdict: await settle(stage, step, task, now, state),
      };
  }
}
