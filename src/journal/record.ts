import { hash } from 'node:crypto';
import type { Event, Stamped } from '../engine/event.ts';

/** One line of the journal. */
export interface JournalRecord extends Stamped {
  /** The `sum` of the record before; zeros for the first. */
  readonly prev: string;
  /** First 32 hex digits of the SHA-256 of the line as it would be without `sum`. It is the last key of the line. */
  readonly sum: string;
}

export const GENESIS = '0'.repeat(32);

/** The file's name in a run's directory. */
export const JOURNAL = 'journal.ndjson';

const SUM = /,"sum":"([0-9a-f]{32})"\}$/;

/** A record as its line, without the newline. */
export function sealRecord(record: Omit<JournalRecord, 'sum'>): { line: string; record: JournalRecord } {
  const body = JSON.stringify(record);
  const sum = digest(body);
  return { line: `${body.slice(0, -1)},"sum":"${sum}"}`, record: { ...record, sum } };
}

/** The sum a line claims, if it is the right one; undefined if one bit is not as it was written. */
export function checkLine(line: string): string | undefined {
  const claimed = SUM.exec(line);
  if (!claimed) return undefined;
  return digest(`${line.slice(0, claimed.index)}}`) === claimed[1] ? claimed[1] : undefined;
}

function digest(body: string): string {
  return hash('sha256', body, 'hex').slice(0, 32);
}

/** Events that announce an effect or a decision: on disk before anything follows from them. */
export function mustBeDurable(event: Event): boolean {
  switch (event.type) {
    case 'task.intended':
    case 'run.opened':
    case 'run.resumed':
    case 'question.answered':
    case 'task.settled':
    case 'task.skipped':
    case 'run.noted':
    case 'run.held':
    case 'run.ended':
    case 'run.undone':
      return true;
    default:
      return false;
  }
}
