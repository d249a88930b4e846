import { actions } from '../actions/index.ts';
import type { Event, Operator } from '../engine/event.ts';
import { evolve } from '../engine/evolve.ts';
import type { Input } from '../engine/input.ts';
import { run as loop } from '../engine/run.ts';
import type { RunState } from '../engine/state.ts';
import { type Journal, JournalError } from '../journal/append.ts';
import type { Plan } from '../plan/plan.ts';
import type { Reporter } from '../reporters/reporter.ts';
import type { Style } from '../reporters/style.ts';
import type { Scope } from '../runbook/scope.ts';
import { monotonic } from './clock.ts';
import { EXIT, exitCodeOf, Stop } from './exit-code.ts';
import type { Prepared } from './prepare.ts';
import { onSignals } from './signals.ts';
import { createStage } from './stage.ts';
import { askPlainly, type Terminal } from './terminal.ts';

export interface Conduct {
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly run: Scope['run'];
  readonly directory: string;
  readonly journal: Journal;
  /** What opens or reopens the run; the state they lead to when folded on `state`. */
  readonly opening: readonly Event[];
  readonly state: RunState | undefined;
  readonly operator: Operator;
  readonly terminal: Terminal;
  readonly reporter: Reporter;
  readonly style: Style;
}

/** Runs the loop over real hosts, from the opening events to the exit code. */
export async function conduct(ports: Conduct): Promise<number> {
  const { plan, journal, reporter, terminal, operator } = ports;
  const { redactor, secrets, reach } = ports.prepared;
  const stage = createStage({
    plan,
    actions,
    run: ports.run,
    directory: ports.directory,
    connection: reach.connection,
    openDirectory: reach.openDirectory,
    secret: secrets,
    redact: (text) => redactor.text(text),
    note: (task, line) => reporter.note(task, line),
  });

  async function record(events: readonly Event[], state: RunState): Promise<void> {
    reporter.told(await journal.append(events, { at: new Date().toISOString(), mono: monotonic() }), state);
  }

  let state = ports.opening.reduce<RunState | undefined>(evolve, ports.state);
  if (!state) throw new Error('a run opens with run.opened');
  const signals = onSignals((text) => process.stderr.write(text));
  try {
    await record(ports.opening, state);
    state = await loop(state, {
      perform: (move, now) => stage.perform(move, now),
      record,
      async ask(question) {
        const giveBack = reporter.pause();
        try {
          return await askPlainly(
            terminal,
            question,
            operator.name,
            (text) => process.stdout.write(text),
            ports.style,
          );
        } finally {
          giveBack();
        }
      },
      listen: (command: (input: Input) => void) => signals.listen(command),
    });
    reporter.ended(state, ports.directory);
    return exitCodeOf(state);
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    throw new Stop(EXIT.failed, error.message, error.next, { cause: error });
  } finally {
    signals.stop();
    await stage.close();
    journal.close();
  }
}
