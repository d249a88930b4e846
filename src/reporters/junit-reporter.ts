import type { Stamped } from '../engine/event.ts';
import type { RunState } from '../engine/state.ts';
import { junitXml } from './junit.ts';
import type { Reporter } from './reporter.ts';
import { Times } from './times.ts';

export interface JunitPorts {
  readonly exitCode: (state: RunState) => number;
  /** Given the whole file, once. */
  readonly write: (xml: string) => void;
}

export interface JunitReporter extends Reporter {
  /** The process ends, in the middle of a run perhaps. Does nothing after `ended`, or before a first record. */
  exits(exitCode: number): void;
}

/** Says nothing before the end, whatever that is. A resumed run has told its earlier records first. */
export function junitReporter({ exitCode, write }: JunitPorts): JunitReporter {
  const times = new Times();
  let started = '';
  let reason: string | undefined;
  let state: RunState | undefined;
  let written = false;

  function take({ event }: Stamped): void {
    if (event.type === 'run.opened') started = event.started;
    if (event.type === 'run.opened' || event.type === 'run.resumed') reason = event.reason ?? reason;
  }

  function end(last: RunState, code: number, directory: string | undefined): void {
    written = true;
    write(junitXml({ state: last, times, started, reason, exitCode: code, directory }));
  }

  return {
    told(records, now) {
      for (const record of records) take(record);
      times.told(records, now);
      state = now;
    },
    note: () => undefined,
    ended: (last, directory) => end(last, exitCode(last), directory),
    exits(code) {
      if (state && !written) end(state, code, undefined);
    },
    pause: () => () => undefined,
  };
}
