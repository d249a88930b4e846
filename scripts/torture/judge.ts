/** Judges a round by what its hosts show, and holds lockstep's record against it. Pure. */
import type { EventOf, Stamped } from '../../src/engine/event.ts';
import { type Expected, expectedTasks } from './counted.ts';
import type { HostSeen, RoundSeen } from './observe.ts';
import { TOOK_EFFECT } from './operator.ts';

export interface Verdict {
  /** Executions beyond one of commands that must run once. */
  readonly executedTwice: number;
  /** Executions found on a host of which the journal does not know the true outcome. */
  readonly outcomesLost: number;
  /** 1 when the round ended other than an undisturbed one. */
  readonly wrongEnds: 0 | 1;
  /** What was found, a line each. */
  readonly findings: readonly string[];
}

/** `calm` is an undisturbed round on the same two hosts. */
export function judge(seen: RoundSeen, calm: RoundSeen): Verdict {
  const [first = '', second = ''] = Object.keys(seen.hosts);
  const tasks = expectedTasks([first, second]);
  const twice = tasks.flatMap((task) => executedTwice(task, seen));
  const lost = tasks.flatMap((task) => outcomesLost(task, seen));
  // A round that was given up differs in every way; why it was says enough.
  const wrong =
    seen.complaints.length > 0
      ? seen.complaints
      : [...tasks.flatMap((task) => neverRan(task, seen)), ...differs(seen, calm)];
  return {
    executedTwice: twice.length,
    outcomesLost: lost.length,
    wrongEnds: wrong.length > 0 ? 1 : 0,
    findings: [
      ...twice.map((what) => `executed twice: ${what}`),
      ...lost.map((what) => `outcome lost: ${what}`),
      ...wrong.map((what) => `wrong end: ${what}`),
    ],
  };
}

const executionsOf = (task: Expected, seen: RoundSeen) =>
  (seen.hosts[task.host]?.executions ?? []).filter(({ name }) => name === task.name);

function executedTwice(task: Expected, seen: RoundSeen): string[] {
  const all = executionsOf(task, seen);
  if (!task.once) return [];
  return all.slice(1).map(({ pid }) => `${task.task} ran as ${all[0]?.pid}, and again as ${pid}`);
}

function neverRan(task: Expected, seen: RoundSeen): string[] {
  const all = executionsOf(task, seen);
  if (all.length === 0) return [`${task.task} never took effect`];
  return all.flatMap(({ nonce, pid }) =>
    nonce === seen.nonce ? [] : [`${task.task} counted "${nonce}" as ${pid}`],
  );
}

/** What the journal says of one attempt of a task. */
interface Attempt {
  readonly wrote?: EventOf<'task.wrote'>;
  readonly settled?: EventOf<'task.settled'>;
}

/**
 * Each execution must be accounted for by an attempt of its own: by its exit code and its whole output, or, where these
 * went down with a host or a shell, by a settlement that says what became of it.
 */
function outcomesLost(task: Expected, seen: RoundSeen): string[] {
  const lost: string[] = [];
  const attempts = [...attemptsOf(task.task, seen.records).values()];
  const accounted = new Set<string>();
  let settled = 0;
  for (const { wrote, settled: word } of attempts) {
    if (wrote) lost.push(...misreported(task, wrote, seen, accounted));
    else if (word && (word.verdict === 'applied' || word.ground === 'repeat: safe')) settled++;
  }
  const left = executionsOf(task, seen).filter(({ pid }) => !accounted.has(pid));
  for (const { pid } of left.slice(settled))
    lost.push(`${task.task} took effect as ${pid}, and the journal has no outcome of it`);
  return lost;
}

