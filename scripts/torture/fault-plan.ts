/** What is done to a round, and when. Pure: the same seed and round give the same plan. */
import { counted } from './counted.ts';
import { Dice } from './dice.ts';

export const FAULT_KINDS = [
  'kill',
  'term',
  'hangup',
  'interrupt-twice',
  'freeze',
  'second-controller',
  'cut',
  'reset',
  'kill-lane',
  'kill-command',
  'reboot',
  'power-off',
  'slow',
  'disk-full',
  'state-full',
  'torn',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Which of the two hosts, where it strikes one. */
  readonly host: 0 | 1;
  /** How long it lasts, where it lasts. */
  readonly ms: number;
  /** From 0 to 1: how many bytes are torn off, or which of two ways is taken. */
  readonly how: number;
}

/** So many records into a controller's life, and so many milliseconds after that. */
export interface Moment {
  readonly after: number;
  readonly plusMs: number;
  readonly faults: readonly Fault[];
}

export interface RoundPlan {
  readonly seed: number;
  readonly round: number;
  /** `0.2/0.5` for each counted step: seconds before it counts and after. */
  readonly paces: readonly string[];
  /** A step fails by plan, and the operator is asked before it is repeated. */
  readonly stubborn: boolean;
  /** The operator resumes at once, though what was broken may not be mended yet. */
  readonly impatient: boolean;
  /** What befalls the first controller, the second and so on; those after the last are left in peace. */
  readonly lives: readonly (readonly Moment[])[];
}

/** Records that an undisturbed run tells before its plan makes it fail for the first time, and those after it. */
const RECORDS = { first: 150, later: 45 };

/** The first fault goes through all kinds, so that a hundred rounds meet each of them; the others are thrown. */
export function planRound(
  seed: number,
  round: number,
  kinds: readonly [FaultKind, ...FaultKind[]] = FAULT_KINDS,
): RoundPlan {
  const dice = new Dice('round', seed, round);
  const turn = new Dice('turn', seed).whole(0, kinds.length - 1) + round;
  const paces = counted.map(({ longest }) => pace(dice, longest));
  const stubborn = dice.chance(0.25);
  const impatient = dice.chance(0.5);
  const lives = Array.from({ length: dice.pick([1, 1, 2, 2, 3]) }, (_, life) => {
    const kind = life === 0 ? (kinds[turn % kinds.length] ?? kinds[0]) : dice.pick(kinds);
    const faults = [fault(dice, kind)];
    if (dice.chance(0.2)) faults.push(fault(dice, dice.pick(kinds)));
    const after = dice.whole(1, life === 0 ? RECORDS.first : RECORDS.later);
    return [{ after, plusMs: dice.whole(0, 400), faults }];
  });
  return { seed, round, paces, stubborn, impatient, lives };
}

/** At the beginning, in the middle or at the end of its time; now and then at once. */
function pace(dice: Dice, longest: number): string {
  const whole = dice.whole(0, Math.round(longest * 100)) / 100;
  const share = dice.pick([0, 1, dice.whole(20, 80) / 100]);
  const before = Math.round(whole * share * 100) / 100;
  return `${before}/${Math.round((whole - before) * 100) / 100}`;
}

function fault(dice: Dice, kind: FaultKind): Fault {
  return { kind, host: dice.pick([0, 1]), ms: dice.whole(200, 3000), how: dice.fraction() };
}
