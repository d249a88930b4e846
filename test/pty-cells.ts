/** A terminal's screen as plain values: what stands in each cell, and how it looks. */
import type { IBuffer, IBufferCell } from '@xterm/headless';

/** 0 to 255 of the terminal's palette, or `#rrggbb`. */
export type Colour = number | string;

export interface Cell {
  /** A letter with what is combined with it; a space where nothing is written. */
  readonly text: string;
  /** Columns: a wide letter takes 2, and no cell follows for its second. */
  readonly width: number;
  readonly fg?: Colour;
  readonly bg?: Colour;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly inverse?: true;
}

/** `count` rows from `first`, each as wide as the terminal. */
export function cellsOf(
  buffer: IBuffer,
  first: number,
  count: number,
  columns: number,
): readonly (readonly Cell[])[] {
  return Array.from({ length: count }, (_, row) => {
    const line = buffer.getLine(first + row);
    const cells: Cell[] = [];
    for (let column = 0; line && column < Math.min(columns, line.length); column++) {
      const cell = line.getCell(column);
      if (cell && cell.getWidth() > 0) cells.push(cellOf(cell));
    }
    return cells;
  });
}

/** `count` rows from `first` as text, without the blanks at their ends. A line keeps what stood in columns that are gone. */
export function textOf(buffer: IBuffer, first: number, count: number, columns: number): string[] {
  return Array.from(
    { length: count },
    (_, row) =>
      buffer
        .getLine(first + row)
        ?.translateToString(true, 0, columns)
        .trimEnd() ?? '',
  );
}

function cellOf(cell: IBufferCell): Cell {
  const fg = colourOf(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor());
  const bg = colourOf(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor());
  return {
    text: cell.getChars() || ' ',
    width: cell.getWidth(),
    ...(fg !== undefined && { fg }),
    ...(bg !== undefined && { bg }),
    ...(cell.isBold() && { bold: true as const }),
    ...(cell.isDim() && { dim: true as const }),
    ...(cell.isItalic() && { italic: true as const }),
    ...(cell.isUnderline() && { underline: true as const }),
    ...(cell.isInverse() && { inverse: true as const }),
  };
}

function colourOf(isDefault: boolean, isRgb: boolean, value: number): Colour | undefined {
  if (isDefault) return undefined;
  return isRgb ? `#${value.toString(16).padStart(6, '0')}` : value;
}
