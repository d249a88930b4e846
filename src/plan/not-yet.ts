import type { Problem, Runbook } from '../runbook/model.ts';

/**
 * What the language knows and this version does not carry out. Refused before a host is contacted: a runbook that counts
 * on an invariant must not run without it.
 */
export function notYet(runbook: Runbook): readonly Problem[] {
  const problems: Problem[] = [];
  const [first] = runbook.steps;
  const [invariant] = runbook.invariants;
  if (invariant && first) {
    problems.push({
      ...first.source,
      path: `invariants.${invariant.id}`,
      message: 'invariants are not watched by this version of lockstep',
      hint: 'make it a gate between the steps, or wait for the version that watches it',
      severity: 'error',
    });
  }
  for (const step of runbook.steps) {
    if (step.onFailure !== 'undo') continue;
    problems.push({
      ...step.source,
      path: `${step.id}.on-failure`,
      message: 'on-failure: undo is not carried out by this version of lockstep',
      hint: 'use hold, and undo by hand',
      severity: 'error',
    });
  }
  return problems;
}
