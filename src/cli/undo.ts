import { Command } from 'commander';
import {
  inventoryOption,
  noInputOption,
  type RunOptions,
  reporterOptions,
  takeOverOption,
  yesOptions,
} from './option.ts';

export interface UndoOptions extends RunOptions {
  readonly backTo?: string;
  readonly show?: boolean;
}

export function undoCommand(): Command {
  const command = new Command('undo')
    .summary('take back what a run did')
    .description(
      'Plans the inverse of what a run really did, newest first over all hosts, and carries it out as a run of its own: it shows its differences, asks, can be held and resumed, and can itself be undone.',
    )
    .argument('<run>', 'id of the run, its last four letters, or "last"')
    .option('--show', 'print what would be brought back, and what cannot be; contacts nobody')
    .option('--back-to <step>', 'only this step and what came after it; its id, or its number')
    .addOption(inventoryOption())
    .option('--reason <text>', 'why, for the journal')
    .addOption(takeOverOption());
  for (const option of [...yesOptions(), noInputOption(), ...reporterOptions()]) command.addOption(option);
  return command
    .addHelpText(
      'after',
      `
Examples:
  lockstep undo last --show
  lockstep undo 7f3a --reason CHG-4211
  lockstep undo 7f3a --back-to first-id

What cannot be undone is asked about, and --yes does not pass that: without a terminal, and without --yes=typed, the undo
is held there with exit code 3. While a task of the run is in doubt nothing is undone (exit code 4): lockstep resume settles it. A run that was
undone cannot be resumed.`,
    )
    .action(async (run: string, options: UndoOptions) => {
      const { undoRun } = await import('./undo-run.ts');
      process.exitCode = await undoRun(run, options);
    });
}
