/** An answers file: its text to answers that fit a plan. Pure. */
import { z } from 'zod';
import type { ActionTable } from '../engine/action.ts';
import type { Answers, GivenAnswer } from '../engine/answers.ts';
import { approves } from '../engine/approval.ts';
import type { Policy } from '../engine/event.ts';
import { stepIdOf } from '../engine/state.ts';
import { Findings, sortProblems } from '../runbook/findings.ts';
import { wordIssues } from '../runbook/issue.ts';
import type { Problem } from '../runbook/model.ts';
import { parseYaml } from '../runbook/parse.ts';
import { didYouMean } from '../runbook/suggestion.ts';
import type { SourceText } from '../runbook/texts.ts';
import { gateOf } from './gate.ts';
import type { Plan } from './plan.ts';

export const ANSWERS_FORMAT = 'lockstep-answers/1';

const answersFile = z.strictObject({
  format: z.literal(ANSWERS_FORMAT),
  plan: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'must be the digest of a sealed plan, sha256:…')
    .optional(),
  by: z.string().regex(/^[^\s\p{C}@][^\s\p{C}]*$/u, 'must be who gives the answers, such as bob@desk'),
  expires: z.iso.datetime({
    offset: true,
    error: 'must be a moment with its zone, such as 2026-11-27T03:00:00+01:00',
  }),
  answers: z
    .array(
      z
        .strictObject({
          task: z.string().min(1),
          answer: z.enum(['yes', 'skip']),
          because: z.string().trim().min(1).optional(),
        })
        .refine(({ answer, because }) => answer !== 'skip' || because !== undefined, {
          error: 'is missing: what is skipped wants a reason',
          path: ['because'],
        }),
    )
    .min(1),
});

type AnswersFile = z.infer<typeof answersFile>;

export interface ParsedAnswers {
  /** Absent when there is any problem. */
  readonly answers?: Answers;
  readonly problems: readonly Problem[];
}

/** `policy` is that of the run: what it passes is never asked of the file. */
export function parseAnswers(
  source: SourceText,
  plan: Plan,
  actions: ActionTable,
  policy: Policy,
): ParsedAnswers {
  const document = parseYaml(source);
  if (document.problems.length > 0) return { problems: sortProblems(document.problems) };
  const findings = new Findings(document);
  const parsed = answersFile.safeParse(document.value);
  if (!parsed.success) {
    for (const { path, key, message, hint } of wordIssues(parsed.error.issues, document.value, answersFile))
      findings[key ? 'atKey' : 'atValue'](path, message, hint);
    return { problems: sortProblems(findings.problems) };
  }
  const given = new Map<string, GivenAnswer>();
  parsed.data.answers.forEach(({ task, answer, because }, index) => {
    const found = given.has(task)
      ? { message: `${task} is answered twice`, hint: 'keep one of the two' }
      : mismatch(task, answer, plan, actions, policy);
    if (found) findings.atValue(['answers', index, 'task'], found.message, found.hint);
    given.set(task, { answer, ...(because !== undefined && { because }) });
  });
  if (findings.problems.length > 0) return { problems: sortProblems(findings.problems) };
  return { answers: answersOf(source.file, parsed.data, given), problems: [] };
}

function answersOf(
  file: string,
  { plan, by, expires }: AnswersFile,
  given: ReadonlyMap<string, GivenAnswer>,
): Answers {
  return { file, by, expires, given, ...(plan !== undefined && { plan }) };
}

/** Why this word names nothing that a file could answer in that plan. */
function mismatch(
  word: string,
  answer: GivenAnswer['answer'],
  plan: Plan,
  actions: ActionTable,
  policy: Policy,
): { message: string; hint: string } | undefined {
  const at = word.lastIndexOf('@');
  const planned = plan.index.get(at < 0 ? word : stepIdOf(word));
  if (!planned)
    return {
      message: `${plan.runbook.name} has no ${at < 0 ? 'step' : 'task'} ${word}`,
      hint: didYouMean(word, names(plan), 'lockstep lint shows its steps'),
    };
  const { step, hosts } = planned;
  const loop = step.forEach !== undefined;
  if (at >= 0 && !hosts.includes(word.slice(at + 1)))
    return {
      message: `${step.id} does not run on ${word.slice(at + 1)}`,
      hint: didYouMean(word.slice(at + 1), hosts, `it runs on ${hosts.join(', ') || 'no host'}`),
    };
  if (at >= 0 && loop !== word.includes('['))
    return {
      message: `${step.id} ${loop ? 'has a task for each item' : 'has no items'}`,
      hint: `write ${step.id}${loop ? '[ITEM]' : ''}@${word.slice(at + 1)}, or ${step.id} for all its tasks`,
    };
  const gate = gateOf(step, actions);
  if (gate === undefined || gate === 'notice')
    return { message: `${step.id} asks nothing that a file could answer`, hint: 'remove it' };
  const ground = approves(policy, gate);
  if (answer === 'skip' && ground !== undefined)
    return {
      message: `${word} would not be skipped: ${ground} passes it before this file is asked`,
      hint: `leave ${ground} out, and answer here what is to be passed`,
    };
  return undefined;
}

function names(plan: Plan): readonly string[] {
  return plan.steps.flatMap(({ step, hosts }) => [step.id, ...hosts.map((host) => `${step.id}@${host}`)]);
}
