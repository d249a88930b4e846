import type { Reporter } from './reporter.ts';

/** The journal's own records, a line each, as they become durable. */
export function ndjsonReporter(write: (text: string) => void): Reporter {
  return {
    told: (records) => write(records.map((record) => `${JSON.stringify(record)}\n`).join('')),
    note: () => undefined,
    ended: () => undefined,
    pause: () => () => undefined,
  };
}
