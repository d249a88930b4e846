import { EXIT, Stop } from './exit-code.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Asks for an end, once: by a signal, or by output that nobody reads any more. A second signal ends the process at once. */
export function onInterrupt(end: () => void): { readonly is: () => boolean; stop(): void } {
  let asked = false;
  const take = (): void => {
    asked = true;
    stop();
    end();
  };
  const stop = (): void => {
    for (const signal of SIGNALS) process.off(signal, take);
    process.stdout.off('error', take);
  };
  for (const signal of SIGNALS) process.on(signal, take);
  process.stdout.on('error', take);
  return { is: () => asked, stop };
}

export function interrupted(): Stop {
  return new Stop(EXIT.operator, 'interrupted: what was seen so far is not told');
}
