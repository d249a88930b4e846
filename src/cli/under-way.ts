import type { RunState } from '../engine/state.ts';

/** What runs on a host now, as `load@ldap2: Load the dump, on ldap2`: it goes on there when lockstep lets go. */
export function underWay(state: RunState | undefined): readonly string[] {
  const step = state?.steps[state.cursor];
  if (!step) return [];
  return step.tasks
    .filter((task) => task.state.status === 'writing' || task.state.status === 'doubtful')
    .map(({ ref, state: { status } }) => {
      const doubt = status === 'doubtful' ? ', which may have begun' : '';
      return `${ref.id}: ${step.brief.title}, on ${ref.host}${doubt}`;
    });
}
