import type { Operator, Question } from '../engine/event.ts';

interface Needed {
  readonly run: string;
  readonly question: Pick<Question, 'task' | 'purpose'>;
  /** Why it has not been answered. */
  readonly unanswered: string;
  readonly operator: Pick<Operator, 'name'>;
  readonly digest: string | undefined;
}

/** What a question for two persons needs before the run can go on, and the commands for it. */
export function twoPersonLines({ run, question, unanswered, operator, digest }: Needed): readonly string[] {
  if (question.purpose === 'repeat')
    return [
      'This step takes two people, and so nobody lets it run again alone. Look at its host, say what became of it, then go on:',
      `  lockstep resolve ${run} ${question.task} --as applied (or not-applied) --because "what you saw"`,
      `  lockstep resume ${run} --answers FILE`,
    ];
  if (digest === undefined)
    return [
      `This takes two people: ${unanswered}.`,
      'This run carries out no sealed plan that somebody else could have approved. Seal one, and run that:',
      '  lockstep plan RUNBOOK --out PLAN',
      `  lockstep approve PLAN --out FILE            by somebody else than ${operator.name}`,
      '  lockstep run --plan PLAN --answers FILE',
    ];
  return [
    `This takes two people: ${unanswered}.`,
    `Somebody else than ${operator.name} approves the plan ${digest}:`,
    '  lockstep approve PLAN --out FILE',
    `  lockstep resume ${run} --answers FILE`,
  ];
}
