import { actions } from '../actions/index.ts';
import type { EventOf } from '../engine/event.ts';
import type { Inventory } from '../inventory/model.ts';
import { fromSnapshot, type Snapshot } from '../inventory/snapshot.ts';
import type { JournalRecord } from '../journal/record.ts';
import { parsePinned } from '../runbook/load.ts';
import type { Runbook } from '../runbook/model.ts';
import { EXIT, Stop } from './exit-code.ts';
import { problemLines } from './problem-lines.ts';

/** What a run goes on with: its first record, and what has been put in its place since. */
export type Pins = Pick<
  EventOf<'run.opened'>,
  'runbook' | 'text' | 'inputs' | 'inventory' | 'source' | 'given' | 'versions'
>;

export function pinsOf(records: readonly JournalRecord[]): Pins | undefined {
  let pins: Pins | undefined;
  for (const { event } of records) {
    if (event.type === 'run.opened') pins = event;
    if (event.type !== 'run.repinned' || !pins) continue;
    const {
      runbook = pins.runbook,
      text = pins.text,
      inputs = pins.inputs,
      inventory = pins.inventory,
    } = event;
    pins = { ...pins, runbook, text, inputs, inventory };
  }
  return pins;
}

/** The runbook as it is pinned, whatever the file says now. */
export function pinnedRunbook({ text, versions }: Pins): Runbook {
  const { runbook, problems } = parsePinned(text, actions);
  if (runbook) return runbook;
  throw new Stop(
    EXIT.stale,
    `the pinned runbook no longer parses with this lockstep:\n${problemLines(problems).trimEnd()}`,
    `resume with lockstep ${versions['lockstep']}`,
  );
}

/** The pinned inventory; today's only lends the secrets that the snapshot leaves out. */
export function pinnedInventory(pins: Pins, live: Inventory | undefined): Inventory {
  return fromSnapshot(pins.inventory as Snapshot, live);
}
