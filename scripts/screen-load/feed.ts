/** A run of 40 steps on 64 hosts that goes on as time goes by, and what its commands print. The same every time. */
import type { Event, Stamped, StepBrief } from '../../src/engine/event.ts';
import { evolve } from '../../src/engine/evolve.ts';
import type { RunState } from '../../src/engine/state.ts';

export const HOSTS = 64;
export const STEPS = 40;
export const LINES_A_SECOND = 1000;
export const NAME = 'load/sixty-four';
/** One line of 1 MB in so many. */
const LONG_EVERY = 2000;
/** Bytes in which a long line arrives. */
const PIECE = 64 * 1024;

/** What is printed to take a terminal over, or to break the one who draws it. */
const HOSTILE: readonly string[] = [
  '\u001b[2J\u001b[H\u001b[31mthe screen is cleared',
  '\u001b]0;taken over\u0007the title is another',
  '\u001bcthe terminal is reset',
  '\u001b[?1049l\u001b[?25hthe screen before is back',
  'over\r\r\rwritten\b\b\b',
  '\u009b2Jas one byte\u009d0;taken over\u009c',
  '\u202etfel ot thgir\u202c \u200bnothing\u200b',
  '\tfar\t\tright\u000b\u000c',
  '漢字 and 😀 and a\u0301\u0301\u0301',
  '\u001bP+q544e\u001b\\\u001b[6n\u001b[cwhat are you?',
  '\u001b[1000000;1000000H\u001b[1000000Lfar away',
];
const INVALID = Uint8Array.from([0x62, 0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98, 0x0a]);

export interface Heard {
  told(records: readonly Stamped[], state: RunState): void;
  output(task: string, stream: 'stdout' | 'stderr', text: string): void;
}

export class Feed {
  readonly #heard: Heard;
  readonly #begun: number;
  readonly #stepMs: number;
  readonly #pending: { readonly at: number; readonly event: Event }[] = [];
  #state: RunState | undefined;
  #seq = 0;
  #lines = 0;

  /** The run is over after so many ms from `begun`, which is in ms since the epoch. */
  constructor(heard: Heard, begun: number, ms: number) {
    this.#heard = heard;
    this.#begun = begun;
    this.#stepMs = ms / STEPS;
    this.#pending.push({ at: 0, event: opened(begun) });
    for (let step = 0; step < STEPS; step++) this.#pending.push(...this.#plan(step));
    this.#pending.push({ at: ms, event: { type: 'run.ended', outcome: 'done' } });
  }

  /** All that has happened up to `now`. */
  advance(now: number): void {
    const passed = now - this.#begun;
    this.#tell(passed);
    const due = Math.floor((Math.min(passed, this.#stepMs * STEPS) / 1000) * LINES_A_SECOND);
    for (; this.#lines < due; this.#lines++) this.#print(this.#lines);
  }

  #tell(passed: number): void {
    const records: Stamped[] = [];
    let count = 0;
    for (const { at, event } of this.#pending) {
      if (at > passed) break;
      count++;
      this.#state = evolve(this.#state, event);
      records.push({ seq: ++this.#seq, at: new Date(this.#begun + at).toISOString(), mono: at, event });
    }
    if (count === 0 || !this.#state) return;
    this.#pending.splice(0, count);
    this.#heard.told(records, this.#state);
  }

  #print(line: number): void {
    const step = this.#state?.cursor ?? 0;
    const task = taskOf(Math.min(step, STEPS - 1), line % HOSTS);
    const stream = line % 5 === 0 ? 'stderr' : 'stdout';
    for (const text of textOf(line)) this.#heard.output(task, stream, text);
  }

  /** Hosts begin one after the other in the first third of the step, and end in the last one. */
  #plan(step: number): { at: number; event: Event }[] {
    const from = step * this.#stepMs;
    const tasks = Array.from({ length: HOSTS }, (_, host) => ({
      id: taskOf(step, host),
      host: hostOf(host),
    }));
    const events: { at: number; event: Event }[] = tasks.flatMap(({ id: task }, host) => {
      const begin = from + (host / HOSTS) * 0.3 * this.#stepMs;
      const end = begin + 0.6 * this.#stepMs;
      const attempt = 1;
      return [
        { at: begin, event: { type: 'task.looked', task, attempt, changes: changesOf(host) } },
        { at: begin, event: { type: 'task.intended', task, attempt, bootId: 'b' } },
        { at: end, event: { type: 'task.wrote', task, attempt, durationMs: end - begin } },
        { at: end, event: { type: 'task.ended', task, attempt, outcome: 'changed' } },
      ] satisfies { at: number; event: Event }[];
    });
    events.sort((one, other) => one.at - other.at);
    return [{ at: from, event: { type: 'step.began', step: stepOf(step), tasks } }, ...events];
  }
}

/** In the pieces in which it arrives. */
function* textOf(line: number): Generator<string> {
  if (line % LONG_EVERY === LONG_EVERY / 2) {
    for (let piece = 0; piece < (1024 * 1024) / PIECE; piece++) yield 'x\u001b[7m'.repeat(PIECE / 5);
    yield '\n';
  } else if (line % 50 === 7) yield new TextDecoder().decode(INVALID);
  else if (line % 3 === 0) yield `${HOSTILE[(line / 3) % HOSTILE.length]}\n`;
  else yield `line ${line}: 1,023 entries read, 17 written, 0 refused\n`;
}

const hostOf = (host: number): string => `ldap${String(host + 1).padStart(2, '0')}`;
const stepOf = (step: number): string => `step-${step + 1}`;
const taskOf = (step: number, host: number): string => `${stepOf(step)}@${hostOf(host)}`;

function changesOf(host: number) {
  return [
    {
      what: 'olcDatabase={1}mdb,cn=config',
      lines: [{ op: '+' as const, text: `olcSyncrepl: rid=${host} provider=ldap://x` }],
    },
  ];
}

function opened(begun: number): Event {
  const hosts = Array.from({ length: HOSTS }, (_, host) => hostOf(host));
  const steps = Array.from(
    { length: STEPS },
    (_, step): StepBrief => ({
      id: stepOf(step),
      title: `Step of the load, number ${step + 1}`,
      action: 'command',
      kind: 'change',
      hosts,
      order: 'parallel',
      risk: step === 25 ? 'irreversible' : 'change',
      repeat: 'safe',
      proof: 'command',
      checked: true,
      verified: true,
      onFailure: 'hold',
      tolerate: 0,
    }),
  );
  return {
    type: 'run.opened',
    run: '20261122-015312-7f3a',
    runbook: { name: NAME, version: '1.0.0', digest: '' },
    title: 'A load',
    text: '',
    inputs: {},
    started: new Date(begun).toISOString(),
    inventory: {},
    source: { runbook: '', inventory: '' },
    steps,
    policy: { yes: true },
    operator: { name: 'alice', host: 'desk', terminal: true },
    versions: {},
  };
}
