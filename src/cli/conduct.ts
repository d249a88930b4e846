import { actions } from '../actions/index.ts';
import { type AnswerMoment, type Answers, answered } from '../engine/answers.ts';
import type { Drift } from '../engine/drift.ts';
import type { Event, Operator, Question } from '../engine/event.ts';
import type { Input } from '../engine/input.ts';
import { guarded } from '../engine/perform/guarded.ts';
import { InvariantWatch } from '../engine/perform/invariant-watch.ts';
import type { RunPorts } from '../engine/run.ts';
import type { RunState } from '../engine/state.ts';
import { Leases } from '../hosts/leases.ts';
import type { Journal } from '../journal/append.ts';
import { fingerprintKey } from '../journal/fingerprint-key.ts';
import type { Plan } from '../plan/plan.ts';
import type { Reporter } from '../reporters/reporter.ts';
import type { Style } from '../reporters/style.ts';
import type { Scope } from '../runbook/scope.ts';
import { acceptDrifts } from './accept-drift.ts';
import { ask } from './ask.ts';
import { certainGate } from './certain-gate.ts';
import { monotonic, pause } from './clock.ts';
import { holdAtClosing } from './closing.ts';
import type { Console } from './console.ts';
import { exitCodeOf } from './exit-code.ts';
import { type Beginning, runOn } from './go-on.ts';
import { keepLearned, loadLearned } from './learned.ts';
import { isGone, leaseTerms } from './lease-terms.ts';
import type { RunOptions } from './option.ts';
import { forecastOf } from './plan-document.ts';
import type { Prepared } from './prepare.ts';
import { redactLeaves } from './redact-leaves.ts';
import { runOpened } from './run-opened.ts';
import { onSignals } from './signals.ts';
import { createStage } from './stage.ts';
import { takeLeases } from './take-leases.ts';
import type { Terminal } from './terminal.ts';
import { underWay } from './under-way.ts';
import { watchSecrets } from './watch-secrets.ts';

export interface Conduct {
  readonly plan: Plan;
  /** What of the runbook, the inventory and the inputs is not as it was when the run began. */
  readonly drifts: readonly Drift[];
  readonly prepared: Prepared;
  readonly run: Scope['run'];
  readonly directory: string;
  readonly journal: Journal;
  /** What opens or reopens the run; the state they lead to when folded on `state`. */
  readonly opening: readonly Event[];
  readonly state: RunState | undefined;
  readonly operator: Operator;
  readonly terminal: Terminal;
  /** What `--answers` names. */
  readonly answers: Answers | undefined;
  readonly options: RunOptions;
  readonly reporter: Reporter;
  readonly style: Style;
  /** Somebody who sees the run, answers it, commands it, and stays when it is held. Absent: conduct ends there. */
  readonly screen?: Console | undefined;
}

