import { parseDuration } from '../engine/duration.ts';
import { verdictOf } from '../health/verdict.ts';
import { showDuration } from '../reporters/style.ts';
import { EXIT, Stop } from './exit-code.ts';
import { type Lookout, openLookout } from './health-look.ts';
import { interrupted, onInterrupt } from './interrupt.ts';
import { lookProgress } from './look-progress.ts';
import { canShow } from './screen-able.ts';
import type { StatusOptions } from './status.ts';
import { type StatusOutput, statusOutput } from './status-output.ts';
import { watchFrames, watchOnScreen } from './status-watching.ts';

/** Resolves to the exit code, as Nagios has them. */
export async function tellStatus(options: StatusOptions): Promise<number> {
  const output = statusOutput(options);
  const everyMs = intervalOf(options);
  const lookout = await openLookout(options);
  try {
    if (everyMs === undefined) return await once(lookout, output);
    const onScreen = !output.isForMachines && canShow(options);
    return await (onScreen ? watchOnScreen : watchFrames)(lookout, output, everyMs);
  } finally {
    await lookout.close();
  }
}

async function once(lookout: Lookout, output: StatusOutput): Promise<number> {
  const progress = lookProgress();
  const interrupt = onInterrupt(() => lookout.letGo());
  try {
    const looked = await lookout.look(progress.tell);
    if (interrupt.is()) throw interrupted();
    progress.stop();
    output.writeFiles(looked);
    process.stdout.write(lookout.redactor.text(output.text(looked)));
    return verdictOf(looked.findings).code;
  } finally {
    interrupt.stop();
    progress.stop();
  }
}

const EVERY_MS = 5_000;
const LEAST_MS = 1_000;
/** Each canary is two writes on every master, which all others take too. */
const LEAST_WITH_CANARY_MS = 30_000;

/** Seconds as a number, or a duration such as 1m. Throws Stop. */
function intervalOf({ watch, canary }: StatusOptions): number | undefined {
  if (watch === undefined) return undefined;
  const least = canary ? LEAST_WITH_CANARY_MS : LEAST_MS;
  const ms = watch === true ? EVERY_MS : millisecondsOf(watch);
  if (ms !== undefined && ms >= least) return ms;
  const given = watch === true ? `--watch, every ${showDuration(EVERY_MS)}` : `--watch ${watch}`;
  throw new Stop(
    EXIT.usage,
    `${given}: must be ${showDuration(least)} or more${canary ? ' with --canary, which writes at each look' : ''}`,
    `write seconds as --watch ${least / 1000}, or a duration as --watch 1m`,
  );
}

function millisecondsOf(text: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
}
