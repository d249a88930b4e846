import { z } from 'zod';
import type { Change, ChangeAction, DiffLine } from '../engine/action.ts';
import { DATA, unitOn, unitsOn } from '../engine/place.ts';
import type { CommandResult, WritePorts } from '../engine/ports.ts';
import type { Value } from '../engine/value.ts';
import { ActionError } from './action-error.ts';
import { exitedWith, exitText, lastLine, linesOf } from './exit-text.ts';
import { serviceInverse } from './service-inverse.ts';
import { openText } from './text-param.ts';
import { conditionOf, readUnit, startsAtBoot, type UnitState } from './unit-state.ts';

const params = z
  .strictObject({
    name: openText
      .regex(/^[A-Za-z0-9_][A-Za-z0-9:_.\\@-]*$/, { error: 'must be the name of a unit, such as slapd' })
      .describe('Unit; `.service` is understood.'),
    state: z
      .enum(['started', 'stopped', 'restarted', 'reloaded'])
      .optional()
      .describe('What it should be, or what should happen to it. A reload starts a service that is stopped.'),
    enabled: z.boolean().optional().describe('Whether it starts at boot.'),
    'started-after': z
      .union([z.int().min(0), z.string().regex(/^\d+$/)])
      .optional()
      .describe(
        'For `restarted`: already done when it was started later than this, in ms since the epoch by the clock of the ' +
          'host, e.g. the `result.since` of an earlier step. Without it a restart always happens.',
      ),
  })
  .refine((params) => params.state !== undefined || params.enabled !== undefined, {
    error: 'give state, enabled or both',
  })
  .refine((params) => params['started-after'] === undefined || params.state === 'restarted', {
    error: 'belongs to state "restarted"',
    path: ['started-after'],
  });

type Params = z.input<typeof params>;

/** What `write` applies. The stamps are those before it, so that `unproven` can see that something happened. */
const approved = z.strictObject({
  name: z.string(),
  enable: z.enum(['enable', 'disable', '']),
  act: z.enum(['start', 'stop', 'restart', 'reload', '']),
  activeStamp: z.string(),
  changeStamp: z.string(),
});

export const service: ChangeAction<Params, UnitState> = {
  kind: 'change',
  proof: 'readback',
  name: 'service',
  about:
    'Starts, stops, restarts or reloads a systemd service (SysV ones included), and sets whether it starts at boot. ' +
    'Started means: active, with a process, and the same one a second later.',
  params,
  reads: (host, { name }) => [unitOn(host, name)],
  // What a directory server holds is not to be had while it stops, and it catches up once it is back.
  touches: (host, params) => [params ? unitOn(host, params.name) : unitsOn(host), DATA],
  read: ({ name }, ports) => readUnit(name, ports),
  diff: (params, unit) => {
    const act = params.state === undefined ? '' : actFor(params, unit);
    const enable =
      params.enabled === undefined || startsAtBoot(unit, params.enabled) === params.enabled
        ? ''
        : params.enabled
          ? 'enable'
          : 'disable';
    if (act === '' && enable === '') return [];
    const { activeStamp, changeStamp } = unit;
    return [
      {
        what: `service ${params.name}`,
        lines: linesFor(unit, act, enable),
        data: { name: params.name, enable, act, activeStamp, changeStamp },
      },
    ];
  },
  unproven: (params, changes, unit) => {
    if (params.enabled !== undefined && startsAtBoot(unit, params.enabled) !== params.enabled) {
      return `at boot it is still ${unit.enabled}`;
    }
    // After a resume the stamps from before are gone: then it must at least be as it was to be.
    if (changes.length === 0) return wrongCondition(params.state, unit);
    return changes
      .map((change) => lackingOf(approved.parse(change.data), unit))
      .find((lack) => lack !== undefined);
  },
  write: async (_params, changes, ports) => {
    const [change] = changes;
    return change === undefined ? {} : apply(change, ports);
  },
  lasts: ({ state }) => state !== 'restarted' && state !== 'reloaded',
  result: (_params, unit) => resultOf(unit),
  undo: {
    about:
      'A service that was started is stopped, one that was stopped is started, and it starts at boot or not as before. ' +
      'After a restart or a reload it is restarted once more, when all that came before it is undone.',
    inverse: serviceInverse,
  },
};

function actFor(params: Params, unit: UnitState): z.infer<typeof approved>['act'] {
  const condition = conditionOf(unit);
  switch (params.state) {
    case 'started':
      if (condition === 'started') return '';
      // systemd takes a dead unit for active and would not start it.
      return condition === 'dead' ? 'restart' : 'start';
    case 'stopped':
      return condition === 'stopped' || condition === 'failed' ? '' : 'stop';
    case 'restarted': {
      const after = params['started-after'];
      const done = condition === 'started' && after !== undefined && (unit.since ?? 0) > Number(after);
      return done ? '' : 'restart';
    }
    case 'reloaded':
      if (condition === 'dead') return 'restart';
      return condition === 'started' ? 'reload' : 'start';
    case undefined:
      return '';
  }
}

/** Why a restart, a reload and the like are not proven by what systemd says now. */
function lackingOf(done: z.infer<typeof approved>, unit: UnitState): string | undefined {
  const condition = conditionOf(unit);
  if (done.act === '') return undefined;
  if (done.act === 'stop') return isDown(unit) ? undefined : `it is ${conditionText(unit)}`;
  if (condition !== 'started') return `it is ${conditionText(unit)}`;
  if (done.act === 'restart' && unit.activeStamp === done.activeStamp) return 'it was not restarted';
  if (done.act === 'reload' && unit.changeStamp === done.changeStamp) return 'it was not reloaded';
  return undefined;
}

