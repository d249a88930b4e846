import type { Reporter } from './reporter.ts';

/** All of them hear the same, in this order. */
export function tee(...reporters: readonly Reporter[]): Reporter {
  return {
    told: (records, state) => {
      for (const one of reporters) one.told(records, state);
    },
    note: (task, line) => {
      for (const one of reporters) one.note(task, line);
    },
    output: (task, stream, text) => {
      for (const one of reporters) one.output?.(task, stream, text);
    },
    async ended(state, directory) {
      for (const one of reporters) await one.ended(state, directory);
    },
    pause() {
      const given = reporters.map((one) => one.pause());
      return () => {
        for (const giveBack of given) giveBack();
      };
    },
  };
}
