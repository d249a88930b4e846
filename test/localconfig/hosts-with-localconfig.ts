/** Hosts by the text of their localconfig.xml, as a probe of `readLocalconfig` sees them; it runs the real script. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Command, CommandResult } from '../../src/engine/ports.ts';

export function localconfigOf(values: Readonly<Record<string, string>>): string {
  const keys = Object.entries(values).map(
    ([name, value]) => `  <key name="${name}">\n    <value>${value}</value>\n  </key>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n\n<localconfig>\n${keys.join('')}</localconfig>\n`;
}

export interface Hosts {
  connection(host: string): { probe(command: Command): Promise<CommandResult> };
  /** Each probe: its host, and the user it asked to be. */
  readonly asked: string[];
  put(host: string, file: string, text: string): Promise<void>;
}

/** Each has a folder that stands for its root. */
export async function hostsWithLocalconfig(): Promise<Hosts> {
  const root = await mkdtemp(join(tmpdir(), 'lockstep-localconfig-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const asked: string[] = [];
  return {
    asked,
    async put(host, file, text) {
      const path = join(root, host, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    },
    connection: (host) => ({
      probe({ script = '', env = {}, as }) {
        asked.push(`${host} ${as}`);
        const files = String(env['LOCKSTEP_FILES']);
        const inside = files
          .split(' ')
          .map((file) => join(root, host, file))
          .join(' ');
        return new Promise((resolve) => {
          const options = { env: { PATH: process.env['PATH'], LOCKSTEP_FILES: inside } };
          execFile('sh', ['-c', script], options, (error, stdout, stderr) => {
            const code = typeof error?.code === 'number' ? error.code : 0;
            const told = stdout.replace(join(root, host), '');
            resolve({
              exit: { kind: 'exited', code },
              stdout: told,
              stderr,
              truncated: false,
              durationMs: 1,
            });
          });
        });
      },
    }),
  };
}
