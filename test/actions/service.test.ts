import { expect, test } from 'vitest';
import { service } from '../../src/actions/service.ts';
import { conditionOf, parseUnit } from '../../src/actions/unit-state.ts';
import { type Call, scriptedPorts } from './ports.ts';
import {
  masked252,
  missing257,
  native257,
  native257Killed,
  native257Stopped,
  oneshot257,
  restarted257,
  sysv247,
  sysv252,
  sysv252Dead,
} from './units.ts';

const unit = (stdout: string) => parseUnit('slapd', { stdout });
type Params = Parameters<typeof service.diff>[0];
const diffText = (params: Partial<Params>, stdout: string) =>
  service
    .diff({ name: 'slapd', ...params }, unit(stdout))
    .flatMap(({ lines }) => lines.map(({ op, text }) => `${op}${text}`));

test.each([
  ['a SysV service of systemd 247', sysv247, 'started', Date.UTC(2026, 10, 22, 2, 19, 59), 788],
  ['a SysV service of systemd 252', sysv252, 'started', Date.UTC(2026, 10, 22, 2, 20, 8, 981), 808],
  ['one whose process is gone', sysv252Dead, 'dead', Date.UTC(2026, 10, 22, 2, 20, 8, 981), null],
  ['a native service of systemd 257', native257, 'started', Date.UTC(2026, 10, 22, 2, 20, 20, 993), 747],
  ['a killed one', native257Killed, 'failed', Date.UTC(2026, 10, 22, 2, 20, 20, 993), null],
  ['a oneshot that has done its work', oneshot257, 'started', Date.UTC(2026, 10, 22, 2, 5, 50, 688), null],
  ['a unit that is not there', missing257, 'stopped', null, null],
])('%s is read from what systemd prints', (_name, stdout, condition, since, pid) => {
  expect(unit(stdout)).toMatchObject({ since, pid });
  expect(conditionOf(unit(stdout))).toBe(condition);
});

test('a oneshot that has done its work needs no process', () => {
  expect(conditionOf(unit(`${oneshot257}Processes=\n`))).toBe('started');
});

test('a process list that cannot be read makes nobody dead', () => {
  expect(conditionOf(unit(sysv252.replace(/Processes=.*\n/, '')))).toBe('started');
});

test('an answer without a state is an error and not a stopped service', () => {
  expect(() => unit('MainPID=0\n')).toThrow('systemctl show slapd: it told no LoadState');
  expect(() => unit(native257.replace('UTC', 'CET'))).toThrow('cannot read the time stamp');
});

test.each<[string, Partial<Params>, string, string[]]>([
  ['started, and is', { state: 'started' }, native257, []],
  ['started, and is not', { state: 'started' }, native257Stopped, ['-stopped', '+started']],
  ['started, after a kill', { state: 'started' }, native257Killed, ['-failed (signal)', '+started']],
  [
    'started, but dead',
    { state: 'started' },
    sysv252Dead,
    ['-active to systemd, but without a process', '+restarted'],
  ],
  [
    'started, but missing',
    { state: 'started' },
    missing257,
    ['-stopped', '+started', ' the unit is not-found'],
  ],
  ['stopped, and failed', { state: 'stopped' }, native257Killed, []],
  ['stopped, and missing', { state: 'stopped', enabled: false }, missing257, []],
  [
    'enabled, and not',
    { enabled: true },
    native257.replace('=enabled', '=disabled'),
    ['-at boot: disabled', '+at boot: enabled'],
  ],
  ['disabled, and is not', { enabled: false }, native257, ['-at boot: enabled', '+at boot: disabled']],
  ['enabled, which a static unit cannot be', { enabled: true }, oneshot257, []],
  ['disabled, which a static unit is', { enabled: false }, oneshot257, []],
  ['restarted', { state: 'restarted' }, native257, ['-started since 2026-11-22T02:20:20Z', '+restarted']],
  ['reloaded, but stopped', { state: 'reloaded' }, native257Stopped, ['-stopped', '+started']],
])('what is to do for %s', (_name, params, stdout, expected) => {
  expect(diffText(params, stdout)).toEqual(expected);
});

const startedAt = Date.UTC(2026, 10, 22, 2, 20, 20, 993);
test.each([
  [startedAt - 1, native257, 0],
  [String(startedAt - 1), native257, 0],
  [startedAt, native257, 1],
  [startedAt - 1, native257Killed, 1],
])('restarted after %s is judged by the start of the unit', (after, stdout, changes) => {
  const params: Params = { name: 'slapd', state: 'restarted', 'started-after': after };
  expect(service.diff(params, unit(stdout))).toHaveLength(changes);
});

const look = (stdout: string): Call => ({
  probe: { script: /systemctl show/, env: { LOCKSTEP_UNIT: 'slapd' } },
  gives: { stdout },
});
const act = (verb: string, code = 0, stderr = ''): Call => ({
  execute: { env: { LOCKSTEP_UNIT: 'slapd', LOCKSTEP_ACT: verb, LOCKSTEP_ENABLE: '' } },
  gives: { code, stderr },
});
const journal: Call = {
  probe: { argv: ['journalctl', '-u', 'slapd', '-n', '20', '-q', '--no-pager', '-o', 'short-iso'] },
  gives: { stdout: 'slapd[1]: no serverID match\n' },
};

