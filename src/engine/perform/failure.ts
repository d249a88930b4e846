import { Drifted } from '../drift.ts';
import type { Failure } from '../event.ts';
import type { Input } from '../input.ts';
import type { CommandResult } from '../ports.ts';
import { TransportError } from '../ports.ts';

/** Lines of output shown with a failure; the rest is in the side file. */
const TAIL = 12;

/** What went wrong, in the four parts a message has, whatever was thrown. */
export function toFailure(error: unknown, hint?: string): Failure {
  const what = error instanceof Error ? error.message : String(error);
  const own = typeof error === 'object' && error !== null && 'next' in error ? error.next : undefined;
  const next = typeof own === 'string' ? own : hint;
  const command = commandOf(error);
  const tail = command ? lastLines(command) : [];
  return { what, ...(next !== undefined && { next }), ...(tail.length > 0 && { tail }) };
}

/** The command's result that an action's error carries. */
export function commandOf(error: unknown): CommandResult | undefined {
  if (typeof error !== 'object' || error === null || !('command' in error)) return undefined;
  const { command } = error;
  return typeof command === 'object' && command !== null && 'exit' in command
    ? (command as CommandResult)
    : undefined;
}

/** As `broke` says it. */
export function howItBroke(error: unknown): Extract<Input, { type: 'broke' }>['how'] {
  if (error instanceof Drifted) return 'drift';
  return error instanceof TransportError && error.kind !== 'refused' ? error.kind : 'plain';
}

function lastLines({ stdout, stderr }: CommandResult): readonly string[] {
  const text = stderr.trim() === '' ? stdout : stderr;
  return text.trimEnd().split('\n').slice(-TAIL).filter(Boolean);
}
