/** A terminal's screen as an SVG picture. Pure: the same cells, the same text. */
import { text as xmlText } from '../../src/reporters/xml.ts';
import type { Cell, Colour } from '../../test/pty-cells.ts';

/** Pixels of one letter, and the empty edge around the screen. */
const WIDTH = 8;
const HEIGHT = 18;
const EDGE = 14;
/** From the top of a row to the foot of its letters. */
const BASE = 13;
const GROUND = '#16191d';
const INK = '#d5d8dc';
const FONT = 'ui-monospace,SFMono-Regular,Menlo,Consolas,&quot;DejaVu Sans Mono&quot;,monospace';
/** The sixteen colours that a terminal names: dark, then bright. */
const NAMED = [
  ...['#3b4048', '#e5706f', '#7fc37e', '#dcb35f', '#6ea8e6', '#c58bd8', '#62bfc4', '#d5d8dc'],
  ...['#7d8590', '#ff8f8d', '#9ade98', '#f2cd7c', '#8fc1fa', '#dca7ec', '#81dbe0', '#ffffff'],
] as const;
/** Steps of the 6x6x6 cube of xterm's 256 colours. */
const CUBE = [0, 95, 135, 175, 215, 255];

export interface Picture {
  /** For those who hear it, and as a tooltip. */
  readonly title: string;
  readonly columns: number;
}

/** As high as its rows are many; give it the rows that matter. */
export function svgOf(rows: readonly (readonly Cell[])[], { title, columns }: Picture): string {
  const width = columns * WIDTH + 2 * EDGE;
  const height = rows.length * HEIGHT + 2 * EDGE;
  const drawn = rows.flatMap((row, index) => drawRow(row, EDGE + index * HEIGHT));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="13" fill="${INK}">`,
    `<title>${xmlText(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="7" fill="${GROUND}"/>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

/** Neighbours that look the same, as one. */
interface Piece {
  readonly cells: readonly Cell[];
  readonly column: number;
  readonly look: Look;
}

interface Look {
  readonly fg: string;
  readonly bg: string;
  readonly style: string;
}

function drawRow(row: readonly Cell[], top: number): string[] {
  const pieces = piecesOf(row);
  const grounds = pieces
    .filter(({ look }) => look.bg !== GROUND)
    .map(
      (piece) =>
        `<rect x="${left(piece)}" y="${top}" width="${wide(piece)}" height="${HEIGHT}" fill="${piece.look.bg}"/>`,
    );
  const spans = pieces.flatMap((piece) => wordsOf(piece)).map(span);
  if (spans.length === 0) return grounds;
  return [...grounds, `<text y="${top + BASE}" xml:space="preserve">${spans.join('')}</text>`];
}

/** The length is given, so that columns stand below each other in whatever font there is. */
function span(piece: Piece): string {
  const { fg, style } = piece.look;
  const fill = fg === INK ? '' : ` fill="${fg}"`;
  const text = xmlText(piece.cells.map((cell) => cell.text).join(''));
  return `<tspan x="${left(piece)}" textLength="${wide(piece)}"${fill}${style}>${text}</tspan>`;
}

const left = ({ column }: Piece): number => EDGE + column * WIDTH;
const wide = ({ cells }: Piece): number => columnsOf(cells) * WIDTH;
const columnsOf = (cells: readonly Cell[]): number => cells.reduce((sum, { width }) => sum + width, 0);

function piecesOf(row: readonly Cell[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let column = 0;
  for (const cell of row) {
    const look = lookOf(cell);
    const last = pieces.at(-1);
    if (last && last.look.fg === look.fg && last.look.bg === look.bg && last.look.style === look.style)
      pieces[pieces.length - 1] = { ...last, cells: [...last.cells, cell] };
    else pieces.push({ cells: [cell], column, look });
    column += cell.width;
  }
  return pieces;
}

/** Without gaps of two blanks and more: they need no letters, and keep their width in every font. */
function wordsOf({ cells, column, look }: Piece): readonly Piece[] {
  const found: Piece[] = [];
  const isBlank = (place: number): boolean => (cells[place]?.text ?? ' ') === ' ';
  for (let first = 0; first < cells.length; first++) {
    if (isBlank(first)) continue;
    let end = first;
    while (!(isBlank(end) && isBlank(end + 1))) end++;
    found.push({ cells: cells.slice(first, end), column: column + columnsOf(cells.slice(0, first)), look });
    first = end;
  }
  return found;
}

function lookOf(cell: Cell): Look {
  const [fg, bg] = [hex(cell.fg, INK), hex(cell.bg, GROUND)];
  const style = [
    cell.bold ? ' font-weight="bold"' : '',
    cell.dim ? ' opacity=".6"' : '',
    cell.italic ? ' font-style="italic"' : '',
    cell.underline ? ' text-decoration="underline"' : '',
  ].join('');
  return cell.inverse ? { fg: bg, bg: fg, style } : { fg, bg, style };
}

function hex(colour: Colour | undefined, otherwise: string): string {
  if (colour === undefined) return otherwise;
  if (typeof colour === 'string') return colour;
  if (colour < 16) return NAMED[colour] ?? otherwise;
  const grey = (level: number): string => level.toString(16).padStart(2, '0');
  if (colour >= 232) return `#${grey(8 + (colour - 232) * 10).repeat(3)}`;
  const at = (step: number): string => grey(CUBE[step % 6] ?? 0);
  const place = colour - 16;
  return `#${at(Math.floor(place / 36))}${at(Math.floor(place / 6))}${at(place)}`;
}
