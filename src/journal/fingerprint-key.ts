import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from './journal-error.ts';

const LENGTH = 32;

/**
 * The key of a run's fingerprints of secrets, made when it is first needed. It is not in the journal, so that a journal that is
 * handed on cannot be tried against a list of passwords. Undefined when it was lost
 * (`mayMake`: there are no fingerprints yet): then nothing can be compared.
 */
export function fingerprintKey(directory: string, mayMake: boolean): Buffer | undefined {
  const path = join(directory, 'key');
  try {
    const key = readFileSync(path);
    return key.length === LENGTH ? key : undefined;
  } catch {
    if (!mayMake) return undefined;
  }
  const key = randomBytes(LENGTH);
  guard(path, () => writeFileSync(path, key, { mode: 0o600 }));
  return key;
}
