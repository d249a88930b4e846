/** Screens for tests: events are folded by the engine itself, and told to the store as a run tells them. */

import type { Event, Stamped, StepBrief } from '../../src/engine/event.ts';
import { evolve } from '../../src/engine/evolve.ts';
import type { RunState } from '../../src/engine/state.ts';
import type { Frame, Screen, Size } from '../../src/tui/screen.ts';
import { Store } from '../../src/tui/store.ts';
import { view } from '../../src/tui/view/view.ts';

export const START = Date.parse('2026-11-27T01:58:28.000Z');
const OPERATOR = { name: 'alice', host: 'desk', terminal: true };

export function step(
  id: string,
  title: string,
  hosts: readonly string[],
  more: Partial<StepBrief> = {},
): StepBrief {
  return {
    id,
    title,
    action: 'command',
    kind: 'change',
    hosts,
    order: 'parallel',
    risk: 'change',
    repeat: 'safe',
    proof: 'readback',
    checked: true,
    verified: true,
    onFailure: 'hold',
    tolerate: 0,
    ...more,
  };
}

export interface SceneOptions {
  readonly unicode?: boolean;
  readonly readOnly?: boolean;
  readonly reason?: string;
  readonly closes?: string;
}

export class Scene {
  readonly store: Store;
  now = START;
  state: RunState | undefined;
  /** All that the store was told. */
  readonly records: Stamped[] = [];

  constructor(
    steps: readonly StepBrief[],
    { unicode = true, readOnly = false, reason, closes }: SceneOptions = {},
  ) {
    this.store = new Store({ now: START, unicode, readOnly, zone: 0, later: (tell) => tell() });
    this.tell({
      type: 'run.opened',
      run: '20261127-015828-7f3a',
      started: new Date(START).toISOString(),
      runbook: { name: 'openldap/add-master', version: '1.2.0', digest: '' },
      title: 'Add a master',
      text: '',
      inputs: {},
      inventory: {},
      source: { runbook: '', inventory: '' },
      steps,
      policy: { yes: false, ...(closes && { window: { opens: '2026-11-27T01:00:00Z', closes } }) },
      operator: OPERATOR,
      versions: {},
      ...(reason && { reason }),
    });
  }

  tell(...events: readonly Event[]): this {
    for (const event of events) this.state = evolve(this.state, event);
    const at = new Date(this.now).toISOString();
    const records = events.map((event, index) => ({
      seq: this.records.length + index + 1,
      at,
      mono: this.now - START,
      event,
    }));
    this.records.push(...records);
    this.store.told(records, this.state as RunState);
    return this;
  }

  /** Seconds go by. */
  after(seconds: number): this {
    this.now += seconds * 1000;
    this.store.tick(this.now);
    return this;
  }

  begin(id: string): this {
    const found = this.state?.steps.find(({ brief }) => brief.id === id);
    const tasks = (found?.brief.hosts ?? []).map((host) => ({ id: `${id}@${host}`, host }));
    return this.tell({ type: 'step.began', step: id, tasks });
  }

  /** The step ends well on all its hosts. */
  pass(id: string, outcome: 'changed' | 'unchanged' | 'skipped' = 'unchanged'): this {
    this.begin(id);
    for (const { ref } of this.state?.steps.find(({ brief }) => brief.id === id)?.tasks ?? [])
      this.tell(this.ended(ref.id, outcome));
    return this;
  }

  ended(
    task: string,
    outcome: Extract<Event, { type: 'task.ended' }>['outcome'],
    why?: Extract<Event, { type: 'task.ended' }>['why'],
  ): Event {
    return { type: 'task.ended', task, attempt: this.attempt(task), outcome, ...(why && { why }) };
  }

  attempt(task: string): number {
    for (const { tasks } of this.state?.steps ?? [])
      for (const { ref, state } of tasks) if (ref.id === task) return state.attempt;
    return 1;
  }

  press(...keys: readonly string[]): this {
    for (const key of keys) this.store.key(key, this.now);
    return this;
  }

  get screen(): Screen {
    return this.store.getSnapshot();
  }
}

/** As it stands on a terminal; a bar marks the right edge, so that blanks at the end can be seen. */
export function shown(screen: Screen, size: Size): string {
  return `${textOf(view(screen, size)).join('\n')}\n`;
}

export function textOf(frame: Frame): readonly string[] {
  return frame.map((row) =>
    row
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );
}

/** `3: bad "✘"`, a line for each span that has a tone. */
export function tonesOf(frame: Frame): string {
  const lines = frame.flatMap((row, index) =>
    row.flatMap(({ text, tone }) =>
      tone === undefined || tone === 'plain' || text.trim() === ''
        ? []
        : [`${index + 1} ${tone}: ${text.trim()}`],
    ),
  );
  return `${lines.join('\n')}\n`;
}
