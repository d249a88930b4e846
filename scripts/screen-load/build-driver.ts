/** Builds the driver as the program itself is built: reading TypeScript takes memory that no operator's machine spends. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'rolldown';
import settings from '../../rolldown.config.ts';

/** Path of the built driver, in a folder of its own that the caller takes away. */
export async function buildDriver(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'lockstep-screen-load-'));
  await build({
    ...settings,
    logLevel: 'silent',
    input: { driver: join(import.meta.dirname, 'driver.ts') },
    output: { dir, format: 'esm', entryFileNames: '[name].js' },
  });
  return join(dir, 'driver.js');
}
