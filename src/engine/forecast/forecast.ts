/** What a plan says would happen, and how it knows. Plain JSON. */
import type { Identity } from '../drift.ts';
import type { ChangeView } from '../event.ts';
import type { Asking } from '../input.ts';

/** `observed`: read from the hosts. `told`: the tool's own dry run said so. `unknown`: nobody can tell yet. */
export type Basis = 'observed' | 'told' | 'unknown';

export type Certain =
  | { readonly verdict: 'unchanged' }
  | { readonly verdict: 'skipped'; readonly why: string }
  /** `asks`: the question that comes before it. */
  | {
      readonly verdict: 'would change';
      readonly changes: readonly ChangeView[];
      readonly asks?: Asking;
    }
  | { readonly verdict: 'would ask'; readonly asks: Asking }
  | { readonly verdict: 'would fail'; readonly why: string; readonly next?: string };

export type Outlook =
  | Certain
  /** `standing`: what it would be in the world as it stands, before the steps that come first. */
  | {
      readonly verdict: 'unknown';
      readonly why: string;
      readonly standing?: Certain;
      /** The question that comes before it, should it change something. */
      readonly asks?: Asking;
    };

export type Verdict = Outlook['verdict'];

export type TaskForecast = Outlook & {
  /** `step@host`; of a loop whose list is unknown, one for all its items. */
  readonly task: string;
  readonly step: string;
  readonly host: string;
  readonly basis: Basis;
};

/** Host → DN → attribute → values, as they were read, credentials cut out. */
export type Observed = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>>
>;

/** What must hold throughout the run, as it is now. */
export interface InvariantForecast {
  readonly id: string;
  readonly title: string;
  readonly says: 'holds' | 'broken' | 'unknown';
  /** Absent where it holds. */
  readonly why?: string;
}

export interface Forecast {
  readonly invariants: readonly InvariantForecast[];
  readonly tasks: readonly TaskForecast[];
  /** What each host showed of itself, or why it could not be met. Empty when nobody was contacted. */
  readonly hosts: Readonly<Record<string, Identity | { readonly unreachable: string }>>;
  /** The configuration that the looks have read. */
  readonly observed: Observed;
}

/** What it would be in the world as it stands; undefined where nobody can tell even that. */
export function asThingsStand(outlook: Outlook): Certain | undefined {
  return outlook.verdict === 'unknown' ? outlook.standing : outlook;
}

/** The diff of what would change; [] of all else. */
export function diffOf(outlook: Outlook | undefined): readonly ChangeView[] {
  return outlook?.verdict === 'would change' ? outlook.changes : [];
}

/** The question that comes with it, certain or as things stand. */
export function asksOf(outlook: Outlook): Asking | undefined {
  if ('asks' in outlook) return outlook.asks;
  const certain = asThingsStand(outlook);
  return certain && 'asks' in certain ? certain.asks : undefined;
}

/** Does it, or may it, change something? */
export function mayChange(outlook: Outlook): boolean {
  return outlook.verdict === 'would change' || outlook.verdict === 'unknown';
}
