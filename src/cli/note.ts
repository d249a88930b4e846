import { Command } from 'commander';

export interface NoteOptions {
  readonly json?: boolean;
}

export function noteCommand(): Command {
  return new Command('note')
    .summary('write a note into the journal of a run')
    .description(
      'Adds words of yours to what is known of a run that no process works on; show tells them in their place. It changes nothing else.',
    )
    .argument('<run>', 'id of the run, its last four letters, or "last"')
    .argument('<text>', 'what is to be remembered; no secrets: a journal is read by others')
    .option('--json', 'for machines')
    .addHelpText(
      'after',
      '\nExample:\n  lockstep note last "the help desk was told; users of ldap3 see old groups until 06:00"',
    )
    .action(async (run: string, text: string, options: NoteOptions) => {
      const { writeNote } = await import('./write-note.ts');
      process.exitCode = await writeNote(run, text, options);
    });
}
