import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import type { CommandResult } from '../engine/ports.ts';
import {
  type CommandParams,
  commandFields,
  commandName,
  isOneCommand,
  oneCommand,
  probeOf,
  resultOf,
  successOf,
} from './command-fields.ts';
import { exitedWith, exitText, lastLine } from './exit-text.ts';
import { once } from './patience-fields.ts';

const params = z.strictObject(commandFields).refine(isOneCommand, oneCommand);

export const readCommand: GateAction<z.input<typeof params>, CommandResult> = {
  kind: 'gate',
  name: 'read.command',
  about:
    'Runs a command that only looks, once, and keeps what it said as `result.code`, `.stdout`, `.stderr` and `.lines`. ' +
    'Takes exactly one of `argv` and `script`. LC_ALL is C unless `env` says otherwise.',
  params,
  patience: once,
  read: (params, ports) => ports.probe(probeOf(params)),
  lacking: commandLacks,
  result: (_params, facts) => resultOf(facts),
};

/** Why a probe's answer cannot be used: a wrong exit, or output that was cut. */
export function commandLacks(params: CommandParams, facts: CommandResult): string | undefined {
  const name = commandName(params);
  const success = successOf(params);
  if (!exitedWith(facts.exit, success)) {
    return `${name} ${exitText(facts.exit)}, wanted ${success.join(' or ')}; ${lastLine(facts)}`;
  }
  // A cut output would answer a question wrongly without an error.
  if (facts.truncated) return `${name} printed more than 16 MiB, the rest was cut off`;
  return undefined;
}