/** Runs the loop over real hosts, from the opening events to the exit code. */
export async function conduct(ports: Conduct): Promise<number> {
  const { plan, journal, reporter, terminal, operator, options } = ports;
  const { redactor, secrets, reach } = ports.prepared;
  let told: RunState | undefined;
  const { screen } = ports;
  const signals = onSignals(
    (text) => (screen ? screen.say(text) : process.stderr.write(text)),
    () => underWay(told),
    (text) => {
      screen?.giveBack();
      process.stderr.write(text);
    },
  );
  const news: Input[] = [];
  const leases = new Leases({
    connection: reach.connection,
    terms: leaseTerms(ports.run.id, operator, options.reason ?? plan.runbook.name, process.env),
    isGone,
    taken: (taken) => void news.push({ type: 'leased', ...taken }),
    lost: (text) => signals.command({ type: 'hold', reason: 'locked', text }),
  });
  screen?.commands((input) => {
    if (input.type === 'go-on') signals.rearm();
    // A note may quote what the person has just seen on a host.
    signals.command(input.type === 'note' ? { ...input, text: redactor.text(input.text) } : input);
  });

  function momentOf(state: RunState): AnswerMoment {
    return { operator, digest: state.sealed?.digest, now: Date.now() };
  }

  async function record(events: readonly Event[], state: RunState): Promise<void> {
    const records = await journal.append(events, { at: new Date().toISOString(), mono: monotonic() });
    told = state;
    reporter.told(records, state);
  }

  async function stretch({ before, events: opening }: Beginning): Promise<RunState> {
    // Each meets its hosts anew: one may have been restarted, or replaced, while the run was held.
    const stage = createStage({
      plan,
      actions,
      run: ports.run,
      directory: ports.directory,
      connection: reach.connection,
      openDirectory: reach.openDirectory,
      secret: watchSecrets(
        secrets,
        plan,
        (mayMake) => fingerprintKey(ports.directory, mayMake),
        before?.fingerprints ?? {},
        options.acceptDrift ?? [],
        (input) => void news.push(input),
      ),
      redact: (text) => redactor.text(text),
      stream: () => redactor.stream(),
      note: (task, line) => reporter.note(task, line),
      output: (task, name, text) => reporter.output?.(task, name, text),
      leases,
      news,
      learned: loadLearned(plan.runbook.name),
    });
    const watch = new InvariantWatch({
      invariants: plan.invariants,
      look: (planned, host, state) => stage.glance(planned, host, state),
      now: monotonic,
      pause,
      tell: (input) => signals.command(input),
    });
    const stopClock = holdAtClosing(ports.run.id, opening, signals.command);
    try {
      const end = await runOpened(before, opening, {
        async enter(state) {
          // With no step left there is nothing to hold a host for.
          if (state.cursor >= state.steps.length) return watch.enter(state);
          const gate = terminal.present
            ? undefined
            : await certainGate(
                plan,
                state,
                () => forecastOf(plan, ports.run, ports.prepared, false, state),
                (question) => answered(ports.answers, question, momentOf(state)),
              );
          if (gate) return [gate];
          const hold = await takeLeases(leases, plan, terminal, options.takeOver);
          const leased = news.splice(0);
          if (hold) return [...leased, hold];
          const drifts = before
            ? [...(before === ports.state ? ports.drifts : []), ...(await stage.survey(state))]
            : [];
          const found = news.splice(0);
          const accepted = options.acceptDrift ?? [];
          const drifted = await acceptDrifts(drifts, accepted, terminal, operator.name);
          const broken = await watch.enter(state);
          return [...leased, ...drifted, ...found, ...news.splice(0), ...broken];
        },
        leave() {
          watch.stop();
          signals.keep();
          return leases.release();
        },
        perform: guarded(watch, (move, now) => stage.perform(move, now)),
        record,
        ask: askPerson,
        listen: (command) => signals.listen(command),
      });
      keepLearned(plan.runbook.name, stage.taken(end));
      return end;
    } finally {
      stopClock();
      await stage.close();
    }
  }

  async function askPerson(question: Question): ReturnType<RunPorts['ask']> {
    const giveBack = reporter.pause();
    try {
      const answer = await ask(
        {
          run: ports.run.id,
          terminal,
          person: screen?.ask,
          operator,
          answers: ports.answers,
          digest: told?.sealed?.digest,
          now: Date.now,
          write: (text) => void process.stdout.write(text),
          style: ports.style,
        },
        question,
      );
      // A reason may quote what the person has just seen on a host.
      return answer && redactLeaves(answer, (text) => redactor.text(text));
    } finally {
      giveBack();
    }
  }

  try {
    const end = await runOn(
      { before: ports.state, events: ports.opening },
      {
        stretch,
        record,
        afterHold: screen?.afterHold,
        signals,
        operator,
        redact: (text) => redactor.text(text),
      },
    );
    await reporter.ended(end, ports.directory);
    return exitCodeOf(end);
  } finally {
    signals.stop();
    journal.close();
  }
}
