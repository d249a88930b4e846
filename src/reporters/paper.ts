/** What a report of tables and paragraphs is written on: a width, colour or none, and letters or ASCII alone. */
import { asciiText } from '../tui/ascii.ts';
import { clean, cut, pad, padStart, widthOf, wrap } from '../tui/cells.ts';
import { type Style, styleOf } from './style.ts';

export interface PaperOptions {
  readonly columns: number;
  readonly colour: boolean;
  readonly ascii: boolean;
}

export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'bold';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

/** Not there; and not known. */
export const NONE: Cell = { text: '-', tone: 'dim' };
export const UNKNOWN: Cell = { text: '?', tone: 'warn' };

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** It may be cut where the paper is narrow, down to so many cells. */
  readonly yields?: number;
  /** It may be left out where the paper is narrow. */
  readonly spare?: boolean;
}

/** Between two columns. */
const GAP = '  ';
/** Text below its head is indented by so many cells. */
const HANG = 4;

export class Paper {
  readonly columns: number;
  readonly ascii: boolean;
  readonly #style: Style;

  constructor({ columns, colour, ascii }: PaperOptions) {
    this.columns = Math.max(40, columns);
    this.ascii = ascii;
    this.#style = styleOf(colour, !ascii);
  }

  /** Nothing that a terminal would obey, and ASCII where it must be. */
  plain(text: string): string {
    return this.ascii ? asciiText(clean(text)) : clean(text);
  }

  paint(text: string, tone: Tone | undefined): string {
    const plain = this.plain(text);
    return tone ? this.#style[tone](plain) : plain;
  }

  /** `first` before the first line and as many blanks before the others; never wider than the paper. */
  paragraph(text: string, first = '', tone?: Tone): readonly string[] {
    const indent = ' '.repeat(widthOf(first));
    return wrap(this.plain(text), Math.max(20, this.columns - indent.length)).map(
      (line, at) => `${at === 0 ? first : indent}${this.paint(line, tone)}`,
    );
  }

  /** A head that is painted already and takes so many cells; `text` beside it where there is room, else below. */
  hanging(head: string, cells: number, text: string): readonly string[] {
    const [first = '', ...rest] = wrap(this.plain(text), this.columns - HANG);
    if (cells + 2 + widthOf(first) <= this.columns && rest.length === 0) return [`${head}  ${first}`];
    return [head, ...[first, ...rest].map((line) => `${' '.repeat(HANG)}${line}`)];
  }

  /** `left` at the left edge and `right` at the right one, if there is room for both. */
  spread(left: Cell, right: Cell): string {
    const room = this.columns - widthOf(left.text) - widthOf(right.text);
    const head = this.paint(cut(left.text, this.columns), left.tone);
    return room < 2 ? head : `${head}${' '.repeat(room)}${this.paint(right.text, right.tone)}`;
  }

  /** Rows below a line of titles. Undefined where they do not fit, even with what yields cut and what is spare left out. */
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): readonly string[] | undefined {
    const widths = columns.map(({ title }, at) =>
      Math.max(widthOf(title), ...rows.map((row) => widthOf(this.plain(row[at]?.text ?? '')))),
    );
    const fitted = this.#fit(columns, widths);
    if (!fitted) return undefined;
    const draw = (cells: readonly Cell[]): string => {
      const end = fitted.findLastIndex(({ at }) => (cells[at]?.text ?? '') !== '');
      return fitted
        .slice(0, end + 1)
        .map(({ at, width }, place) => {
          const { text, tone } = cells[at] ?? { text: '' };
          // Nothing stands to the right of the last one.
          const aligned = columns[at]?.align === 'right' ? padStart : place === end ? cut : pad;
          return this.paint(aligned(this.plain(text), width), tone);
        })
        .join(GAP);
    };
    const titles = columns.map(({ title }): Cell => ({ text: title, tone: 'dim' }));
    return [titles, ...rows].map(draw);
  }

  #fit(columns: readonly Column[], widths: readonly number[]) {
    let kept = widths.map((width, at) => ({ at, width }));
    const over = () =>
      kept.reduce((sum, { width }) => sum + width, 0) + GAP.length * (kept.length - 1) - this.columns;
    // The widest yields first; then what is spare goes, from the right.
    while (over() > 0) {
      const [widest] = kept
        .filter(({ at, width }) => width > (columns[at]?.yields ?? width))
        .sort((a, b) => b.width - a.width);
      const spare = kept.findLast(({ at }) => columns[at]?.spare);
      if (widest) kept = kept.map((one) => (one === widest ? { ...one, width: one.width - 1 } : one));
      else if (spare) kept = kept.filter((one) => one !== spare);
      else return undefined;
    }
    return kept;
  }
}
