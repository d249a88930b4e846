import { z } from 'zod';
import type { Change, ChangeAction, DiffLine, Inverse } from '../engine/action.ts';
import { DATA, type Place, processesOn } from '../engine/place.ts';
import type { CommandResult, WritePorts } from '../engine/ports.ts';
import type { Value } from '../engine/value.ts';
import { ActionError } from './action-error.ts';
import { type DaemonState, EACH_PROCESS, readDaemon } from './daemon-state.ts';
import { exitedWith, exitText, lastLine } from './exit-text.ts';
import { pathParam } from './path-param.ts';
import { openText } from './text-param.ts';

const argvParam = z.array(openText).min(1);

const params = z
  .strictObject({
    program: pathParam.describe('The executable file of the daemon: whoever runs it is the daemon.'),
    start: argvParam.describe('Program and arguments that start it.'),
    stop: argvParam.describe('Program and arguments that stop it.'),
    state: z
      .enum(['started', 'stopped', 'restarted'])
      .describe('What it should be, or what should happen to it.'),
    'started-after': z
      .union([z.int().min(0), z.string().regex(/^\d+$/)])
      .optional()
      .describe(
        'For `restarted`: already done when it was started later than this, in ms since the epoch by the clock of the host. ' +
          'Without it a restart always happens.',
      ),
  })
  .refine((params) => params['started-after'] === undefined || params.state === 'restarted', {
    error: 'belongs to state "restarted"',
    path: ['started-after'],
  });

type Params = z.input<typeof params>;

/** What `write` applies; pid and ticks are those before it, so that `unproven` can see that something happened. */
const approved = z.strictObject({
  program: z.string(),
  acts: z.array(z.enum(['stop', 'start'])),
  start: z.array(z.string()),
  stop: z.array(z.string()),
  pid: z.number(),
  startTicks: z.number(),
});

export const daemon: ChangeAction<Params, DaemonState> = {
  kind: 'change',
  proof: 'readback',
  name: 'daemon',
  about:
    'Starts, stops or restarts a daemon by its own control program, whose exit codes are not believed: it is judged by its process. ' +
    'Started means: it runs, and the same process a second later.',
  params,
  reads: (host, { program }) => [processOf(host, program)],
  // What a directory server holds is not to be had while it stops, and it catches up once it is back.
  touches: (host, params) => [params ? processOf(host, params.program) : processesOn(host), DATA],
  read: ({ program }, ports) => readDaemon(program, ports),
  diff: (params, state) => {
    const acts = actsFor(params, state);
    if (acts.length === 0) return [];
    const { program, start, stop } = params;
    const { pid, startTicks } = state.process ?? { pid: 0, startTicks: 0 };
    return [
      {
        what: `daemon ${program}`,
        lines: linesFor(params, state, acts),
        data: { program, acts, start, stop, pid, startTicks },
      },
    ];
  },
  unproven: (params, changes, state) => {
    if (params.state === 'stopped') return state.process && `it still runs as process ${state.process.pid}`;
    if (!state.process) return 'it does not run';
    const before = changes.map(({ data }) => approved.parse(data))[0];
    const same = before?.pid === state.process.pid && before.startTicks === state.process.startTicks;
    return same ? 'it was not restarted' : undefined;
  },
  write: async (_params, changes, ports) => {
    const [change] = changes;
    return change === undefined ? {} : apply(change, ports);
  },
  lasts: ({ state }) => state !== 'restarted',
  result: (_params, state) => resultOf(state),
  undo: {
    about:
      'A daemon that was started is stopped, one that was stopped is started. After a restart it is restarted once more, when all ' +
      'that came before it is undone.',
    inverse: ({ program, start, stop, state: asked }, _changes, before) => {
      const call = (state: string): Inverse['calls'][number] => ({
        action: 'daemon',
        params: { program, start, stop, state },
      });
      if (asked === 'restarted' && before.process)
        return { calls: [], cannot: [], afterwards: [call('restarted')] };
      return { calls: [call(before.process ? 'started' : 'stopped')], cannot: [] };
    },
  },
};

