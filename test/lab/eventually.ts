import { vi } from 'vitest';

/** Asks until the assertion holds, for as long as a service of a lab may take to connect anew. */
export function eventually(assertion: () => Promise<void>): Promise<void> {
  return vi.waitFor(assertion, { timeout: 15_000, interval: 200 });
}
