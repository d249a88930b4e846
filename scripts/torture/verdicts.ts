/** The figures of all rounds, for people and for machines. */
import { FAULT_KINDS, type FaultKind } from './fault-plan.ts';
import type { Verdict } from './judge.ts';
import type { RoundPlayed } from './round.ts';

/** What `--json` writes. */
export interface Figures {
  readonly rounds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly resumes: number;
  readonly executedTwice: number;
  readonly outcomesLost: number;
  readonly wrongEnds: number;
}

export interface RoundJudged {
  readonly round: number;
  readonly played: Pick<RoundPlayed, 'struck' | 'resumes'>;
  readonly verdict: Verdict;
}

export function figuresOf(rounds: readonly RoundJudged[]): Figures {
  const sum = (of: (round: RoundJudged) => number): number => rounds.reduce((all, one) => all + of(one), 0);
  const struck = rounds.flatMap(({ played }) => played.struck);
  const count = (kind: FaultKind): number => struck.filter((one) => one === kind).length;
  return {
    rounds: rounds.length,
    faults: Object.fromEntries(FAULT_KINDS.map((kind) => [kind, count(kind)])),
    resumes: sum(({ played }) => played.resumes),
    executedTwice: sum(({ verdict }) => verdict.executedTwice),
    outcomesLost: sum(({ verdict }) => verdict.outcomesLost),
    wrongEnds: sum(({ verdict }) => verdict.wrongEnds),
  };
}

export function isClean({ executedTwice, outcomesLost, wrongEnds }: Figures): boolean {
  return executedTwice === 0 && outcomesLost === 0 && wrongEnds === 0;
}

export function table(figures: Figures): string {
  const kinds = Object.entries(figures.faults);
  const total = kinds.reduce((all, [, times]) => all + times, 0);
  const rows: readonly (readonly [string, number, string])[] = [
    ['rounds', figures.rounds, ''],
    ['faults that struck', total, ''],
    ...kinds.map(([kind, times]): readonly [string, number, string] => [`  ${kind}`, times, '']),
    ['resumes', figures.resumes, ''],
    ['executions beyond one', figures.executedTwice, 'must be 0'],
    ['outcomes lost', figures.outcomesLost, 'must be 0'],
    ['runs that ended otherwise', figures.wrongEnds, 'must be 0'],
  ];
  return rows
    .map(([what, times, must]) => `${what.padEnd(26)}${String(times).padStart(6)}  ${must}`.trimEnd())
    .join('\n');
}
