import { existsSync } from 'node:fs';
import { stringify } from 'yaml';
import { parseDuration } from '../engine/duration.ts';
import { ANSWERS_FORMAT } from '../plan/parse-answers.ts';
import { tame } from '../reporters/style.ts';
import { didYouMean } from '../runbook/suggestion.ts';
import type { ApproveOptions } from './approve.ts';
import { EXIT, Stop } from './exit-code.ts';
import { writeNewFile } from './new-file.ts';
import { operatorOf } from './operator.ts';
import { gatesOf, type PlannedGate, readSealedPlan } from './sealed-plan.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** Read the plan, show its questions, ask once, write the answers. */
export async function approvePlan(file: string, options: ApproveOptions): Promise<number> {
  const plan = readSealedPlan(file);
  const gates = chosen(gatesOf(plan), options.task);
  const because = options.because?.trim() || undefined;
  const out = options.out ?? `${file}.answers.yaml`;
  const expires = new Date(Date.now() + termOf(options.for)).toISOString();
  if (existsSync(out)) throw taken(out);
  const terminal = openTerminal(process.stdin, process.stdout);
  const { name, host } = operatorOf(terminal, process.env);
  const by = `${name}@${host}`;
  const { runbook, digest } = plan;
  print(`${tame(`${runbook.name} ${runbook.version}`)}, plan ${digest}`);
  for (const { task, class: cls, text } of gates) print(`  ${tame(task)}  ${cls}: ${tame(text, 2000)}`);
  const count = gates.length === 1 ? 'this question' : `these ${gates.length} questions`;
  print(`Answers yes to ${count}, by ${by}, until ${expires}.`);
  if (!(await isMeant(terminal, because, options))) {
    print('nothing was approved');
    return EXIT.question;
  }
  const answers = gates.map(({ task }) => ({ task, answer: 'yes', ...(because && { because }) }));
  write(out, stringify({ format: ANSWERS_FORMAT, plan: digest, by, expires, answers }, { lineWidth: 0 }));
  print(`written to ${out}; whoever runs the plan adds: --answers ${out}`);
  return EXIT.done;
}

function chosen(gates: readonly PlannedGate[], only: readonly string[] | undefined): readonly PlannedGate[] {
  if (gates.length === 0)
    throw new Stop(
      EXIT.usage,
      'this plan asks nothing, so there is nothing to approve',
      'it runs without answers',
    );
  for (const word of only ?? []) {
    if (gates.some(({ task, step }) => task === word || step === word)) continue;
    const known = gates.flatMap(({ task, step }) => [task, step]);
    const asked = gates.map(({ task }) => task).join(', ');
    throw new Stop(
      EXIT.usage,
      `this plan asks nothing at ${word}`,
      didYouMean(word, known, `it asks at ${asked}`),
    );
  }
  return only ? gates.filter(({ task, step }) => only.includes(task) || only.includes(step)) : gates;
}

/** What was approved a month ago is nobody's word any more. */
const LONGEST_MS = 30 * 86_400_000;

function termOf(text: string): number {
  try {
    const ms = parseDuration(text);
    if (ms > 0 && ms <= LONGEST_MS) return ms;
  } catch {
    // Said below.
  }
  throw new Stop(
    EXIT.usage,
    `--for is ${JSON.stringify(text)}`,
    'give a duration such as 30m, 8h or 2d, at most 30d',
  );
}

async function isMeant(
  terminal: Terminal,
  because: string | undefined,
  { yes }: ApproveOptions,
): Promise<boolean> {
  if (terminal.present)
    return (await terminal.line('Type approve to write them, anything else writes nothing: ')) === 'approve';
  if (yes && because !== undefined) return true;
  throw new Stop(
    EXIT.question,
    'nothing was approved: nobody is there to ask',
    'approve at a terminal, or give both --yes and --because "…"',
  );
}

function write(out: string, text: string): void {
  try {
    writeNewFile(out, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw taken(out);
    throw new Stop(
      EXIT.usage,
      `${out} cannot be written: ${code ?? String(error)}`,
      'name another place with --out',
    );
  }
}

function taken(out: string): Stop {
  return new Stop(EXIT.usage, `${out} is there already`, 'name another file with --out, or remove it');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
