import { spawn } from 'node:child_process';
import type { Question } from '../engine/event.ts';
import type { AfterHold } from '../engine/held-act.ts';
import type { Input } from '../engine/input.ts';
import type { Answer } from '../engine/run.ts';
import type { RunState } from '../engine/state.ts';
import type { Reporter } from '../reporters/reporter.ts';
import type { Style } from '../reporters/style.ts';
import { summarize } from '../reporters/summary.ts';
import { picturesOf } from '../tui/pictures.ts';
import type { Act } from '../tui/screen.ts';
import type { Shell } from '../tui/shell.ts';
import { Store, type Times } from '../tui/store.ts';
import type { AskAfterHold } from './go-on.ts';
import { messageOf } from './message-of.ts';
import { openScreen, TICK_MS } from './screen.ts';

export interface ConsolePorts {
  readonly operator: string;
  readonly style: Style;
  /** Estimates of what is left and of the way back. */
  readonly times: (state: RunState) => Times;
  /** The program that opens a shell on a host, as lockstep would reach it. */
  readonly hostShell: (host: string) => readonly string[];
}

/** The terminal UI of a run: it shows what is told, is asked, and says how a held run goes on. */
export interface Console {
  readonly reporter: Reporter;
  readonly ask: (question: Question) => Promise<Answer | undefined>;
  readonly afterHold: AskAfterHold;
  /** Takes the way to command the run. */
  readonly commands: (command: (input: Input) => void) => void;
  /** Gives the terminal to somebody who asks for a line: a password, a reason. */
  readonly aside: <T>(use: () => Promise<T>) => Promise<T>;
  /** A line of ours that would have gone to stderr. */
  readonly say: (text: string) => void;
  /** The terminal as it was before, at once: for a process that ends. */
  readonly giveBack: () => void;
  /** The step back to which the operator wants it undone. */
  undoTo(): string | undefined;
}

export function openConsole(ports: ConsolePorts): Console {
  const store = new Store({ now: Date.now(), unicode: ports.style.unicode, readOnly: false });
  const asked = new Map<string, (answer: Answer | undefined) => void>();
  let command: (input: Input) => void = () => undefined;
  let after: ((wish: AfterHold) => void) | undefined;
  let left: (() => void) | undefined;
  let leaving = false;
  let undo: string | undefined;
  let last: RunState | undefined;

  const shell: Shell = openScreen(
    picturesOf(store, (key) => {
      const act = store.key(key, Date.now());
      if (act) carryOut(act);
    }),
    (error) => {
      abandon();
      command({ type: 'hold', reason: 'operator', text: `held, since the screen has failed: ${error}` });
    },
  );
  const clock = setInterval(() => store.tick(Date.now(), last ? ports.times(last) : {}), TICK_MS);
  clock.unref();
  for (const signal of ['SIGHUP', 'SIGTERM'] as const) process.once(signal, abandon);

  /** Nobody is there any more: nothing is waited for. */
  function abandon(): void {
    leaving = true;
    for (const answer of asked.values()) answer(undefined);
    asked.clear();
    after?.({ kind: 'leave' });
    left?.();
  }

  function leave(): void {
    const inFlight = last?.steps[last.cursor]?.tasks.some(({ state }) => state.status === 'writing');
    if (inFlight && !last?.held) {
      // As a second signal: what runs on its hosts goes on there.
      process.kill(process.pid, 'SIGINT');
      process.kill(process.pid, 'SIGINT');
      return;
    }
    if (last && !last.held && !last.done)
      command({ type: 'hold', reason: 'operator', text: `held by ${ports.operator}` });
    abandon();
  }

  function carryOut(act: Act): void {
    const { operator } = ports;
    switch (act.kind) {
      case 'hold':
        command({ type: 'hold', reason: 'operator', text: `held by ${operator}` });
        break;
      case 'go-on':
        if (after) after({ kind: 'go-on', acts: [] });
        else command({ type: 'go-on', by: operator });
        break;
      case 'answer':
        answerWith(act);
        break;
      case 'retry':
        after?.({ kind: 'go-on', acts: [act] });
        break;
      case 'skip':
      case 'done':
        after?.({ kind: 'go-on', acts: [{ ...act, because: act.because ?? '' }] });
        break;
      case 'note':
        command({ type: 'note', text: act.text, by: operator });
        break;
      case 'copy':
        // OSC 52: the terminal puts it on the clipboard, if it lets programs do so.
        process.stdout.write(`\u001b]52;c;${Buffer.from(act.text).toString('base64')}\u0007`);
        break;
      case 'shell':
        void openOn(act.host);
        break;
      case 'undo':
        undo = act.step;
        abandon();
        break;
      case 'leave':
        leave();
    }
  }

  function answerWith({ question, answer, because }: Extract<Act, { kind: 'answer' }>): void {
    const given = asked.get(question);
    asked.delete(question);
    // Of a run that is held already, the question is but its memory: a doubt is settled as the run goes on.
    const task = given ? undefined : last?.questions[question]?.task;
    if (task !== undefined && (answer === 'applied' || answer === 'not-applied'))
      after?.({ kind: 'go-on', acts: [{ kind: answer, task, because: because ?? '' }] });
    given?.({
      answer,
      by: ports.operator,
      ground: 'terminal',
      ...(because !== undefined && { because }),
    });
  }

  async function openOn(host: string): Promise<void> {
    try {
      const argv = ports.hostShell(host);
      command({ type: 'note', text: `a shell on ${host}`, by: ports.operator });
      await shell.suspend(() => inForeground(argv));
    } catch (error) {
      store.say(messageOf(error));
    }
  }

  const reporter: Reporter = {
    told(records, state) {
      last = state;
      store.told(records, state);
    },
    note: (task, line) => store.note(task, line),
    output: (task, stream, text) => store.output(task, stream, text),
    async ended(state, directory) {
      if (!leaving)
        await new Promise<void>((resolve) => {
          left = resolve;
        });
      clearInterval(clock);
      await shell.close();
      const lines = summarize(state, directory, ports.style);
      process.stdout.write(`${lines.join('\n')}\n`);
    },
    pause: () => () => undefined,
  };

  return {
    reporter,
    ask: (question) =>
      leaving
        ? Promise.resolve(undefined)
        : new Promise((resolve) => {
            asked.set(question.id, resolve);
          }),
    afterHold: (_state, refused) => {
      if (refused) store.say(`${refused.refusal}; ${refused.next}`);
      if (leaving) return Promise.resolve({ kind: 'leave' });
      return new Promise((resolve) => {
        after = (wish) => {
          after = undefined;
          resolve(wish);
        };
      });
    },
    commands: (to) => {
      command = to;
    },
    async aside(use) {
      let result: Awaited<ReturnType<typeof use>> | undefined;
      await shell.suspend(async () => {
        result = await use();
      });
      return result as Awaited<ReturnType<typeof use>>;
    },
    say: (text) => store.say(text.trim()),
    giveBack: () => shell.giveBack(),
    undoTo: () => undo,
  };
}

/** Resolves when it has ended, whatever it says: it was the person's own. */
function inForeground([program = '', ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', () => resolve());
  });
}
