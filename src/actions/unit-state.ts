/** What systemd says of a unit, read with `systemctl show`. Works with systemd 219 and later. */
import type { CommandResult, ReadPorts } from '../engine/ports.ts';
import { ActionError } from './action-error.ts';
import { commandFailed, exitedWith, linesOf } from './exit-text.ts';

const properties = [
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'MainPID',
  'ControlGroup',
  'ActiveEnterTimestamp',
  'ActiveEnterTimestampMonotonic',
  'StateChangeTimestampMonotonic',
].join(',');

/**
 * With TZ=UTC the time stamps have one fixed form. `--timestamp` brings the microseconds from systemd 248 on; older ones
 * ignore it (247) or refuse it, and then tell whole seconds: the rest is worked out from the monotonic stamp.
 * `is-enabled` is asked because the UnitFileState of a SysV service is `generated` whether or not it is enabled.
 * The processes come from the unit's cgroup (v2, or v1's systemd tree), since a SysV service has no main process.
 */
const script = `
systemctl show --timestamp=us+utc -p ${properties} -- "$LOCKSTEP_UNIT" 2>/dev/null ||
  systemctl show -p ${properties} -- "$LOCKSTEP_UNIT" || exit 1
printf 'Now=%s\\n' "$(date +%s.%N)"
{ read -r up rest </proc/uptime && printf 'Uptime=%s\\n' "$up"; } 2>/dev/null
printf 'Enabled=%s\\n' "$(systemctl is-enabled -- "$LOCKSTEP_UNIT" 2>/dev/null)"
group=$(systemctl show -p ControlGroup -- "$LOCKSTEP_UNIT"); group=\${group#ControlGroup=}
for root in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
  if [ -n "$group" ] && [ -r "$root$group/cgroup.procs" ]; then
    printf 'Processes=%s\\n' "$(find "$root$group" -name cgroup.procs -exec cat {} + | tr '\\n' ' ')"
    break
  fi
done
exit 0
`;

export interface UnitState {
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  readonly result: string;
  /** The word of `systemctl is-enabled`; empty or `not-found` when there is no such unit. */
  readonly enabled: string;
  /** The main process, or the only one; null when there is none or it cannot be told. */
  readonly pid: number | null;
  /** Processes of the unit's cgroup; null when that cannot be read. */
  readonly processes: readonly number[] | null;
  /** When it became active, by the host's clock, in ms since the epoch; within some 20 ms with systemd 247 and older. */
  readonly since: number | null;
  /** Monotonic stamps in µs: they differ when it was started, or changed its state (a reload), in between. */
  readonly activeStamp: string;
  readonly changeStamp: string;
}

/** Reads the unit. A unit that does not exist is a state (`load: not-found`), not an error. */
export async function readUnit(name: string, ports: ReadPorts): Promise<UnitState> {
  const result = await ports.probe({ script, env: { LC_ALL: 'C', TZ: 'UTC', LOCKSTEP_UNIT: name } });
  if (!exitedWith(result.exit, [0])) {
    throw commandFailed(
      `systemctl show ${name}`,
      result,
      'Use `command` on hosts that are not run by systemd.',
    );
  }
  return parseUnit(name, result);
}

export function parseUnit(name: string, { stdout }: Pick<CommandResult, 'stdout'>): UnitState {
  const said = new Map(
    linesOf(stdout).map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );
  const word = (key: string): string => {
    const value = said.get(key);
    if (value === undefined) throw new ActionError(`systemctl show ${name}: it told no ${key}`);
    return value;
  };
  const listed = said.get('Processes');
  const processes = listed === undefined ? null : listed.split(' ').filter(Boolean).map(Number);
  // 0 stands for none; a unit that is no service has no such property.
  const main = Number(said.get('MainPID') ?? 0);
  const only = processes?.length === 1 ? (processes[0] ?? null) : null;
  return {
    load: word('LoadState'),
    active: word('ActiveState'),
    sub: word('SubState'),
    result: said.get('Result') ?? '',
    enabled: word('Enabled'),
    pid: main > 0 ? main : only,
    processes,
    since: sinceOf(name, said),
    activeStamp: word('ActiveEnterTimestampMonotonic'),
    changeStamp: word('StateChangeTimestampMonotonic'),
  };
}

/** A stamp in whole seconds is refined by the monotonic one, which counts from boot as /proc/uptime does. */
function sinceOf(name: string, said: ReadonlyMap<string, string>): number | null {
  const stamp = said.get('ActiveEnterTimestamp') ?? '';
  const told = epochMs(name, stamp);
  if (told === null || stamp.includes('.')) return told;
  const bootMs = (Number(said.get('Now')) - Number(said.get('Uptime'))) * 1000;
  const refined = bootMs + Number(said.get('ActiveEnterTimestampMonotonic')) / 1000;
  // Suspend, or a clock that was set: then the whole second is all that is known.
  return refined >= told && refined < told + 1000 ? Math.round(refined) : told;
}

/** `Sun 2026-11-22 02:05:50.680396 UTC` → ms since the epoch. */
function epochMs(name: string, stamp: string): number | null {
  if (stamp === '' || stamp === 'n/a') return null;
  const match = /^\w{3} (\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d{3})\d*)? UTC$/.exec(stamp);
  if (match === null) throw new ActionError(`systemctl show ${name}: cannot read the time stamp "${stamp}"`);
  return Date.parse(`${match[1]}T${match[2]}.${match[3] ?? '000'}Z`);
}

/**
 * `dead` is what systemd calls active though no process is left: it happens to SysV services in cgroup v1, and then
 * `systemctl start` does nothing and exits 0.
 */
export type Condition = 'started' | 'stopped' | 'failed' | 'dead' | 'changing';

export function conditionOf(unit: UnitState): Condition {
  switch (unit.active) {
    case 'active':
    case 'reloading':
    case 'refreshing':
      // `exited` is the rest state of a oneshot: it has no process and needs none.
      return unit.sub !== 'exited' && unit.processes?.length === 0 ? 'dead' : 'started';
    case 'inactive':
      return 'stopped';
    case 'failed':
      return 'failed';
    default:
      return 'changing';
  }
}

/** `static` and `indirect` units cannot be enabled: they start when another wants them, so there is nothing to do. */
export function startsAtBoot(unit: UnitState, wanted: boolean): boolean {
  const always = ['static', 'indirect', 'alias', 'transient'];
  if (always.includes(unit.enabled)) return wanted;
  return unit.enabled === 'enabled' || unit.enabled === 'generated';
}
