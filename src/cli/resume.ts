import { Command, Option } from 'commander';
import {
  answersOption,
  inventoryOption,
  noInputOption,
  type RunOptions,
  reporterOptions,
  takeOverOption,
  timeoutOption,
  windowOption,
  yesOptions,
} from './option.ts';

export interface ResumeOptions extends RunOptions {
  readonly onRunbook?: 'new' | 'pinned';
  readonly onInventory?: 'new' | 'pinned';
}

export function resumeCommand(): Command {
  const command = new Command('resume')
    .summary('go on with a run that was held or killed')
    .description(
      'Goes on with the runbook and inputs the run started with. What was under way is settled first: by its receipt on the target, by its probe, or by you.',
    )
    .argument('[run]', 'id of the run, its last four letters, or "last"', 'last')
    .addOption(inventoryOption())
    .option('--reason <text>', 'why, for the journal')
    .addOption(takeOverOption())
    .addOption(windowOption())
    .addOption(timeoutOption())
    .option(
      '--accept-drift <name>',
      'go on though this is not as the run left it, such as regressed:load@ldap2; may be given again',
      (name: string, before: readonly string[] = []) => [...before, name],
    )
    .addOption(
      new Option(
        '--on-runbook <which>',
        'go on with the edited runbook, for fixes in failed and future steps, or with the pinned one',
      ).choices(['new', 'pinned']),
    )
    .addOption(
      new Option(
        '--on-inventory <which>',
        "go on with today's inventory, or with the one the run began with",
      ).choices(['new', 'pinned']),
    );
  for (const option of [...yesOptions(), answersOption(), noInputOption(), ...reporterOptions()])
    command.addOption(option);
  return command
    .addHelpText(
      'after',
      `
Examples:
  lockstep resume
  lockstep resume 7f3a --window 01:00-03:00

The run keeps its change window unless --window gives another; --window none drops it.`,
    )
    .action(async (run: string, options: ResumeOptions) => {
      const { resumeRun } = await import('./resume-run.ts');
      process.exitCode = await resumeRun(run, options);
    });
}