function wrongCondition(state: Params['state'], unit: UnitState): string | undefined {
  if (state === undefined) return undefined;
  const right = state === 'stopped' ? isDown(unit) : conditionOf(unit) === 'started';
  return right ? undefined : `it is ${conditionText(unit)}`;
}

function isDown(unit: UnitState): boolean {
  return ['stopped', 'failed'].includes(conditionOf(unit));
}

function linesFor(unit: UnitState, act: string, enable: string): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  if (act !== '') {
    lines.push({ op: '-', text: conditionText(unit) });
    lines.push({
      op: '+',
      text: { start: 'started', stop: 'stopped', restart: 'restarted', reload: 'reloaded' }[act] ?? act,
    });
  }
  if (enable !== '') {
    lines.push({ op: '-', text: `at boot: ${unit.enabled === '' ? 'not-found' : unit.enabled}` });
    lines.push({ op: '+', text: `at boot: ${enable}d` });
  }
  if (unit.load !== 'loaded') lines.push({ op: ' ', text: `the unit is ${unit.load}` });
  return lines;
}

/** Whole seconds: what is shown must read the same when the same start is looked at again. */
function toSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function conditionText(unit: UnitState): string {
  switch (conditionOf(unit)) {
    case 'started':
      return unit.since === null ? 'started' : `started since ${toSecond(unit.since)}`;
    case 'dead':
      return 'active to systemd, but without a process';
    case 'failed':
      return `failed (${unit.result})`;
    case 'changing':
      return `${unit.active} (${unit.sub})`;
    case 'stopped':
      return 'stopped';
  }
}

function resultOf(unit: UnitState): Value {
  const condition = conditionOf(unit);
  return {
    state: condition,
    since: condition === 'started' ? unit.since : null,
    pid: unit.pid,
    processes: unit.processes?.length ?? null,
    enabled: startsAtBoot(unit, true),
  };
}

const script = `
set -e
case "$LOCKSTEP_ENABLE" in enable|disable) systemctl "$LOCKSTEP_ENABLE" -- "$LOCKSTEP_UNIT" ;; esac
case "$LOCKSTEP_ACT" in start|stop|restart|reload) systemctl "$LOCKSTEP_ACT" -- "$LOCKSTEP_UNIT" ;; esac
`;

/** How long a unit may be on its way after systemctl has returned, and how long it must then stay up. Milliseconds. */
const patience = { settleMs: 30_000, everyMs: 500, staysMs: 1_000 };

async function apply(change: Change, ports: WritePorts): Promise<{ result: Value }> {
  const { name, enable, act } = approved.parse(change.data);
  const done = await ports.execute({
    script,
    env: { LC_ALL: 'C', LOCKSTEP_UNIT: name, LOCKSTEP_ENABLE: enable, LOCKSTEP_ACT: act },
  });
  const verb = act === '' ? enable : act;
  if (!exitedWith(done.exit, [0])) {
    throw await failure(
      `systemctl ${verb} ${name} ${exitText(done.exit)}; ${lastLine(done)}`,
      done,
      name,
      ports,
    );
  }
  const unit = await settledUnit(name, ports);
  if (act === '') return { result: resultOf(unit) };
  if (act === 'stop') {
    if (isDown(unit)) return { result: resultOf(unit) };
    throw await failure(
      `systemctl stop ${name} exited 0, but it is ${conditionText(unit)}`,
      done,
      name,
      ports,
    );
  }
  const early = conditionOf(unit) === 'started' ? await stays(name, unit, ports) : conditionText(unit);
  if (early !== undefined) {
    throw await failure(`systemctl ${act} ${name} exited 0, but it is ${early}`, done, name, ports);
  }
  return { result: resultOf(unit) };
}

async function settledUnit(name: string, ports: WritePorts): Promise<UnitState> {
  const deadline = ports.now() + patience.settleMs;
  let unit = await readUnit(name, ports);
  while (conditionOf(unit) === 'changing' && ports.now() < deadline) {
    await ports.sleep(patience.everyMs);
    unit = await readUnit(name, ports);
  }
  return unit;
}

/** Undefined when it is still the same start and process a moment later, else what became of it. */
async function stays(name: string, before: UnitState, ports: WritePorts): Promise<string | undefined> {
  await ports.sleep(patience.staysMs);
  const after = await readUnit(name, ports);
  if (conditionOf(after) !== 'started') return `${conditionText(after)} a second later`;
  if (after.activeStamp !== before.activeStamp || after.pid !== before.pid)
    return 'being started over and over';
  return undefined;
}

/** The error, with what the unit wrote to the system's journal. */
async function failure(
  message: string,
  command: CommandResult,
  name: string,
  ports: WritePorts,
): Promise<ActionError> {
  const unit = await readUnit(name, ports).catch(() => undefined);
  const journal = await ports.probe({
    argv: ['journalctl', '-u', name, '-n', '20', '-q', '--no-pager', '-o', 'short-iso'],
    env: { LC_ALL: 'C' },
  });
  const lines = exitedWith(journal.exit, [0]) ? linesOf(journal.stdout) : [];
  const tail = lines.length === 0 ? '' : `\njournalctl -u ${name}:\n${lines.join('\n')}`;
  return new ActionError(`${message}${tail}`, { command, next: nextFor(name, unit) });
}

function nextFor(name: string, unit: UnitState | undefined): string {
  if (unit?.load === 'masked')
    return `Somebody masked it to keep it down; if it should run: systemctl unmask ${name}`;
  if (unit?.load === 'not-found')
    return `No such unit: install the package that brings ${name}, or correct the name.`;
  return `Look at: systemctl status ${name}`;
}
