/** Answers that somebody gave before a run, for the hour when nobody is there. */
import type { Operator, Question } from './event.ts';
import type { Answer, Unanswered } from './run.ts';
import { stepIdOf } from './state.ts';

export interface GivenAnswer {
  readonly answer: 'yes' | 'skip';
  readonly because?: string;
}

export interface Answers {
  /** As it is named in messages and in the journal. */
  readonly file: string;
  /** Digest of the sealed plan that was approved. */
  readonly plan?: string;
  /** Who gives them: `bob@desk`. */
  readonly by: string;
  /** ISO 8601; from that moment on they count no more. */
  readonly expires: string;
  /** By the id of a task, or of a step for all its tasks. */
  readonly given: ReadonlyMap<string, GivenAnswer>;
}

export interface AnswerMoment {
  readonly operator: Pick<Operator, 'name'>;
  /** Digest of the sealed plan that the run carries out. */
  readonly digest: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What the file says to a question, or why it says nothing. Pure. */
export function answerFrom(answers: Answers, question: Question, moment: AnswerMoment): Answer | Unanswered {
  const { file, plan, by, given } = answers;
  if (question.purpose === 'doubt') return { unanswered: `${file} settles no doubt` };
  if (question.purpose === 'repeat') return { unanswered: `${file} lets nothing run again that failed` };
  if (question.purpose === 'differs')
    return { unanswered: `${file} approves the change of a plan, and this is another one` };
  const found = given.get(question.task) ?? given.get(stepIdOf(question.task));
  if (!found) return { unanswered: `${file} has no answer to that` };
  const refusal = refusalOf(answers, moment);
  if (refusal !== undefined) return { unanswered: refusal };
  if (question.class === 'two-person') {
    if (plan === undefined)
      return { unanswered: `${file} names no sealed plan, as the word of a second person must` };
    if (isSamePerson(by, moment.operator.name))
      return {
        unanswered: `${file} is by ${by}, and ${moment.operator.name} runs this: a second person has to approve it`,
      };
  }
  return {
    ...found,
    by,
    ground: `answers ${file}${plan === undefined ? '' : ` for plan ${plan}`}`,
  };
}

/** Would the file answer it, if there is one? Else why not. */
export function answered(
  answers: Answers | undefined,
  question: Question,
  moment: AnswerMoment,
): true | string {
  const given = answers && answerFrom(answers, question, moment);
  if (given) return 'answer' in given || given.unanswered;
  return question.class === 'two-person' ? 'a second person has to approve it' : 'nobody is there to answer';
}

/** Why none of these answers counts now. */
export function refusalOf(
  { file, plan, expires }: Answers,
  { digest, now }: AnswerMoment,
): string | undefined {
  // Written so that a date that cannot be read is over.
  if (!(now < Date.parse(expires))) return `${file} has expired: it counted until ${expires}`;
  if (plan === undefined || plan === digest) return undefined;
  return `${file} is for the plan ${plan}, and this run carries out ${digest === undefined ? 'no sealed plan' : digest}`;
}

/** One person may sit at two machines: what counts is the name before the @, in any case of letters. */
export function isSamePerson(one: string, other: string): boolean {
  return nameOf(one) === nameOf(other);
}

function nameOf(person: string): string {
  return (person.split('@')[0] ?? '').toLowerCase();
}
