import { decide } from './decide.ts';
import type { AnswerWord, Event, HoldReason, Question } from './event.ts';
import { evolve } from './evolve.ts';
import { Inbox } from './inbox.ts';
import type { Input, Move } from './input.ts';
import { next } from './next.ts';
import type { RunState } from './state.ts';

export interface Answer {
  readonly answer: AnswerWord;
  readonly by: string;
  readonly ground: string;
  readonly because?: string;
}

/** Why nobody has answered, where there is more to say than that nobody is there. */
export interface Unanswered {
  readonly unanswered: string;
}

export interface RunPorts {
  /** Carries out one move; rejects only for a fault of the program. Hosts met on the way come before the result. */
  perform(move: Move, state: RunState): Promise<readonly Input[]>;
  /** Resolves when the events are in the journal, durably where one announces an effect. Rejects: no more effects. */
  record(events: readonly Event[], state: RunState): Promise<void>;
  /** Undefined when there is nobody to ask: without an answer the run holds. */
  ask(question: Question): Promise<Answer | Unanswered | undefined>;
  /** Hands the loop a way in for commands from outside: hold, go on, a note. */
  listen?(command: (input: Input) => void): void;
}

interface Delivery {
  /** The move or question that this ends; freed only when its inputs are decided, so that it cannot start twice. */
  readonly ends?: string;
  readonly inputs: readonly Input[];
  readonly crash?: unknown;
}

/**
 * The only loop. Starts what should be under way, takes what comes back, decides, records, and starts over, until the
 * run is done or held. Nothing begins before the event that announces it is on disk.
 */
export async function run(opened: RunState, ports: RunPorts): Promise<RunState> {
  let state = opened;
  const inbox = new Inbox<Delivery>();
  const underWay = new Set<string>();
  const asked = new Set<string>();
  ports.listen?.((input) => inbox.put({ inputs: [input] }));

  // What came together with the last record is heard too: a note that somebody has just written.
  while ((!state.done && !state.held) || !inbox.empty) {
    for (const move of next(state)) begin(keyOf(move), () => ports.perform(move, state));
    for (const question of Object.values(state.questions)) {
      if (asked.has(question.id)) continue;
      asked.add(question.id);
      begin(`ask ${question.id}`, async () => [toInput(question, await ports.ask(question))]);
    }
    if (underWay.size === 0 && inbox.empty) inbox.put({ inputs: [{ type: 'idle' }] });

    const events: Event[] = [];
    for (const delivery of await inbox.takeAll()) {
      if ('crash' in delivery) throw delivery.crash;
      if (delivery.ends) underWay.delete(delivery.ends);
      for (const input of delivery.inputs) {
        for (const event of decide(state, input)) {
          state = evolve(state, event);
          events.push(event);
        }
      }
    }
    if (events.length > 0) await ports.record(events, state);
  }
  return state;

  function begin(key: string, work: () => Promise<readonly Input[]>): void {
    if (underWay.has(key)) return;
    underWay.add(key);
    work().then(
      (inputs) => inbox.put({ ends: key, inputs }),
      (crash: unknown) => inbox.put({ inputs: [], crash }),
    );
  }
}

function keyOf(move: Move): string {
  return move.kind === 'begin' ? `begin ${move.step}` : `${move.kind} ${move.attempt} ${move.task.id}`;
}

/** What holds a run at a question that nobody answers. */
const UNANSWERED: Partial<Record<Question['purpose'], HoldReason>> = { doubt: 'doubt', differs: 'drift' };

function toInput(question: Question, answer: Answer | Unanswered | undefined): Input {
  if (answer && 'answer' in answer) return { type: 'answer', question: question.id, ...answer };
  const reason = UNANSWERED[question.purpose] ?? 'question';
  const why = answer?.unanswered ?? 'nobody is there to answer';
  return { type: 'hold', reason, text: `${question.task} asks, and ${why}: ${question.text}` };
}
