import type { ChangeView, Event, Outcome, Stamped } from '../engine/event.ts';
import { isGood, type RunState, type StepState, stepNumber, whereOf } from '../engine/state.ts';
import { arrivalLines } from './arrivals.ts';
import { ProgressLine } from './progress-line.ts';
import type { Reporter } from './reporter.ts';
import { type Style, showDuration, tame } from './style.ts';
import { summarize } from './summary.ts';
import { windowText } from './window-text.ts';

/** Lines of a diff shown at once; all of them are in the journal. */
const DIFF_LINES = 14;

export interface TextPorts {
  readonly write: (text: string) => void;
  readonly style: Style;
  /** A terminal gets a line that is redrawn; anything else a line now and then. */
  readonly isTerminal: boolean;
  readonly now: () => number;
  /** Width of the terminal. */
  readonly columns: () => number;
}

/** One line an event, for a log, a pipe, or an operator who wants it plain. Failures come again at the end. */
export function textReporter(ports: TextPorts): Reporter {
  const { write, style } = ports;
  const progress = new ProgressLine(ports);
  const began = new Map<string, number>();
  /** Differences shown in this step → the host they were shown for. */
  const shown = new Map<string, string>();
  let lines = '';

  function line(text: string): void {
    lines += `${text}\n`;
  }

  /** One write for all that a batch of records says: to a pipe or a file, each is a system call that blocks. */
  function flush(): void {
    if (lines === '') return;
    progress.clear();
    write(lines);
    lines = '';
  }

  function show(record: Stamped, state: RunState): void {
    const { event, mono } = record;
    switch (event.type) {
      case 'run.opened':
        line(style.bold(`${event.runbook.name} ${event.runbook.version}: ${event.title}`));
        line(
          style.dim(
            `run ${event.run} by ${event.operator.name}, ${event.steps.length} step${event.steps.length === 1 ? '' : 's'}${windowText(event.policy)}`,
          ),
        );
        return;
      case 'run.resumed':
        line(style.bold(`${state.runbook.name} ${state.runbook.version}: run ${state.run} resumed`));
        if (event.tornBytes > 0)
          line(`  the journal's last line was torn; ${event.tornBytes} bytes were cut off`);
        if (state.steps[state.cursor]?.begun) openStep(state, state.cursor, mono);
        return;
      case 'step.began':
        openStep(
          state,
          state.steps.findIndex(({ brief }) => brief.id === event.step),
          mono,
        );
        return;
      case 'task.looked':
        for (const change of event.changes) showChange(event.task, change);
        return;
      case 'question.asked':
        // At a terminal the prompt tells it, unless the policy has answered.
        if (ports.isTerminal && state.operator.terminal && state.questions[event.id]) return;
        line(`  ${style.warn('asks')}        ${columnOf(event.task)}  ${tame(event.text)}`);
        return;
      case 'question.answered':
        line(
          `  ${style.dim('answer')}      ${event.answer} by ${event.by} (${event.ground})${event.because ? `  ${tame(event.because)}` : ''}`,
        );
        return;
      case 'task.doubted':
        line(`  ${style.warn('in doubt')}    ${columnOf(event.task)}  ${tame(event.why)}`);
        return;
      case 'task.settled':
        line(
          `  ${style.warn('settled')}     ${columnOf(event.task)}  ${event.verdict} by ${event.ground}: ${tame(event.why)}`,
        );
        return;
      case 'task.retried':
        line(`  ${style.warn('again')}       ${columnOf(event.task)}  ${tame(event.failure.what)}`);
        return;
      case 'task.ended':
        showEnd(event, mono - (began.get(event.task) ?? mono));
        return;
      case 'run.undone':
        line(style.warn(`undone by run ${event.run}, begun by ${event.operator.name}`));
        return;
      case 'run.stopping':
        // Told already, and once more at the end.
        if (['drift', 'locked', 'invariant'].includes(event.reason)) return;
        line(style.warn(`stopping: ${tame(event.text)}`));
        return;
      default:
        for (const text of arrivalLines(event, state, style)) line(text);
    }
  }

  function openStep(state: RunState, index: number, mono: number): void {
    const { brief, tasks } = state.steps[index] as StepState;
    for (const { ref } of tasks) began.set(ref.id, mono);
    shown.clear();
    const hosts = brief.hosts.length > 8 ? `${brief.hosts.length} hosts` : brief.hosts.join(' ');
    const flag = brief.risk === 'irreversible' ? style.bad('  point of no return') : '';
    line('');
    line(
      `${style.bold(`${stepNumber(index + 1)} ${brief.title}`)}  ${style.dim(`${brief.id} on ${hosts}`)}${flag}`,
    );
    progress.open(brief.id, state);
  }

  function showChange(task: string, change: ChangeView): void {
    const content = JSON.stringify(change);
    const same = shown.get(content);
    const what = same === undefined ? tame(change.what) : `the same as ${same}`;
    line(`  ${style.dim('differs')}     ${columnOf(task)}  ${what}`);
    if (same !== undefined) return;
    shown.set(content, whereOf(task));
    for (const { op, text } of change.lines.slice(0, DIFF_LINES)) {
      const drawn = `                ${op} ${tame(text, 160)}`;
      line(op === '+' ? style.good(drawn) : op === '-' ? style.bad(drawn) : style.dim(drawn));
    }
    if (change.lines.length > DIFF_LINES)
      line(style.dim(`                … ${change.lines.length - DIFF_LINES} more lines in the journal`));
  }

  function showEnd(event: Extract<Event, { type: 'task.ended' }>, ms: number): void {
    const why = event.why ? `  ${tame(event.why.what)}` : '';
    line(`  ${paint(style, event.outcome)} ${columnOf(event.task)}  ${style.dim(showDuration(ms))}${why}`);
    if (!isGood(event.outcome))
      for (const tail of event.why?.tail ?? []) line(style.dim(`                | ${tame(tail)}`));
  }

  return {
    told(records, state) {
      for (const record of records) show(record, state);
      flush();
      progress.follow(state);
    },
    note: (task, text) => progress.note(task, text),
    ended(state, directory) {
      progress.stop();
      line('');
      for (const text of summarize(state, directory, style)) line(text);
      flush();
    },
    pause() {
      return progress.pause();
    },
  };
}

/** Where a task is, so wide that what follows stands below each other. */
function columnOf(task: string): string {
  return whereOf(task).padEnd(8);
}

function paint(style: Style, outcome: Outcome): string {
  const sign = style.unicode ? `${SIGNS[outcome]} ` : '';
  const text = `${sign}${outcome}`.padEnd(style.unicode ? 13 : 11);
  if (outcome === 'changed') return style.warn(text);
  return isGood(outcome) ? style.good(text) : style.bad(text);
}

const SIGNS: Record<Outcome, string> = {
  unchanged: '✔',
  changed: '✚',
  failed: '✘',
  unreachable: '⚡',
  doubt: '?',
  skipped: '·',
  cancelled: '∅',
};