function processOf(host: string, program: string): Place {
  return { host, path: [...processesOn(host).path, program] };
}

function actsFor(params: Params, { process }: DaemonState): ReadonlyArray<'stop' | 'start'> {
  switch (params.state) {
    case 'started':
      return process ? [] : ['start'];
    case 'stopped':
      return process ? ['stop'] : [];
    case 'restarted': {
      const after = params['started-after'];
      if (!process) return ['start'];
      return after !== undefined && process.since > Number(after) ? [] : ['stop', 'start'];
    }
  }
}

function linesFor(params: Params, state: DaemonState, acts: readonly string[]): readonly DiffLine[] {
  return [
    { op: '-', text: state.process ? `runs as process ${state.process.pid}` : 'does not run' },
    { op: '+', text: params.state },
    ...acts.map((act): DiffLine => {
      const argv = act === 'stop' ? params.stop : params.start;
      return { op: ' ', text: argv.join(' ') };
    }),
    ...(state.there ? [] : [{ op: ' ' as const, text: `${params.program} is not there` }]),
  ];
}

function resultOf({ process }: DaemonState): Value {
  return { running: process !== undefined, pid: process?.pid ?? null, since: process?.since ?? null };
}

/** How long it must stay up before it counts as started, ms. */
const STAYS_MS = 1_000;

/**
 * Stop and start are one command, so that nothing that befalls lockstep leaves the daemon down in between. Arguments: how many words
 * the stop has (0: none is to be made), these, and the words of the start. A stop's exit code proves nothing: only a daemon that
 * has really gone is started again, since two of them would share one database. Exit 99 is our own: it did not go.
 */
const script = `${EACH_PROCESS}
count=$1; shift
still() { pids="$pids $1"; }
if [ "$count" -gt 0 ]; then
  ( at=0
    for word do
      at=$((at + 1))
      if [ "$at" -eq 1 ]; then set --; fi
      if [ "$at" -le "$count" ]; then set -- "$@" "$word"; fi
    done
    exec "$@" ) || echo "stop: exit code $?" >&2
  for try in 1 2 3 4 5; do
    pids=''
    each_process still
    if [ -z "$pids" ]; then break; fi
    sleep 1
  done
  if [ -n "$pids" ]; then echo "it still runs:$pids" >&2; exit 99; fi
  shift "$count"
fi
if [ $# -gt 0 ]; then "$@"; fi
`;

async function apply(change: Change, ports: WritePorts): Promise<{ result: Value }> {
  const { program, acts, start, stop } = approved.parse(change.data);
  const stopping = acts.includes('stop') ? stop : [];
  const starting = acts.includes('start') ? start : [];
  const done = await ports.execute({
    argv: ['sh', '-c', script, 'sh', `${stopping.length}`, ...stopping, ...starting],
    env: { LC_ALL: 'C', LOCKSTEP_PROGRAM: program },
  });
  const said = `${[stopping, starting]
    .filter((argv) => argv.length > 0)
    .map((argv) => argv.join(' '))
    .join('; ')} ${exitText(done.exit)}`;
  const state = await readDaemon(program, ports);
  if (starting.length === 0) {
    if (state.process)
      throw failure(`${said}, but it still runs as process ${state.process.pid}`, done, program);
    return { result: resultOf(state) };
  }
  if (!state.process) throw failure(`${said}, and it does not run`, done, program);
  if (!exitedWith(done.exit, [0])) throw failure(said, done, program);
  await ports.sleep(STAYS_MS);
  const later = await readDaemon(program, ports);
  if (later.process?.startTicks === state.process.startTicks) return { result: resultOf(later) };
  const fate = later.process ? 'it was started over again' : 'it has ended';
  throw failure(`${said}, but ${fate} a second later`, done, program);
}

function failure(message: string, command: CommandResult, program: string): ActionError {
  return new ActionError(`${message}; ${lastLine(command)}`, {
    command,
    next: `Look at the log of ${program}, and start it by hand once to see why.`,
  });
}
