import type { QuestionClass } from '../engine/action.ts';
import { approves } from '../engine/approval.ts';
import type { Question } from '../engine/event.ts';
import type { Forecast, TaskForecast } from '../engine/forecast/forecast.ts';
import type { Input } from '../engine/input.ts';
import type { RunState } from '../engine/state.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../runbook/model.ts';

/**
 * A question that is sure to come and that nobody would answer: it holds the run before the first change, not in the middle.
 * Looks at the hosts only where a step may ask one. `answered`: true where something else than the
 * policy would answer it, else why not.
 */
export async function certainGate(
  plan: Plan,
  state: RunState,
  forecast: () => Promise<Forecast>,
  answered: (question: Question) => true | string = () => 'nobody is there to answer',
): Promise<Extract<Input, { type: 'hold' }> | undefined> {
  const left = plan.steps.slice(state.cursor);
  const passes = (asked: QuestionClass): boolean => approves(state.policy, asked) !== undefined;
  if (!left.some(({ step }) => mayAsk(step, passes))) return undefined;
  const { tasks } = await forecast();
  // What fails before it stops the run there.
  const failing = tasks.findIndex(({ verdict }) => verdict === 'would fail');
  const sure = tasks.slice(0, failing < 0 ? tasks.length : failing).flatMap((task) => questionOf(task) ?? []);
  for (const question of sure) {
    const why = passes(question.class) || answered(question);
    if (why === true) continue;
    const { task, class: asked, text } = question;
    return {
      type: 'hold',
      reason: 'question',
      text: `${task} would ask (${asked}), and ${why}, so nothing was begun: ${text}`,
    };
  }
  return undefined;
}

/** The question that is sure to come with a task; it has no number yet. */
function questionOf(task: TaskForecast): Question | undefined {
  if (task.verdict === 'would ask')
    return { ...task.asks, id: '', task: task.task, purpose: 'ask', changes: [] };
  if (task.verdict !== 'would change' || !task.asks) return undefined;
  return { ...task.asks, id: '', task: task.task, purpose: 'approve', changes: task.changes };
}

function mayAsk({ call, confirm, risk }: Step, passes: (asked: QuestionClass) => boolean): boolean {
  if (call.action === 'confirm' || call.action === 'manual') return true;
  if (risk === 'irreversible' && !passes('typed')) return true;
  return confirm !== undefined && !passes(confirm.class);
}
