import { Command } from 'commander';

export function runsCommand(): Command {
  return new Command('runs')
    .summary('list the runs')
    .description('Lists the runs kept on this machine, newest first.')
    .option('--json', 'for machines')
    .option('--plain', 'print the list; by itself without a terminal')
    .action(async (options: { json?: boolean; plain?: boolean }) => {
      const { canShow } = await import('./screen-able.ts');
      if (!options.json && canShow(options)) {
        const { browseRuns } = await import('./browse-runs.ts');
        return browseRuns();
      }
      const { listRunLines } = await import('./list-runs.ts');
      process.stdout.write(listRunLines(options.json === true));
    });
}
