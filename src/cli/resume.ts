import { Command } from 'commander';
import { inventoryOption, type RunOptions, reporterOptions, takeOverOption, yesOption } from './option.ts';

export function resumeCommand(): Command {
  const command = new Command('resume')
    .summary('go on with a run that was held or killed')
    .description(
      'Goes on with the runbook and inputs the run started with. What was under way is settled first: by its receipt on the target, by its probe, or by you.',
    )
    .argument('[run]', 'id of the run, its last four letters, or "last"', 'last')
    .addOption(inventoryOption())
    .addOption(yesOption())
    .option('--reason <text>', 'why, for the journal')
    .addOption(takeOverOption());
  for (const option of reporterOptions()) command.addOption(option);
  return command.action(async (run: string, options: RunOptions) => {
    const { resumeRun } = await import('./resume-run.ts');
    process.exitCode = await resumeRun(run, options);
  });
}
