import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import type { CommandResult } from '../engine/ports.ts';
import { commandFields, isOneCommand, oneCommand, probeOf, resultOf } from './command-fields.ts';
import { patienceFields, patienceFrom } from './patience-fields.ts';
import { commandLacks } from './read-command.ts';

const params = z.strictObject({ ...commandFields, ...patienceFields }).refine(isOneCommand, oneCommand);
const patience = { withinMs: 60_000, everyMs: 1_000, times: 1 };

export const waitCommand: GateAction<z.input<typeof params>, CommandResult> = {
  kind: 'gate',
  name: 'wait.command',
  about:
    'Runs a command that only looks until it succeeds: by default every 1s for at most 60s. ' +
    'Takes exactly one of `argv` and `script`. LC_ALL is C unless `env` says otherwise.',
  params,
  patience,
  patienceOf: (params) => patienceFrom(params, patience),
  read: (params, ports) => ports.probe(probeOf(params)),
  lacking: commandLacks,
  result: (_params, facts) => resultOf(facts),
};
