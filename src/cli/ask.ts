import { type AnswerMoment, type Answers, answerFrom } from '../engine/answers.ts';
import type { Operator, Question } from '../engine/event.ts';
import type { Answer, Unanswered } from '../engine/run.ts';
import { type Style, tame } from '../reporters/style.ts';
import { askPlainly, type Terminal } from './terminal.ts';
import { twoPersonLines } from './two-person.ts';

export interface AskPorts {
  readonly run: string;
  readonly terminal: Terminal;
  /** Who is asked in the place of plain lines: a screen, which shows for itself what is asked and answered. */
  readonly person?: ((question: Question) => Promise<Answer | undefined>) | undefined;
  readonly operator: Pick<Operator, 'name'>;
  readonly answers: Answers | undefined;
  /** Digest of the sealed plan that the run carries out. */
  readonly digest: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly write: (text: string) => void;
  readonly style: Style;
}

/** Who answers: the answers file, then the person at the terminal; a question for two persons is never that one's. */
export async function ask(ports: AskPorts, question: Question): Promise<Answer | Unanswered | undefined> {
  const { terminal, operator, answers, digest, style } = ports;
  const moment: AnswerMoment = { operator, digest, now: ports.now() };
  const given = answers && answerFrom(answers, question, moment);
  const tell = (lines: readonly string[]): void => {
    if (!terminal.present || ports.person) return;
    ports.write(`\n${style.bold(`${question.task}: ${tame(question.text, 2000)}`)}\n`);
    for (const line of lines) ports.write(`  ${line}\n`);
  };
  if (given && 'answer' in given) {
    tell([]);
    return given;
  }
  if (question.class === 'two-person') {
    const unanswered = given?.unanswered ?? 'a second person has to approve it';
    tell(twoPersonLines({ run: ports.run, question, unanswered, operator, digest }));
    return { unanswered };
  }
  if (ports.person) return (await ports.person(question)) ?? given;
  return (await askPlainly(terminal, question, operator.name, ports.write, style)) ?? given;
}
