/** Plays the person: resumes, looks at the hosts when asked, and answers truthfully. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stamped } from '../../src/engine/event.ts';
import type { RunState } from '../../src/engine/state.ts';
import { atTerminal, call, type Ended } from './controller.ts';
import { nameOf } from './counted.ts';
import type { Pen } from './pen.ts';

export interface Desk {
  readonly pen: Pen;
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** Answers every doubt that is a person's to answer. Resolves to what went wrong with it, if anything. */
export async function answerDoubts(desk: Desk, run: string): Promise<string | undefined> {
  const state = await stateOf(desk, run);
  const open = state.steps.flatMap(({ tasks }) =>
    tasks.filter((task) => task.state.status === 'doubtful' && task.state.open === true),
  );
  for (const { ref } of open) {
    const applied = await tookEffect(desk, run, ref.id, ref.host);
    const word = applied ? 'applied' : 'not-applied';
    const words = ['resolve', run, ref.id, '--as', word, '--because', because(applied)];
    const { code, stderr } = await call(words, desk.env);
    if (code !== 0) return `resolve ${ref.id} --as ${word} ended with ${code}: ${stderr}`;
  }
  return undefined;
}

export const TOOK_EFFECT = 'its host shows that it took effect';

function because(applied: boolean): string {
  return applied ? TOOK_EFFECT : 'its host shows nothing of it';
}

const QUESTION =
  /(\S+@\S+): (?:\S+ failed before|It is not known whether)[\s\S]*?(to run it again|to go on|hold \[enter\])[^\n]*: $/;

/** Resumes at a terminal and answers what is asked there. Resolves to how that life ended. */
export async function answerAtTerminal(desk: Desk, run: string): Promise<Ended> {
  const terminal = atTerminal(['resume', run, '--yes'], desk.env);
  for (let read = 0; ; ) {
    const asked = await terminal.says(QUESTION, read);
    if (!asked) return terminal.ended;
    read = terminal.said.length;
    const [, task = '', prompt = ''] = asked;
    const host = task.slice(task.lastIndexOf('@') + 1);
    if (task.startsWith('stubborn@')) await desk.pen.inside(host, `touch ${desk.folder}.allowed`);
    const applied = await tookEffect(desk, run, task, host);
    if (prompt.startsWith('hold')) {
      terminal.type(applied ? 'applied\r' : 'not-applied\r');
      if (!(await terminal.says(/how do you know\? $/, read))) return terminal.ended;
      terminal.type(`${because(applied)}\r`);
    } else if (applied) {
      terminal.type('s\r');
      if (!(await terminal.says(/why is it skipped\? $/, read))) return terminal.ended;
      terminal.type(`${TOOK_EFFECT}\r`);
    } else {
      terminal.type(`${host}\r`);
    }
    read = terminal.said.length;
  }
}

/** The host's own word: the counter of a command that counts, the start of a service that was to be restarted. */
async function tookEffect(desk: Desk, run: string, task: string, host: string): Promise<boolean> {
  const name = nameOf(task);
  if (name === undefined) return restartedSince(desk, run, task, host);
  // A command that lost its shell may still run, and count itself later: it has to end first.
  while ((await desk.pen.inside(host, `pgrep -f '^/bin/sh ${desk.folder}/act ${name} ' || :`)) !== '')
    await sleep(100);
  return (await desk.pen.inside(host, `grep -c '^${name} ' ${desk.folder}/counter || :`)).trim() !== '0';
}

async function restartedSince(desk: Desk, run: string, task: string, host: string): Promise<boolean> {
  const { stdout } = await call(['show', run, '--ndjson'], desk.env);
  const intended = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Stamped)
    .findLast(({ event }) => event.type === 'task.intended' && event.task === task);
  const started = await desk.pen.inside(
    host,
    'date -d "$(systemctl show --value -p ActiveEnterTimestamp lockstep-torture)" +%s',
  );
  return Number(started) * 1000 > Date.parse(intended?.at ?? '');
}

export async function stateOf(desk: Desk, run: string): Promise<RunState> {
  const { stdout } = await call(['show', run, '--json'], desk.env);
  return JSON.parse(stdout) as RunState;
}
