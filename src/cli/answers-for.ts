import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { actions } from '../actions/index.ts';
import { type AnswerMoment, type Answers, refusalOf } from '../engine/answers.ts';
import type { Policy } from '../engine/event.ts';
import { parseAnswers } from '../plan/parse-answers.ts';
import type { Plan } from '../plan/plan.ts';
import { EXIT, Stop } from './exit-code.ts';
import { problemLines } from './problem-lines.ts';

/** The answers that `--answers` names, checked against what is to be run. Stops with all that is wrong, before any host is contacted. */
export function answersFor(
  file: string | undefined,
  plan: Plan,
  policy: Policy,
  moment: AnswerMoment,
): Answers | undefined {
  if (file === undefined) return undefined;
  const { answers, problems } = parseAnswers({ file, text: textOrStop(file) }, plan, actions, policy);
  if (!answers)
    throw new Stop(EXIT.usage, problemLines(problems).trimEnd(), 'mend the answers; no host was contacted');
  const refusal = refusalOf(answers, moment);
  if (refusal !== undefined)
    throw new Stop(EXIT.usage, refusal, 'ask for new answers (lockstep approve); no host was contacted');
  // The journal is read elsewhere, and later.
  return { ...answers, file: resolve(file) };
}

function textOrStop(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Stop(
      EXIT.usage,
      `${file} cannot be read: ${code ?? 'unknown error'}`,
      'name a file with answers',
    );
  }
}
