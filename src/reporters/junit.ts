/** A run as JUnit XML, for what reads test reports (Jenkins, GitLab): a suite a step, a case a task. Pure. */
import type { Failure } from '../engine/event.ts';
import { isGood, type RunState, type StepState, stepNumber, type Task } from '../engine/state.ts';
import type { Times } from './times.ts';
import { element, text } from './xml.ts';

export interface JunitRun {
  readonly state: RunState;
  readonly times: Times;
  /** ISO 8601; when the run was opened. */
  readonly started: string;
  /** The change number. */
  readonly reason: string | undefined;
  readonly exitCode: number;
  /** The run's directory, where outputs are; undefined when it is not known any more. */
  readonly directory: string | undefined;
}

type Kind = 'passed' | 'failure' | 'error' | 'skipped';

interface Case {
  readonly name: string;
  readonly kind: Kind;
  readonly ms: number;
  /** Outcome or state, and why. */
  readonly type: string;
  readonly message: string;
  readonly body?: string;
}

interface Suite {
  readonly name: string;
  readonly className: string;
  readonly ms: number;
  readonly cases: readonly Case[];
  readonly properties?: Readonly<Record<string, string>>;
}

export function junitXml(run: JunitRun): string {
  const { state } = run;
  const suites = [
    verdict(run),
    ...state.steps.map((step, index): Suite => {
      const { id, title } = step.brief;
      return {
        name: `${stepNumber(index + 1)} ${id}${title === id ? '' : `: ${title}`}`,
        className: `${state.runbook.name}.${id}`,
        ms: run.times.ofStep(id),
        cases: casesOf(step, run),
      };
    }),
  ];
  const all = suites.flatMap(({ cases }) => cases);
  const ms = suites.reduce((sum, suite) => sum + suite.ms, 0);
  const head = {
    name: `${state.runbook.name} ${state.runbook.version}`,
    ...countsOf(all),
    time: seconds(ms),
  };
  const body = suites.map((suite) => suiteXml(suite, run.started));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', head, '\n', ...body)}`;
}

/** How the run as a whole came out: a run that is held for no failure of a task must not look like one that passed. */
function verdict({ state, reason, exitCode }: JunitRun): Suite {
  const { run, runbook, operator, held, done, breaches = [] } = state;
  const message = held?.text ?? 'lockstep ended in the middle of it';
  const type = held?.reason ?? 'broken off';
  const body = [
    ...breaches.map((breach) => breach.text).filter((one) => !message.startsWith(one)),
    `next: lockstep resume ${run}`,
  ].join('\n');
  return {
    name: 'run',
    className: runbook.name,
    ms: 0,
    cases: [
      done
        ? { name: 'run', kind: 'passed', ms: 0, type: 'done', message: '' }
        : {
            name: 'run',
            kind: held && held.reason !== 'doubt' ? 'failure' : 'error',
            ms: 0,
            type,
            message,
            body,
          },
    ],
    properties: {
      run,
      runbook: runbook.name,
      version: runbook.version,
      digest: runbook.digest,
      operator: `${operator.name}@${operator.host}`,
      ...(reason !== undefined && { reason }),
      'exit-code': String(exitCode),
    },
  };
}

function casesOf(step: StepState, run: JunitRun): readonly Case[] {
  if (step.begun) return step.tasks.map((task) => caseOf(task, run));
  return step.brief.hosts.map((host) => ({
    name: `${step.brief.id}@${host}`,
    kind: 'skipped',
    ms: 0,
    type: 'not reached',
    message: notReached(run.state),
  }));
}

function caseOf(task: Task, { state, times, directory }: JunitRun): Case {
  const { id } = task.ref;
  const base = { name: id, ms: times.ofTask(id) };
  const now = task.state;
  switch (now.status) {
    case 'waiting':
      return { ...base, kind: 'skipped', type: 'not reached', message: notReached(state) };
    case 'asking': {
      const asks = state.questions[now.question]?.text ?? '';
      return { ...base, kind: 'skipped', type: 'asks', message: `waits for an answer: ${asks}` };
    }
    case 'doubtful':
      return {
        ...base,
        kind: 'error',
        type: 'doubt',
        message: `it is not known whether it took effect: ${now.why}`,
      };
    case 'writing':
    case 'verifying':
      return { ...base, kind: 'error', type: 'under way', message: 'it was under way when lockstep let go' };
  }
  const { outcome, why } = now;
  if (outcome === 'skipped' || outcome === 'cancelled')
    return { ...base, kind: 'skipped', type: outcome, message: why?.what ?? '' };
  const type = outcome;
  if (isGood(outcome))
    return { ...base, kind: 'passed', type, message: '', body: [type, ...whatOf(task)].join('\n') };
  const output = task.output && `${directory === undefined ? '' : `${directory}/`}${task.output.file}`;
  const body = failureText(why, output);
  return { ...base, kind: outcome === 'failed' ? 'failure' : 'error', type, message: why?.what ?? '', body };
}

/** What it touched, as the diff names it. */
function whatOf({ changes }: Task): readonly string[] {
  return changes.map(({ what }) => what);
}

function failureText(why: Failure | undefined, output: string | undefined): string {
  return [
    why?.what ?? '',
    ...(why?.tail ?? []).map((line) => `| ${line}`),
    ...(output === undefined ? [] : [`all output: ${output}`]),
    ...(why?.next === undefined ? [] : [`next: ${why.next}`]),
  ].join('\n');
}

function notReached({ held, done }: RunState): string {
  if (done) return 'not needed any more';
  return `not reached: ${held ? `the run was held: ${held.text}` : 'lockstep ended before it'}`;
}

function suiteXml({ name, className, ms, cases, properties }: Suite, started: string): string {
  const stamp = started.replace(/(\.\d+)?Z$/, '');
  const own = Object.entries(properties ?? {}).map(([key, value]) =>
    element('property', { name: key, value }),
  );
  const inside = [
    '\n',
    ...(own.length > 0 ? [element('properties', {}, '\n', ...own)] : []),
    ...cases.map((one) => caseXml(one, className)),
  ];
  return element('testsuite', { name, ...countsOf(cases), time: seconds(ms), timestamp: stamp }, ...inside);
}

function caseXml({ name, kind, ms, type, message, body }: Case, classname: string): string {
  const attributes = { name, classname, time: seconds(ms) };
  if (kind === 'passed')
    return element('testcase', attributes, ...(body ? [element('system-out', {}, text(body))] : []));
  if (kind === 'skipped') return element('testcase', attributes, element('skipped', { message }));
  return element('testcase', attributes, element(kind, { message, type }, text(body ?? message)));
}

function countsOf(cases: readonly Case[]) {
  const count = (kind: Kind) => cases.filter((one) => one.kind === kind).length;
  return {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
  };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
