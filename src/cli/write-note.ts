import { note } from '../engine/note.ts';
import { monotonic } from './clock.ts';
import { EXIT, Stop } from './exit-code.ts';
import type { NoteOptions } from './note.ts';
import { operatorOf } from './operator.ts';
import { reopenRun } from './reopen-run.ts';
import { openTerminal } from './terminal.ts';

/** Puts a person's words into the journal of a run that nobody works on. */
export async function writeNote(word: string, text: string, options: NoteOptions): Promise<number> {
  const by = operatorOf(openTerminal(process.stdin, process.stdout), process.env).name;
  const events = note(text, by);
  if (events.length === 0) throw new Stop(EXIT.usage, 'the note is empty', 'say what is to be remembered');
  const run = reopenRun(word, 'write it there: n at the terminal that runs it');
  try {
    const journal = run.reopenJournal();
    try {
      await journal.append(events, { at: new Date().toISOString(), mono: monotonic() });
    } finally {
      journal.close();
    }
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ run: run.run, text: text.trim(), by })}\n`
        : `noted in run ${run.run}\n`,
    );
    return EXIT.done;
  } finally {
    run.release();
  }
}
