/** The two ways of `status --watch`: the screen of a terminal, or frames on stdout. */
import { verdictOf } from '../health/verdict.ts';
import { healthText } from '../reporters/health-text.ts';
import { showDuration } from '../reporters/style.ts';
import { EXIT, Stop } from './exit-code.ts';
import type { Looked, Lookout } from './health-look.ts';
import { paperFor } from './health-paper.ts';
import { onInterrupt } from './interrupt.ts';
import { lookProgress } from './look-progress.ts';
import type { StatusOutput } from './status-output.ts';
import { watch } from './status-watch.ts';
import { openWatchScreen } from './watch-screen.ts';

/** Nothing was seen at the end: unknown. */
const codeOf = (looked: Looked | undefined): number => (looked ? verdictOf(looked.findings).code : UNKNOWN);
const UNKNOWN = 3;

/** A frame each interval; the first look may ask for a host key, and its failure ends it. */
export async function watchFrames(lookout: Lookout, output: StatusOutput, everyMs: number): Promise<number> {
  const end = Promise.withResolvers<void>();
  const interrupt = onInterrupt(() => {
    lookout.letGo();
    end.resolve();
  });
  let stopped: unknown;
  try {
    const last = await watch<Looked>({
      everyMs,
      look: () => lookout.look(() => undefined).catch(endAtStop),
      ended: end.promise,
      shown(looked) {
        output.writeFiles(looked);
        const gap = output.isForMachines ? '' : '\n';
        process.stdout.write(`${lookout.redactor.text(output.text(looked))}${gap}`);
      },
      failed: (message) => void process.stderr.write(`lockstep: ${lookout.redactor.text(message)}\n`),
    });
    if (stopped) throw stopped;
    return codeOf(last);
  } finally {
    interrupt.stop();
  }

  function endAtStop(error: unknown): never {
    if (error instanceof Stop) {
      stopped = error;
      end.resolve();
    }
    throw error;
  }
}

/** The first look is made before the screen is opened: it may ask for a host key. */
export async function watchOnScreen(
  lookout: Lookout,
  output: StatusOutput,
  everyMs: number,
): Promise<number> {
  const progress = lookProgress();
  const early = onInterrupt(() => lookout.letGo());
  let first: Looked | undefined;
  try {
    first = await lookout.look(progress.tell);
  } finally {
    early.stop();
    progress.stop();
  }
  if (early.is()) return EXIT.operator;
  const screen = openWatchScreen();
  const end = Promise.withResolvers<void>();
  const interrupt = onInterrupt(() => end.resolve());
  screen.left.then(end.resolve, end.reject);
  const last = await watch<Looked>({
    everyMs,
    async look() {
      const looked = first ?? (await lookout.look((stage) => screen.say(stage)));
      first = undefined;
      return looked;
    },
    ended: end.promise,
    shown(looked) {
      output.writeFiles(looked);
      const { site, findings } = looked;
      screen.show((columns) => lookout.redactor.text(healthText(site, findings, paperFor(columns))));
    },
    failed: (message) => screen.say(lookout.redactor.text(message), true),
    waits: (ms) => screen.say(`next look in ${showDuration(Math.ceil(ms / 1000) * 1000)}`),
    wanted: () => screen.wanted(),
  });
  interrupt.stop();
  lookout.letGo();
  await screen.close();
  await end.promise;
  return codeOf(last);
}
