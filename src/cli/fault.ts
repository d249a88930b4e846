import type { Redactor } from '../secrets/redact.ts';
import { EXIT } from './exit-code.ts';

let known: Redactor | undefined;

/** From now on a fault is told without these secrets: its message may quote what was being sent. */
export function redactFaults(redactor: Redactor): void {
  known = redactor;
}

/** Tells a fault of lockstep itself, secrets replaced. */
export function tellFault(error: unknown): number {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const shown = known === undefined ? text : known.text(text);
  process.stderr.write(
    `lockstep: a fault of lockstep itself; please report it with the lines below\n${shown}\n`,
  );
  return EXIT.bug;
}

/**
 * What is thrown where nobody waits for it ends the process here, and not in Node: Node would print the error with all its
 * fields, a command's output and a request among them. Diagnostic reports (`--report-…`) leave out the environment, where
 * `env:` secrets are.
 */
export function onFaults(exit: (code: number) => void): void {
  if (process.report) process.report.excludeEnv = true;
  process.on('uncaughtException', (error) => exit(tellFault(error)));
}
