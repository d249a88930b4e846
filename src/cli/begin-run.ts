import type { Event } from '../engine/event.ts';
import { Journal, JournalError } from '../journal/append.ts';
import { lockRun } from '../journal/lock.ts';
import { createRunDirectory, dropUnbegun, runsRoot } from '../journal/run-directory.ts';
import type { Reporter } from '../reporters/reporter.ts';
import { type Conduct, conduct } from './conduct.ts';
import { openReporter } from './reporter.ts';

/** How a run was left: which, its exit code, and the step back to which the operator wants it undone. */
export interface Left {
  readonly run: string;
  readonly code: number;
  readonly undoTo: string | undefined;
}

type Begun = Pick<Conduct, 'plan' | 'prepared' | 'run' | 'operator' | 'terminal' | 'answers' | 'options'> & {
  readonly opened: Extract<Event, { type: 'run.opened' }>;
  readonly junit: Reporter | undefined;
};

/**
 * Makes the directory, the lock and the journal of a new run, and conducts it. `first` is done once there is a journal and before
 * its first record. A run whose first record finds no room leaves nothing behind, unless `first` has named it elsewhere.
 */
export async function beginRun(begun: Begun, first?: () => Promise<void>): Promise<Left> {
  const { opened, junit, ...ports } = begun;
  const directory = createRunDirectory(runsRoot(process.env), ports.run.id);
  let release: (() => void) | undefined;
  let journal: Journal | undefined;
  let named = false;
  try {
    release = lockRun(directory);
    journal = Journal.create(directory);
    await first?.();
    named = first !== undefined;
    const opening = [opened];
    const shown = await openReporter(ports.options, ports, junit);
    const code = await conduct({
      ...ports,
      ...shown,
      drifts: [],
      directory,
      journal,
      opening,
      state: undefined,
    });
    return { run: ports.run.id, code, undoTo: shown.screen?.undoTo() };
  } catch (error) {
    if (error instanceof JournalError && !named && (journal?.empty ?? true))
      throw dropUnbegun(directory, error);
    throw error;
  } finally {
    release?.();
  }
}
