/** The last lines of what one command prints, in bounded memory, whatever it prints. */
import { tame } from '../reporters/style.ts';
import type { StoryLine } from './screen.ts';

export const LINE_LENGTH = 400;
export const LINES = 500;
/** Lines are cut off in batches: one by one each would move all the others. */
const SLACK = 100;

type Stream = 'stdout' | 'stderr';

/** A line that has not ended: how it begins, and how many characters of it were let go. */
interface Pending {
  text: string;
  more: number;
  /** A return was seen: what comes next is written over the line, unless it is the line's end. */
  returned: boolean;
}

export class OutputLines {
  /** Characters kept. */
  size = 0;
  /** Lines let go. */
  dropped = 0;
  /** Lines that ever ended. */
  ended = 0;
  #lines: StoryLine[] = [];
  readonly #pending: Record<Stream, Pending> = { stdout: fresh(), stderr: fresh() };

  add(stream: Stream, text: string, at: number): void {
    let from = 0;
    while (from < text.length) {
      const end = text.indexOf('\n', from);
      this.#grow(this.#pending[stream], text, from, end < 0 ? text.length : end);
      if (end < 0) return;
      this.#end(stream, at);
      from = end + 1;
    }
  }

  /** Lines that have ended, and at last what has not: a prompt is seen while it waits. */
  lines(at: number): readonly StoryLine[] {
    const lines = this.#lines.slice(-LINES);
    for (const stream of ['stdout', 'stderr'] as const) {
      const pending = this.#pending[stream];
      if (pending.text !== '') lines.push(lineOf(pending, stream, at));
    }
    return lines.slice(-LINES);
  }

  #grow(pending: Pending, text: string, from: number, end: number): void {
    if (from === end) return;
    // Only the last writing of a line is seen; returns right before its end write over nothing.
    let last = end;
    while (last > from && text.charCodeAt(last - 1) === 13) last--;
    // Within this line only: in the whole chunk, each line would search all lines before it.
    const found = text.slice(from, last).lastIndexOf('\r');
    const over = found < 0 ? -1 : from + found;
    if (over >= 0 || (pending.returned && last > from)) Object.assign(pending, fresh());
    if (last < end) pending.returned = true;
    const begin = Math.max(from, over + 1);
    const room = LINE_LENGTH - pending.text.length;
    pending.text += copy(text, begin, Math.min(last, begin + room));
    pending.more += Math.max(0, last - begin - room);
  }

  #end(stream: Stream, at: number): void {
    const line = lineOf(this.#pending[stream], stream, at);
    Object.assign(this.#pending[stream], fresh());
    this.#lines.push(line);
    this.size += line.text.length;
    this.ended++;
    if (this.#lines.length < LINES + SLACK) return;
    const gone = this.#lines.splice(0, this.#lines.length - LINES);
    this.dropped += gone.length;
    for (const { text } of gone) this.size -= text.length;
  }
}

function fresh(): Pending {
  return { text: '', more: 0, returned: false };
}

/** Characters of their own: a slice would keep all of a chunk in memory for one line of it. */
function copy(text: string, from: number, to: number): string {
  if (to - from > text.length / 2) return text.slice(from, to);
  return JSON.parse(JSON.stringify(text.slice(from, to))) as string;
}

function lineOf({ text, more }: Pending, stream: Stream, at: number): StoryLine {
  const shown = tame(text, Number.POSITIVE_INFINITY);
  const over = more + Math.max(0, shown.length - LINE_LENGTH);
  const line = over > 0 ? `${shown.slice(0, LINE_LENGTH)} … (${over} more)` : shown;
  return stream === 'stderr' ? { at, text: line, tone: 'warn' } : { at, text: line };
}
