/**
 * Looks at the arguments of every process of this machine, of its containers too, again and again, from a process of its own:
 * what the tests do meanwhile does not slow it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Canary } from './canaries.ts';

export interface Sampled {
  /** Rounds over all processes, and command lines read. */
  readonly rounds: number;
  readonly looks: number;
  /** Different command lines seen. */
  readonly lines: number;
  /** A command line that held a canary: whose, and of which process. */
  readonly hits: ReadonlyArray<{ readonly canary: string; readonly pid: number; readonly inHost: boolean }>;
}

/**
 * Starts looking; `looking` resolves once it has looked at all processes, `stop` to what was seen. The canaries go by stdin,
 * in no argument.
 */
export function samplePs(canaries: readonly Canary[]): {
  readonly looking: Promise<void>;
  stop(): Promise<Sampled>;
} {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'sample-ps.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  const looking = new Promise<void>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (said.includes('\n')) resolve();
    });
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  child.stdin?.on('error', () => undefined);
  child.stdin?.write(`${JSON.stringify(canaries)}\n`);
  return {
    looking,
    async stop() {
      child.stdin?.end();
      await ended;
      return JSON.parse(said.slice(said.indexOf('\n') + 1)) as Sampled;
    },
  };
}
