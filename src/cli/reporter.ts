import type { Operator } from '../engine/event.ts';
import type { Plan } from '../plan/plan.ts';
import { timeLeft } from '../plan/time-left.ts';
import { ndjsonReporter } from '../reporters/ndjson.ts';
import type { Reporter } from '../reporters/reporter.ts';
import { type Style, styleFor } from '../reporters/style.ts';
import { tee } from '../reporters/tee.ts';
import { textReporter } from '../reporters/text.ts';
import type { Console } from './console.ts';
import { shellArgv } from './host-shell.ts';
import { loadLearned } from './learned.ts';
import type { RunOptions } from './option.ts';
import type { Prepared } from './prepare.ts';
import { canShow } from './screen-able.ts';
import type { Terminal } from './terminal.ts';

export interface Shown {
  readonly reporter: Reporter;
  readonly style: Style;
  /** The terminal UI, where there is one. */
  readonly screen?: Console;
}

/** The reporter that the options and the output ask for; `junit` hears the same. */
export function pickReporter(options: RunOptions, junit?: Reporter): Shown {
  const isTerminal = process.stdout.isTTY === true && !options.plain;
  const style = styleFor(process.env, process.stdout.isTTY === true);
  const write = (text: string): void => {
    process.stdout.write(text);
  };
  const columns = (): number => process.stdout.columns ?? 100;
  const reporter = options.ndjson
    ? ndjsonReporter(write)
    : textReporter({ write, style, isTerminal, now: Date.now, columns });
  return { reporter: junit ? tee(reporter, junit) : reporter, style };
}

export interface ScreenPorts {
  readonly plan: Plan;
  readonly operator: Pick<Operator, 'name'>;
  readonly terminal: Terminal;
  readonly prepared: Pick<Prepared, 'reach'>;
}

/** The terminal UI for a person at a terminal that can show one; else as `pickReporter`. */
export async function openReporter(
  options: RunOptions,
  { plan, operator, terminal, prepared }: ScreenPorts,
  junit?: Reporter,
): Promise<Shown> {
  if (!terminal.present || options.ndjson || !canShow(options)) return pickReporter(options, junit);
  const style = styleFor(process.env, true);
  const { openConsole } = await import('./console.ts');
  const learned = loadLearned(plan.runbook.name);
  const screen = openConsole({
    operator: operator.name,
    style,
    times: (state) => timeLeft(plan, state, learned),
    hostShell: (host) => shellArgv(prepared.reach.target(host)),
  });
  terminal.askAside?.(screen.aside);
  return { reporter: junit ? tee(screen.reporter, junit) : screen.reporter, style, screen };
}
