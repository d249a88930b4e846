import type { Command, CommandResult } from '../engine/ports.ts';

const SAMPLES = 4;

/**
 * Host clock minus controller clock in ms, by `date` over the open session: of some samples the one with the shortest
 * round trip counts, as half of it is the uncertainty (Cristian 1989).
 */
export async function measureSkew(
  probe: (command: Command) => Promise<CommandResult>,
  now: () => number,
): Promise<{ skewMs: number; uncertaintyMs: number }> {
  let best: { skewMs: number; uncertaintyMs: number } | undefined;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const sent = now();
    const result = await probe({ argv: ['date', '+%s.%N'], timeoutMs: 10_000 });
    const received = now();
    // %N is not in POSIX: a date that does not know it prints seconds and the letters.
    const [whole = '', fraction = ''] = result.stdout.trim().split('.');
    const seconds = Number(whole);
    const coarse = !/^\d{9}$/.test(fraction);
    if (!/^\d+$/.test(whole)) throw new Error(`date printed ${JSON.stringify(result.stdout)}`);
    const remote = seconds * 1000 + (coarse ? 500 : Number(fraction) / 1e6);
    const uncertaintyMs = (received - sent) / 2 + (coarse ? 500 : 0);
    const skewMs = remote - (sent + received) / 2;
    if (!best || uncertaintyMs < best.uncertaintyMs) best = { skewMs, uncertaintyMs };
  }
  if (!best) throw new Error('no sample of the clock');
  return { skewMs: Math.round(best.skewMs), uncertaintyMs: Math.ceil(best.uncertaintyMs) };
}
