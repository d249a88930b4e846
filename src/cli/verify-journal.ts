import { Command } from 'commander';

export function verifyJournalCommand(): Command {
  return new Command('verify-journal')
    .summary('prove that a journal is as it was written')
    .description(
      'Checks every record of a run and the chain between them. Exit code 5 names the first record that is not as it was written.',
    )
    .argument('[run]', 'id of the run, its last four letters, or "last"', 'last')
    .option('--json', 'for machines')
    .action(async (word: string, options: { json?: boolean }) => {
      const { openRun } = await import('./open-run.ts');
      const { run, replay } = openRun(word);
      const { records, tornBytes, position } = replay;
      if (records.length === 0) {
        const { EXIT, Stop } = await import('./exit-code.ts');
        throw new Stop(
          EXIT.stale,
          `${run}: its journal holds no record: it was never begun, or its journal was emptied`,
          'look at its output directory and at the hosts; there is nothing to resume',
        );
      }
      const result = { run, records: records.length, tornBytes, last: position.last };
      if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
      else {
        const torn = tornBytes > 0 ? `; ${tornBytes} bytes of a last record that was never finished` : '';
        process.stdout.write(`${run}: ${records.length} records, each as it was written${torn}\n`);
      }
    });
}
