/** How a plan is sealed: its digest, and the file that keeps it. */
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { canonical } from '../plan/canonical.ts';
import type { PlanDocument } from '../plan/document.ts';
import { EXIT, Stop } from './exit-code.ts';
import { messageOf } from './message-of.ts';

/** The digest of a plan: over all of it but the digest itself. */
export function digestOf(document: Omit<PlanDocument, 'digest'> & { readonly digest?: string }): string {
  const { digest: _own, ...rest } = document;
  return `sha256:${createHash('sha256').update(canonical(rest)).digest('hex')}`;
}

/** Stops where the file cannot be made, before anything is looked at. What is there already is never overwritten. */
export function mayWrite(file: string): void {
  if (existsSync(file))
    throw new Stop(
      EXIT.usage,
      `${file} is there already`,
      'name another file, or remove it: a sealed plan is not overwritten',
    );
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch (error) {
    throw new Stop(
      EXIT.usage,
      `${file} cannot be written: ${messageOf(error)}`,
      'name a file in a directory that is yours',
    );
  }
}

/** Mode 0600: it tells how the hosts are set up. */
export function writeSealed(file: string, document: PlanDocument): void {
  try {
    writeFileSync(file, `${JSON.stringify(document, null, 1)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new Stop(
      EXIT.usage,
      `${file} cannot be written: ${messageOf(error)}`,
      'free space there, or name another file',
    );
  }
}
