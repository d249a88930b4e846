/** What was measured, and what it may be at most. Pure. */

export interface Figures {
  /** Parts of a core, 0.1 is 10 %. */
  readonly withScreen: number;
  readonly withoutScreen: number;
  /** Peak, bytes. */
  readonly memory: number;
  /** From the write of a key to the changed screen, ms. */
  readonly keys: readonly number[];
  /** What was not as it must be on the screen. */
  readonly wrong: readonly string[];
  readonly looks: number;
}

export const LIMITS = { core: 0.1, memory: 150 * 1024 * 1024, keyMs: 100 } as const;

export interface Line {
  readonly what: string;
  readonly measured: string;
  readonly limit: string;
  readonly good: boolean;
}

export function linesOf(figures: Figures): readonly Line[] {
  const core = Math.max(0, figures.withScreen - figures.withoutScreen);
  const slowest = Math.max(...figures.keys);
  const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
  return [
    {
      what: 'CPU of the screen',
      measured: `${percent(core)} of a core (${percent(figures.withScreen)} with it, ${percent(figures.withoutScreen)} without)`,
      limit: percent(LIMITS.core),
      good: core < LIMITS.core,
    },
    {
      what: 'memory, peak of the process',
      measured: `${(figures.memory / 1024 / 1024).toFixed(0)} MB`,
      limit: `${LIMITS.memory / 1024 / 1024} MB`,
      good: figures.memory < LIMITS.memory,
    },
    {
      what: 'from a key to the screen',
      measured: `${median(figures.keys).toFixed(0)} ms median, ${slowest.toFixed(0)} ms at most, ${figures.keys.length} keys`,
      limit: `${LIMITS.keyMs} ms`,
      good: figures.keys.length > 0 && slowest < LIMITS.keyMs,
    },
    {
      what: 'the screen is right',
      measured: `${figures.wrong.length} of ${figures.looks} looks were not`,
      limit: '0',
      good: figures.looks > 0 && figures.wrong.length === 0,
    },
  ];
}

export function table(lines: readonly Line[]): string {
  const width = (of: (line: Line) => string): number => Math.max(...lines.map((line) => of(line).length));
  const [first, second] = [width(({ what }) => what), width(({ measured }) => measured)];
  return lines
    .map(
      ({ what, measured, limit, good }) =>
        `${good ? 'ok  ' : 'OVER'}  ${what.padEnd(first)}  ${measured.padEnd(second)}  limit ${limit}\n`,
    )
    .join('');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
