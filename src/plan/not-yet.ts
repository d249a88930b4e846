import type { Problem, Runbook } from '../runbook/model.ts';

/** What the language knows and this version does not carry out. Refused before a host is contacted, not passed over. */
export function notYet(runbook: Runbook): readonly Problem[] {
  const problems: Problem[] = [];
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
