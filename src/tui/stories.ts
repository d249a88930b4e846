/** What is known of each task beside the fold: its times, what happened to it, and what its command has printed. */
import type { Event, Stamped } from '../engine/event.ts';
import { isGood } from '../engine/state.ts';
import { showDuration, tame } from '../reporters/style.ts';
import { OutputLines } from './output-lines.ts';
import type { StoryLine, TaskStory, Tone } from './screen.ts';

/** Tasks whose output is kept; that of others is in the journal's side files. */
export const TASKS = 64;
/** Characters of output kept over all tasks. */
export const CHARACTERS = 6_000_000;
const EVENTS = 60;

interface Draft {
  begun?: number;
  ended?: number;
  note?: StoryLine;
  readonly events: StoryLine[];
}

export class Stories {
  readonly #drafts = new Map<string, Draft>();
  /** In the order in which they were last written to. */
  readonly #outputs = new Map<string, OutputLines>();
  /** Lines of outputs that were let go whole. */
  readonly #dropped = new Map<string, number>();
  readonly #changed = new Set<string>();
  #stories: Readonly<Record<string, TaskStory>> = {};
  #characters = 0;

  told({ event, at }: Stamped): void {
    const when = Date.parse(at);
    const moment = Number.isNaN(when) ? 0 : when;
    const task = taskOf(event);
    const line = lineOf(event);
    if (task === undefined || !line) return;
    const draft = this.#draft(task);
    delete draft.note;
    draft.begun ??= moment;
    if (event.type === 'task.ended') draft.ended = moment;
    else delete draft.ended;
    push(draft.events, { at: moment, ...line });
  }

  note(task: string, text: string, at: number): void {
    this.#draft(task).note = { at, text: tame(text, 200), tone: 'dim' };
  }

  /** How many lines have ended by it. */
  output(task: string, stream: 'stdout' | 'stderr', text: string, at: number): number {
    const lines = this.#outputs.get(task) ?? new OutputLines();
    const { size, ended } = lines;
    lines.add(stream, text, at);
    this.#outputs.delete(task);
    this.#outputs.set(task, lines);
    this.#characters += lines.size - size;
    this.#changed.add(task);
    this.#letGo(task);
    return lines.ended - ended;
  }

  /** Those of tasks that were told of; of what has not changed, the same objects. */
  stories(now: number): Readonly<Record<string, TaskStory>> {
    if (this.#changed.size === 0) return this.#stories;
    const stories = { ...this.#stories };
    for (const task of this.#changed) stories[task] = this.#story(task, now);
    this.#changed.clear();
    this.#stories = stories;
    return stories;
  }

  #story(task: string, now: number): TaskStory {
    const { begun, ended, note, events } = this.#drafts.get(task) ?? { events: [] };
    const output = this.#outputs.get(task);
    const lines = output?.lines(now) ?? [];
    return {
      ...(begun !== undefined && { begun }),
      ...(ended !== undefined && { ended }),
      ...(note && { note }),
      events: [...events],
      output: lines,
      dropped: (this.#dropped.get(task) ?? 0) + (output?.dropped ?? 0),
    };
  }

  #draft(task: string): Draft {
    this.#changed.add(task);
    const found = this.#drafts.get(task);
    if (found) return found;
    const draft: Draft = { events: [] };
    this.#drafts.set(task, draft);
    return draft;
  }

  /** The output that was longest quiet goes first. */
  #letGo(kept: string): void {
    for (const [task, lines] of this.#outputs) {
      if (this.#outputs.size <= TASKS && this.#characters <= CHARACTERS) return;
      if (task === kept) return;
      this.#outputs.delete(task);
      this.#characters -= lines.size;
      this.#dropped.set(task, (this.#dropped.get(task) ?? 0) + lines.ended);
      this.#changed.add(task);
    }
  }
}

function push(lines: StoryLine[], line: StoryLine): void {
  lines.push(line);
  if (lines.length > EVENTS) lines.splice(0, lines.length - EVENTS);
}

function taskOf(event: Event): string | undefined {
  if (event.type === 'question.answered') return undefined;
  return 'task' in event ? event.task : undefined;
}

type Told = { readonly text: string; readonly tone?: Tone };

/** One line of a task's story. Diffs and questions have their own places on the screen. */
function lineOf(event: Event): Told | undefined {
  switch (event.type) {
    case 'task.looked':
      return event.changes.length === 0
        ? undefined
        : { text: `differs: ${tame(event.changes.map(({ what }) => what).join(', '), 160)}`, tone: 'dim' };
    case 'question.asked':
      return { text: `asks: ${tame(event.text, 200)}`, tone: 'warn' };
    case 'task.intended':
      return { text: `started (attempt ${event.attempt})` };
    case 'task.wrote':
      return event.failure
        ? {
            text: `failed after ${showDuration(event.durationMs)}: ${tame(event.failure.what, 200)}`,
            tone: 'bad',
          }
        : { text: `done in ${showDuration(event.durationMs)}, verifying` };
    case 'task.doubted':
      return { text: `in doubt: ${tame(event.why, 200)}`, tone: 'bad' };
    case 'task.settled':
      return { text: `settled by ${event.ground}: ${event.verdict}: ${tame(event.why, 200)}`, tone: 'warn' };
    case 'task.retried':
      return {
        text: `once more in ${showDuration(event.delayMs)}: ${tame(event.failure.what, 200)}`,
        tone: 'warn',
      };
    case 'task.ended': {
      const why = event.why ? `: ${tame(event.why.what, 200)}` : '';
      return { text: `${event.outcome}${why}`, tone: isGood(event.outcome) ? 'good' : 'bad' };
    }
    default:
      return undefined;
  }
}
