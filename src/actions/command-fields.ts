import { z } from 'zod';
import { parseDuration } from '../engine/duration.ts';
import type { Command } from '../engine/ports.ts';
import type { Text } from '../secrets/secret.ts';
import { commandLine } from './command-line.ts';
import { durationParam } from './duration-param.ts';
import { linesOf } from './exit-text.ts';
import { openText, textParam } from './text-param.ts';

/** What a command may be given, in `command`, `read.command` and `wait.command` alike. */
export const commandFields = {
  argv: z
    .array(openText)
    .min(1)
    .optional()
    .describe('Program and arguments; no shell reads them. Either this or `script`.'),
  script: openText
    .min(1)
    .optional()
    .describe('POSIX sh text, run by the `sh` of the host; values reach it through `env` only.'),
  stdin: textParam.optional().describe('What it reads; the place for a secret.'),
  env: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'must be a name of an environment variable'), textParam)
    .optional()
    .describe('Environment variables.'),
  cwd: openText.optional().describe('Directory it runs in.'),
  as: openText.optional().describe('User it runs as, by the become method of the host.'),
  timeout: durationParam
    .optional()
    .describe('It is ended after this long: default 1m for looks, 10m for changes.'),
  success: z.array(z.int().min(0).max(255)).min(1).default([0]).describe('Exit codes that mean success.'),
};

export interface CommandParams {
  argv?: string[] | undefined;
  script?: string | undefined;
  stdin?: Text | undefined;
  env?: Record<string, Text> | undefined;
  cwd?: string | undefined;
  as?: string | undefined;
  timeout?: string | undefined;
  success?: number[] | undefined;
}

/** The default stands in the schema for editors; parameters come as they were written. */
export const successOf = (params: CommandParams): readonly number[] => params.success ?? [0];

/** For `refine`: JSON Schema cannot say it, so `about` must. */
export function isOneCommand(params: CommandParams): boolean {
  return (params.argv === undefined) !== (params.script === undefined);
}

export const oneCommand = { error: 'give exactly one of argv and script' };

export function commandOf(params: CommandParams): Command {
  return {
    ...(params.argv === undefined ? {} : { argv: params.argv }),
    ...(params.script === undefined ? {} : { script: params.script }),
    ...(params.stdin === undefined ? {} : { stdin: params.stdin }),
    ...(params.env === undefined ? {} : { env: params.env }),
    ...(params.cwd === undefined ? {} : { cwd: params.cwd }),
    ...(params.as === undefined ? {} : { as: params.as }),
    ...(params.timeout === undefined ? {} : { timeoutMs: parseDuration(params.timeout) }),
  };
}

/**
 * The same command as a probe. What it prints is read, so it speaks C unless the runbook says otherwise: a tool that
 * prints names beyond ASCII may need `env: { LC_ALL: C.UTF-8 }`.
 */
export function probeOf(params: CommandParams): Command {
  return { ...commandOf(params), env: { LC_ALL: 'C', ...params.env } };
}

/** A command's name for a sentence: its line, or the first line of its script. */
export function commandName(params: CommandParams): string {
  if (params.argv !== undefined) return commandLine(params.argv);
  const lines = linesOf((params.script ?? '').trim());
  return `script "${lines[0] ?? ''}${lines.length > 1 ? ' …' : ''}"`;
}

/** What `capture` and `until` see. */
export { commandValue as resultOf } from '../engine/command-value.ts';