async function write(state: Params['state'], before: string, calls: readonly Call[]) {
  const params: Params = { name: 'slapd', state };
  const ports = scriptedPorts(calls);
  const changes = service.diff(params, unit(before));
  const written = await service.write(params, changes, ports).catch((error: unknown) => error);
  ports.done();
  return { written, ports, unproven: (after: string) => service.unproven?.(params, changes, unit(after)) };
}

test('a restart is believed when the unit has a new start and the same process a second later', async () => {
  const { written, ports, unproven } = await write('restarted', native257, [
    act('restart'),
    look(restarted257),
    look(restarted257),
  ]);
  expect(written).toEqual({
    result: { state: 'started', since: startedAt + 91_136, pid: 901, processes: 1, enabled: true },
  });
  expect(ports.slept).toEqual([1_000]);
  expect(unproven(restarted257)).toBeUndefined();
  expect(unproven(native257)).toBe('it was not restarted');
});

test('a unit that is on its way is waited for', async () => {
  const activating = native257Stopped.replace('ActiveState=inactive', 'ActiveState=activating');
  const { written, ports } = await write('started', native257Stopped, [
    act('start'),
    look(activating),
    look(native257),
    look(native257),
  ]);
  expect(written).toHaveProperty('result.state', 'started');
  expect(ports.slept).toEqual([500, 1_000]);
});

test('exit 0 of a start that does not last is a failure, with what the unit wrote', async () => {
  const { written } = await write('started', native257Stopped, [
    act('start'),
    look(native257),
    look(native257Killed),
    look(native257Killed),
    journal,
  ]);
  expect(written).toMatchObject({
    message:
      'systemctl start slapd exited 0, but it is failed (signal) a second later\njournalctl -u slapd:\nslapd[1]: no serverID match',
    next: 'Look at: systemctl status slapd',
  });
});

test('a unit that systemd starts over and over is a failure', async () => {
  const { written } = await write('started', native257Stopped, [
    act('start'),
    look(native257),
    look(restarted257),
    look(restarted257),
    journal,
  ]);
  expect(written).toHaveProperty('message', expect.stringContaining('being started over and over'));
});

test.each([
  [masked252, 'Somebody masked it to keep it down; if it should run: systemctl unmask slapd'],
  [missing257, 'No such unit: install the package that brings slapd, or correct the name.'],
])('a start that systemctl refuses says what to do next', async (stdout, next) => {
  const { written } = await write('started', stdout, [
    act('start', 5, 'Failed to start slapd.service.\n'),
    look(stdout),
    journal,
  ]);
  expect(written).toMatchObject({
    message: expect.stringContaining(
      'systemctl start slapd exited 5; stderr: Failed to start slapd.service.',
    ),
    next,
  });
});

test('a stop that left the unit active is a failure', async () => {
  const { written } = await write('stopped', native257, [
    act('stop'),
    look(native257),
    look(native257),
    journal,
  ]);
  expect(written).toHaveProperty(
    'message',
    expect.stringContaining('systemctl stop slapd exited 0, but it is started since'),
  );
});

test('a reload is proven by the state change it leaves', async () => {
  const reloaded = native257.replace(
    'StateChangeTimestampMonotonic=2508864563',
    'StateChangeTimestampMonotonic=2508864999',
  );
  const { unproven } = await write('reloaded', native257, [act('reload'), look(reloaded), look(reloaded)]);
  expect(unproven(reloaded)).toBeUndefined();
  expect(unproven(native257)).toBe('it was not reloaded');
});

test('a host without systemd is told apart from a missing unit', async () => {
  const ports = scriptedPorts([{ probe: {}, gives: { code: 1, stderr: 'sh: 3: systemctl: not found\n' } }]);
  await expect(service.read({ name: 'slapd', state: 'started' }, ports)).rejects.toMatchObject({
    message: 'systemctl show slapd exited 1; stderr: sh: 3: systemctl: not found',
    next: 'Use `command` on hosts that are not run by systemd.',
  });
});

test.each([
  [{ name: 'slapd' }, 'give state, enabled or both'],
  [{ name: '--now', state: 'started' }, 'must be the name of a unit'],
  [{ name: 'slapd', state: 'started', 'started-after': 1 }, 'belongs to state'],
])('params %j are refused', (params, message) => {
  expect(JSON.stringify(service.params.safeParse(params).error?.issues)).toContain(message);
});

test('a stamp in whole seconds is refined by the monotonic one, within that second', () => {
  const at = Date.parse('2026-11-22T02:19:59.400Z');
  const clock = `Now=${(at + 5000) / 1000}\nUptime=${(2487853.525 + 5000) / 1000}\n`;
  expect(parseUnit('slapd', { stdout: `${sysv247}${clock}` }).since).toBe(at);
  const wrong = `Now=${(at + 60_000) / 1000}\nUptime=${(2487853.525 + 5000) / 1000}\n`;
  expect(parseUnit('slapd', { stdout: `${sysv247}${wrong}` }).since).toBe(Date.parse('2026-11-22T02:19:59Z'));
});

test.each([
  ['restarted', native257Killed, 'it is failed (signal)'],
  ['restarted', native257, undefined],
  ['stopped', native257Stopped, undefined],
  ['stopped', native257, 'it is started since 2026-11-22T02:20:20Z'],
] as const)(
  'after a resume, without the stamps from before, %s is judged by how the unit is',
  (state, now, lacking) => {
    expect(service.unproven?.({ name: 'slapd', state }, [], unit(now))).toBe(lacking);
  },
);
