import { Command } from 'commander';
import type { LintOptions } from './lint-files.ts';

/** `lockstep lint [FILES...]`: every problem of every runbook, with its place and its cure. */
export function lintCommand(): Command {
  return new Command('lint')
    .description('Checks runbooks without contacting any host')
    .argument('[files...]', 'paths or names; all runbooks when none is given')
    .option('--root <folder>', 'the runbooks folder; the one that came with lockstep when not given')
    .option('--lock', 'write versions.lock: from then on the content of these versions cannot change')
    .option('--json', 'problems as JSON, one a line')
    .action(async (files: string[], options: LintOptions) => {
      const { lintFiles } = await import('./lint-files.ts');
      process.exitCode = await lintFiles(files, options, (text) => process.stdout.write(text));
    });
}
