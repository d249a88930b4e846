import { median } from './median.ts';

/** Milliseconds of each round; [] for what was not measured. */
export type Measured = Record<
  'lockstep10' | 'bare10' | 'lockstep100' | 'bare100' | 'ansible' | 'clush',
  number[]
>;

/** What `--json` writes; null for what was not measured. */
export interface Figures {
  readonly ratios: {
    /** Our time over that of the bare loop: below 1 we are faster. */
    readonly bare10: number | null;
    readonly bare100: number | null;
    /** Their time over ours: how many times faster we are. */
    readonly ansible: number | null;
    readonly clush: number | null;
  };
  readonly helpMs: number;
  readonly planMs: number;
}

export function ratiosOf(measured: Measured): Figures['ratios'] {
  const over = (one: keyof Measured, other: keyof Measured): number | null =>
    measured[one].length === 0 || measured[other].length === 0
      ? null
      : Number((median(measured[one]) / median(measured[other])).toFixed(3));
  return {
    bare10: over('lockstep10', 'bare10'),
    bare100: over('lockstep100', 'bare100'),
    ansible: over('ansible', 'lockstep10'),
    clush: over('clush', 'lockstep10'),
  };
}

/** The table: median, all rounds, the ratio and what it should be. */
export function report(measured: Measured, figures: Figures, hosts: number): string {
  const { ratios } = figures;
  const rows: string[][] = [
    ['', 'median', 'rounds', 'ratio', 'target'],
    row(`lockstep ${hosts} x 10`, measured.lockstep10),
    row(`bare ssh2 loop ${hosts} x 10`, measured.bare10, ratios.bare10, 'ours/bare', '<= 1.0'),
    row(`lockstep ${hosts} x 100`, measured.lockstep100),
    row(`bare ssh2 loop ${hosts} x 100`, measured.bare100, ratios.bare100, 'ours/bare', '<= 0.7'),
    row(`ansible-playbook ${hosts} x 10`, measured.ansible, ratios.ansible, 'theirs/ours', '>= 25'),
    row(`clush ${hosts} x 10`, measured.clush, ratios.clush, 'theirs/ours', '>= 4'),
    ['lockstep --help', `${figures.helpMs.toFixed(0)} ms`, '', '', '< 150 ms'],
    ['plan 200 hosts x 100 steps', `${figures.planMs.toFixed(1)} ms`, '', '', ''],
  ];
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
  return rows
    .map(
      (cells) =>
        `${cells
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function row(name: string, times: readonly number[], ratio?: number | null, how = '', target = ''): string[] {
  if (times.length === 0) return [name, 'not measured', '', '', target];
  const rounds = times.map(seconds).join(' ');
  return [
    name,
    `${seconds(median(times))} s`,
    rounds,
    ratio == null ? '' : `${ratio.toFixed(2)} ${how}`,
    target,
  ];
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}
