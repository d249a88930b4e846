/** The whole screen as rows of text: what is known, and a size. Pure. */
import { asciiRow } from '../ascii.ts';
import { fill, narrow } from '../cells.ts';
import type { Frame, Row, Screen, Size } from '../screen.ts';
import { block, detailRows } from './detail.ts';
import { headerRows, ruleRow } from './header.ts';
import { footRow } from './key-rows.ts';
import { type Layout, layoutOf, matrixRows, stepLines } from './matrix.ts';
import { panelRows } from './panel.ts';

/** From how many columns a detail stands beside the steps, and how many rows it needs below them. */
const BESIDE = 96;
const BELOW = 5;
const NARROWEST_DETAIL = 36;

/** At most `rows - 1` rows, none wider than the columns, and nothing in them that a terminal would obey. */
export function view(screen: Screen, size: Size): Frame {
  const columns = Math.max(1, size.columns);
  const rows = Math.max(1, size.rows - 1);
  const header = headerRows(screen, columns, rows < 8 ? 1 : rows < 13 ? 2 : 3);
  const foot = [footRow(screen, columns)];
  const most = rows - header.length - foot.length;
  const panel = panelRows(screen, columns, most, rows);
  const rule = panel.length === 0 && rows >= 13 ? [ruleRow(columns)] : [];
  const body = bodyRows(screen, columns, Math.max(0, most - panel.length - rule.length));
  const frame = [...header, ...body, ...panel, ...rule, ...foot];
  const shown = frame.slice(0, rows).map((row) => narrow(row, columns));
  return screen.unicode ? shown : shown.map(asciiRow);
}

function bodyRows(screen: Screen, columns: number, rows: number): Frame {
  if (rows === 0) return [];
  if (columns >= BESIDE && rows >= 3) return besideRows(screen, columns, rows);
  const layout = layoutOf(screen.run, columns);
  const wide: Layout = { ...layout, width: columns };
  const needed = stepLines(screen.run);
  const spare = rows - needed;
  if (spare < BELOW + 1) return block(matrixRows(screen, wide, rows), columns, rows);
  const rest = rows - needed - 1;
  const detail = detailRows(screen, columns - 2, rest, !layout.columns);
  return [
    ...block(matrixRows(screen, wide, needed), columns, needed),
    ruleRow(columns),
    ...detail.map((row): Row => [{ text: ' ' }, ...row]),
  ];
}

function besideRows(screen: Screen, columns: number, rows: number): Frame {
  const layout = layoutOf(screen.run, Math.min(columns - NARROWEST_DETAIL, Math.floor(columns * 0.64)));
  const steps = matrixRows(screen, layout, rows);
  const cells = columns - layout.width - 3;
  const detail = detailRows(screen, cells, rows, !layout.columns);
  return Array.from(
    { length: rows },
    (_, index): Row => [
      ...fill(steps[index] ?? [], layout.width),
      { text: '│ ', tone: 'dim' },
      ...(detail[index] ?? []),
    ],
  );
}
