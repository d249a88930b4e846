import { type RunState, stepNumber } from '../engine/state.ts';
import { type Style, showDuration, tame } from './style.ts';

/** Quieter than this, nothing is said. */
const PATIENCE_MS = 2000;
/** Between lines where nothing can be redrawn. */
const PLAIN_EVERY_MS = 30_000;

interface Ports {
  readonly write: (text: string) => void;
  readonly style: Style;
  readonly isTerminal: boolean;
  readonly now: () => number;
  /** Width of the terminal. */
  readonly columns: () => number;
}

/** What is under way, for how long, and the last word about it: for steps of more than two seconds. */
export class ProgressLine {
  readonly #ports: Ports;
  #title = '';
  #since = 0;
  #left = '';
  #note = '';
  #drawn = false;
  #paused = false;
  #said = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  open(step: string, state: RunState): void {
    const index = state.steps.findIndex(({ brief }) => brief.id === step);
    this.#title = `${stepNumber(index + 1)} ${state.steps[index]?.brief.title ?? step}`;
    this.#since = this.#ports.now();
    this.#said = this.#since;
    this.#note = '';
    this.follow(state);
    if (!this.#timer) {
      this.#timer = setInterval(() => this.#draw(), 500);
      this.#timer.unref();
    }
  }

  follow(state: RunState): void {
    const step = state.steps[state.cursor];
    const busy =
      step?.tasks.filter((task) => task.state.status !== 'ended').map((task) => task.ref.host) ?? [];
    this.#left = busy.length > 4 ? `${busy.length} hosts` : busy.join(' ');
  }

  note(task: string, text: string): void {
    this.#note = `${task.slice(task.lastIndexOf('@') + 1)}: ${tame(text.trimEnd(), 120)}`;
  }

  clear(): void {
    if (this.#drawn) this.#ports.write('\r\u001b[K');
    this.#drawn = false;
  }

  /** Keeps quiet while a question is on the line. */
  pause(): () => void {
    this.clear();
    this.#paused = true;
    return () => {
      this.#paused = false;
      this.#since = this.#ports.now();
    };
  }

  stop(): void {
    this.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#left = '';
  }

  #draw(): void {
    const { now, write, isTerminal, style, columns } = this.#ports;
    const gone = now() - this.#since;
    if (this.#paused || gone < PATIENCE_MS || this.#left === '') return;
    const text = `  ${showDuration(gone)}  ${this.#title} on ${this.#left}${this.#note === '' ? '' : `  ${this.#note}`}`;
    if (isTerminal) {
      write(`\r\u001b[K${style.dim(text.slice(0, columns() - 1))}`);
      this.#drawn = true;
    } else if (now() - this.#said >= PLAIN_EVERY_MS) {
      this.#said = now();
      write(`${text}\n`);
    }
  }
}
