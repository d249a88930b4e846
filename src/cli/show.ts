import { Command } from 'commander';

export function showCommand(): Command {
  return new Command('show')
    .summary('show what a run did')
    .description('Tells a run from its journal: every step, diff, question and outcome.')
    .argument('[run]', 'id of the run, its last four letters, or "last"', 'last')
    .option('--json', 'the folded state, for machines')
    .option('--ndjson', 'the records of the journal')
    .option('--plain', 'print it; by itself without a terminal')
    .action(async (word: string, options: { json?: boolean; ndjson?: boolean; plain?: boolean }) => {
      const { openRun } = await import('./open-run.ts');
      const { foldRecords } = await import('../journal/replay.ts');
      const { directory, replay } = openRun(word);
      const state = foldRecords(replay.records);
      if (options.json) {
        process.stdout.write(`${JSON.stringify(state, null, 2)}\n`);
        return;
      }
      const { canShow } = await import('./screen-able.ts');
      if (!options.ndjson && canShow(options)) {
        const { showRun } = await import('./show-run.ts');
        return showRun(replay.records);
      }
      const { pickReporter } = await import('./reporter.ts');
      const { reporter } = pickReporter({ plain: true, ...(options.ndjson && { ndjson: true }) });
      const { teller } = await import('./tell-records.ts');
      teller(reporter)(replay.records);
      if (state) reporter.ended(state, directory);
    });
}
