import { Command } from 'commander';

export interface AttachOptions {
  readonly plain?: boolean;
  readonly ndjson?: boolean;
}

export function attachCommand(): Command {
  return new Command('attach')
    .summary('follow a run that another lockstep works on')
    .description(
      'Tells a run from its journal as show does, and goes on telling while another process works on it. Only looks: answers, holds and notes are given where it runs.',
    )
    .argument('[run]', 'id of the run, its last four letters, or "last"', 'last')
    .option('--plain', 'one line an event; by itself without a terminal')
    .option('--ndjson', "the journal's records, a line each, on stdout")
    .addHelpText(
      'after',
      `
Examples:
  lockstep attach
  lockstep attach 7f3a --plain

It ends with the run's process, with the exit code of the state that the run is then in. Ctrl-C leaves; the run goes on.`,
    )
    .action(async (run: string, options: AttachOptions) => {
      const { attachRun } = await import('./attach-run.ts');
      process.exitCode = await attachRun(run, options);
    });
}
