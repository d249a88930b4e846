import type { Event, Operator } from '../engine/event.ts';
import { evolve } from '../engine/evolve.ts';
import { type AfterHold, actOn, type Refusal } from '../engine/held-act.ts';
import { note } from '../engine/note.ts';
import type { RunState } from '../engine/state.ts';
import type { Signals } from './signals.ts';

/** What a stretch of a run begins with: the events that open or reopen it, and what they are folded on. */
export interface Beginning {
  readonly before: RunState | undefined;
  readonly events: readonly Event[];
}

/** Asks what is to become of a run that is held. `refused`: why the last answer was not taken. */
export type AskAfterHold = (state: RunState, refused?: Refusal) => Promise<AfterHold>;

export interface GoOnPorts {
  /** From the beginning to done or held. */
  readonly stretch: (beginning: Beginning) => Promise<RunState>;
  /** As that of the loop. */
  readonly record: (events: readonly Event[], state: RunState) => Promise<void>;
  /** Absent where nobody stays: a run that is held is left. */
  readonly afterHold: AskAfterHold | undefined;
  readonly signals: Pick<Signals, 'listen' | 'keep' | 'mustLeave'>;
  readonly operator: Operator;
  readonly redact: (text: string) => string;
}

/** Runs to the end, or until a held run is left; between stretches whoever is there says how it goes on. */
export async function runOn(first: Beginning, ports: GoOnPorts): Promise<RunState> {
  let beginning = first;
  for (;;) {
    const end = await ports.stretch(beginning);
    if (end.done || !ports.afterHold || ports.signals.mustLeave()) return end;
    const next = await whileHeld(end, ports.afterHold, ports);
    if (next === 'left') return end;
    beginning = next;
  }
}

/** Notes are written at any time; a signal leaves what is held already. */
async function whileHeld(
  held: RunState,
  afterHold: AskAfterHold,
  { record, signals, operator, redact }: GoOnPorts,
): Promise<Beginning | 'left'> {
  const { promise: left, resolve: leave, reject } = Promise.withResolvers<AfterHold>();
  let written: Promise<void> = Promise.resolve();
  signals.listen((input) => {
    if (input.type === 'hold' && signals.mustLeave()) leave({ kind: 'leave' });
    const events = input.type === 'note' ? note(input.text, input.by) : [];
    if (events.length === 0) return;
    written = written.then(() => record(events, events.reduce<RunState>(evolve, held)));
    written.catch(reject);
  });
  for (let refused: Refusal | undefined; ; ) {
    const wish = await Promise.race([afterHold(held, refused), left]);
    if (wish.kind === 'leave') {
      await written;
      return 'left';
    }
    const acts = wish.acts.map((act) =>
      act.kind === 'retry' ? act : { ...act, because: redact(act.because) },
    );
    const acted = actOn(held, acts, operator.name);
    if ('refusal' in acted) {
      refused = acted;
      continue;
    }
    signals.keep();
    await written;
    return { before: held, events: [...acted.events, resumed(held, operator)] };
  }
}

/** The same person, at the same terminal, under the same policy: nobody has left. */
function resumed({ policy }: RunState, operator: Operator): Event {
  return { type: 'run.resumed', operator, policy, tornBytes: 0 };
}
