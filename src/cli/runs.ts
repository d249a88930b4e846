import { Command } from 'commander';

export function runsCommand(): Command {
  return new Command('runs')
    .summary('list the runs')
    .description('Lists the runs kept on this machine, newest first.')
    .option('--json', 'for machines')
    .action(async (options: { json?: boolean }) => {
      const { listRunLines } = await import('./list-runs.ts');
      process.stdout.write(listRunLines(options.json === true));
    });
}