/** Holds exit code and output of an attempt against what its process left on the host. */
function misreported(
  task: Expected,
  wrote: EventOf<'task.wrote'>,
  seen: RoundSeen,
  accounted: Set<string>,
): string[] {
  const said = wrote.output === undefined ? '' : (seen.outputs[wrote.output.file] ?? '');
  const output = said.split('--- stderr ---\n')[0] ?? '';
  const about = `${task.task} attempt ${wrote.attempt}`;
  const { exit } = wrote;
  if (exit === undefined) return [`${about} has no exit code`];
  const [, pid] = /^\S+ begins as (\d+)$/m.exec(output) ?? [];
  if (pid === undefined)
    return exit.kind === 'exited' && exit.code === 0 ? [`${about} ended well, and its output is gone`] : [];
  accounted.add(pid);
  const end = seen.hosts[task.host]?.ends.find((one) => one.name === task.name && one.pid === pid);
  const journaled = exit.kind === 'exited' ? `code ${exit.code}` : exit.kind;
  const problems: string[] = [];
  if (end === undefined && exit.kind !== 'killed')
    problems.push(`${about}: ${pid} did not end by itself, and the journal says ${journaled}`);
  if (end !== undefined && !(exit.kind === 'exited' && exit.code === end.code))
    problems.push(`${about}: ${pid} ended with ${end.code}, and the journal says ${journaled}`);
  const whole = task.printed(pid, seen.nonce);
  if (end?.code === 0 && output !== whole)
    problems.push(`${about}: of ${whole.length} bytes printed, the journal has ${output.length}, or others`);
  return problems;
}

function attemptsOf(task: string, records: readonly Stamped[]): ReadonlyMap<number, Attempt> {
  const attempts = new Map<number, Attempt>();
  for (const { event } of records) {
    if (!('task' in event) || event.task !== task) continue;
    if (event.type === 'task.wrote')
      attempts.set(event.attempt, { ...attempts.get(event.attempt), wrote: event });
    if (event.type === 'task.settled')
      attempts.set(event.attempt, { ...attempts.get(event.attempt), settled: event });
  }
  return attempts;
}

/** Outcomes, files, directory and service must be those of the undisturbed round. */
function differs(seen: RoundSeen, calm: RoundSeen): string[] {
  const skipped = skippedTruly(seen.records);
  const found: string[] = [];
  for (const task of new Set([...Object.keys(calm.outcomes), ...Object.keys(seen.outcomes)])) {
    const [is, was] = [seen.outcomes[task], calm.outcomes[task]];
    if (is !== was && !(is === 'skipped' && skipped.has(task)))
      found.push(`${task} ended ${is}; undisturbed it ends ${was}`);
  }
  for (const [host, now] of Object.entries(seen.hosts))
    found.push(...hostDiffers(host, now, calm.hosts[host] ?? now));
  if (seen.journalProof !== 0) found.push(`verify-journal ended with ${seen.journalProof}`);
  return found;
}

function hostDiffers(host: string, now: HostSeen, calm: HostSeen): string[] {
  const paths = new Set([...Object.keys(calm.files), ...Object.keys(now.files)]);
  const found = [...paths]
    .filter((path) => now.files[path] !== calm.files[path])
    .map((path) => `${host}: ${path} is "${now.files[path]}", undisturbed "${calm.files[path]}"`);
  if (now.described !== calm.described)
    found.push(`${host}: the directory holds its value ${now.described} times`);
  if (now.service !== calm.service) found.push(`${host}: the service is ${now.service}`);
  return found;
}

/** The one way in which an outcome may differ: it failed after its effect, and the operator said so and went on. */
function skippedTruly(records: readonly Stamped[]): ReadonlySet<string> {
  const asked = new Map<string, string>();
  const skipped = new Set<string>();
  for (const { event } of records) {
    if (event.type === 'question.asked' && event.purpose === 'repeat') asked.set(event.id, event.task);
    if (event.type === 'question.answered' && event.answer === 'skip' && event.because === TOOK_EFFECT)
      skipped.add(asked.get(event.id) ?? '');
  }
  return skipped;
}
