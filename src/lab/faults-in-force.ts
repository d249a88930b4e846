import { clockOffset } from './host-clock.ts';
import { diskState } from './host-disk.ts';
import { hostPower } from './host-power.ts';
import type { LabRecord } from './lab-record.ts';
import { linkState } from './network.ts';
import { hasSlapd, slapdProcesses } from './slapd-process.ts';
import { linkDelay } from './slow-link.ts';

/** What is wrong with a host now, whoever made it so: `slapd-gone` too when a runbook stopped it. */
export type FaultInForce =
  | { readonly kind: 'stopped' | 'cut' | 'disk-full' | 'slapd-gone' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'clock'; readonly offsetS: number };

/** Reads the world and keeps no book, so that it is true after a crash of whoever made a fault. */
export async function faultsInForce(lab: LabRecord, host: string): Promise<readonly FaultInForce[]> {
  const [power, link, delayMs, disk, offsetS, slapd] = await Promise.all([
    hostPower(lab.name, host),
    linkState(lab.name, host),
    linkDelay(lab.name, host),
    diskState(lab.name, host),
    clockOffset(lab.name, host),
    slapdProcesses(lab, host),
  ]);
  const found: FaultInForce[] = [];
  if (power === 'off') found.push({ kind: 'stopped' });
  else if (slapd.length === 0 && (await hasSlapd(lab, host))) found.push({ kind: 'slapd-gone' });
  if (link === 'cut') found.push({ kind: 'cut' });
  if (delayMs > 0) found.push({ kind: 'slow', delayMs });
  if (disk === 'full') found.push({ kind: 'disk-full' });
  if (offsetS !== 0) found.push({ kind: 'clock', offsetS });
  return found;
}
