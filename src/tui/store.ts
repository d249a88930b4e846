/** The state of the terminal UI, outside of any framework: it folds what is told of the run, and the keys. */
import type { Stamped } from '../engine/event.ts';
import { type RunState, UNBEGUN } from '../engine/state.ts';
import { press } from './keys.ts';
import { arrived } from './panels.ts';
import { followed } from './places.ts';
import type { Act, Look, Screen } from './screen.ts';
import { Stories } from './stories.ts';

export interface Beginning {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly unicode: boolean;
  readonly readOnly: boolean;
  /** Minutes east of UTC; without it, those of this machine. */
  readonly zone?: number;
  /**
   * When to tell subscribers, once for all that happened meanwhile: at the end of this turn, or as the screen can follow
   * (`setTimeout(tell, 33)`). A key is told at once.
   */
  readonly later?: (tell: () => void) => void;
}

/** Estimated ms of what is left, and of the way back. */
export interface Times {
  readonly toGo?: number;
  readonly wayBack?: number;
}

export class Store {
  readonly #stories = new Stories();
  readonly #listeners = new Set<() => void>();
  readonly #later: (tell: () => void) => void;
  /** What is known by now, and what subscribers were told of. */
  #screen: Screen;
  #shown: Screen;
  #stale = false;
  #pending = false;
  #waiting = false;

  constructor({ now, unicode, readOnly, zone, later = queueMicrotask }: Beginning) {
    this.#later = later;
    this.#screen = {
      run: NOTHING,
      stories: {},
      look: { step: 0, host: 0, scroll: 0, panels: [] },
      now,
      opened: now,
      holding: false,
      readOnly,
      unicode,
      zone: zone ?? -new Date(now).getTimezoneOffset(),
    };
    this.#shown = this.#screen;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** The same object until subscribers are told. */
  readonly getSnapshot = (): Screen => {
    // Made when it is looked at: subscribers may be told more often than they look.
    if (this.#stale || this.#listeners.size === 0) this.#refresh();
    return this.#shown;
  };

  told(records: readonly Stamped[], state: RunState): void {
    let { opened, reason, holding, now } = this.#screen;
    for (const record of records) {
      this.#stories.told(record);
      const { event } = record;
      if (event.type === 'run.opened') opened = Date.parse(record.at) || opened;
      if (event.type === 'run.opened' || event.type === 'run.resumed') reason = event.reason ?? reason;
      if (event.type === 'run.resumed') holding = false;
      // However long after it is looked at, a run that is done took as long as it took.
      if (event.type === 'run.ended') now = Date.parse(record.at) || now;
    }
    const { run, look, closes: _closes, ...rest } = this.#screen;
    const closes = state.policy.window?.closes ?? state.policy.until;
    const seen = arrived(look, run, state, now);
    this.#screen = {
      ...rest,
      now,
      run: state,
      look: look.moved ? within(seen, state) : followed(state, seen),
      opened,
      holding,
      ...(reason !== undefined && { reason }),
      ...(closes !== undefined && { closes }),
    };
    this.#tell();
  }

  note(task: string, line: string): void {
    this.#stories.note(task, line, this.#screen.now);
    this.#tell();
  }

  output(task: string, stream: 'stdout' | 'stderr', text: string): void {
    const lines = this.#stories.output(task, stream, text, this.#screen.now);
    const { look } = this.#screen;
    const top = look.panels.at(-1);
    // What is read stays where it is while more comes in below.
    if (lines > 0 && top?.kind === 'output' && top.task === task && !top.follow)
      this.#screen = { ...this.#screen, look: { ...look, scroll: look.scroll + lines } };
    this.#tell();
  }

  tick(now: number, times: Times = {}): void {
    // A run that is done is not getting longer.
    this.#screen = { ...this.#screen, ...times, ...(!this.#screen.run.done && { now }) };
    this.#tell();
  }

  /** What the key asks of the run, if it does. */
  key(key: string, now = this.#screen.now): Act | undefined {
    this.#screen = { ...this.#screen, ...(!this.#screen.run.done && { now }) };
    this.#refresh();
    const { look, act } = press(this.#screen, key);
    const { run } = this.#screen;
    this.#screen = {
      ...this.#screen,
      look: look.moved ? look : followed(run, look),
      ...(act?.kind === 'hold' && { holding: true }),
    };
    this.#notify();
    return act;
  }

  /** Says something at the foot of the screen, until the next key. */
  say(text: string): void {
    this.#screen = { ...this.#screen, look: { ...this.#screen.look, said: text } };
    this.#tell();
  }

  #tell(): void {
    this.#pending = true;
    if (this.#waiting || this.#listeners.size === 0) return;
    this.#waiting = true;
    this.#later(() => {
      this.#waiting = false;
      if (this.#pending) this.#notify();
    });
  }

  #notify(): void {
    this.#pending = false;
    this.#stale = true;
    for (const listener of [...this.#listeners]) listener();
  }

  #refresh(): void {
    this.#stale = false;
    const stories = this.#stories.stories(this.#screen.now);
    if (stories !== this.#screen.stories) this.#screen = { ...this.#screen, stories };
    this.#shown = this.#screen;
  }
}

/** A run may go on with other steps than it began with. */
function within(look: Look, run: RunState): Look {
  return { ...look, step: Math.max(0, Math.min(look.step, run.steps.length - 1)) };
}

/** Before the first word about it. */
const NOTHING: RunState = {
  run: '',
  runbook: { name: '', version: '', digest: '' },
  title: '',
  policy: { yes: false },
  operator: { name: '', host: '', terminal: true },
  steps: [],
  ...UNBEGUN,
};
