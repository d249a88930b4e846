import { resolve } from '../engine/resolve.ts';
import { monotonic } from './clock.ts';
import { EXIT, Stop } from './exit-code.ts';
import { operatorOf } from './operator.ts';
import { reopenRun } from './reopen-run.ts';
import type { ResolveOptions } from './resolve.ts';
import { openTerminal } from './terminal.ts';

/** Puts a person's word into the journal of a run that nobody works on. */
export async function resolveDoubt(word: string, task: string, options: ResolveOptions): Promise<number> {
  const because = options.because.trim();
  if (because === '')
    throw new Stop(
      EXIT.usage,
      '--because is empty',
      'say how you know: what you looked at, and what it showed; or why it may be left out',
    );
  const run = reopenRun(word);
  try {
    const by = operatorOf(openTerminal(process.stdin, process.stdout), process.env).name;
    const unheard = options.hostIsGone === true;
    const resolved = resolve(run.state, { task, verdict: options.as, by, because, unheard });
    if ('refusal' in resolved) throw new Stop(EXIT.usage, resolved.refusal, resolved.next);
    const journal = run.reopenJournal();
    try {
      await journal.append(resolved.events, { at: new Date().toISOString(), mono: monotonic() });
    } finally {
      journal.close();
    }
    const told = { run: run.run, task, verdict: options.as, by, because };
    process.stdout.write(
      options.json
        ? `${JSON.stringify(told)}\n`
        : `${task} is ${options.as} by the word of ${by}; go on with: lockstep resume ${run.run}\n`,
    );
    return EXIT.done;
  } finally {
    run.release();
  }
}
