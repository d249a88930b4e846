/** Which processes a program has, and since when: for daemons that no service manager knows. */
import type { ReadPorts } from '../engine/ports.ts';
import { ActionError } from './action-error.ts';
import { commandFailed, exitedWith, linesOf } from './exit-text.ts';

/**
 * `each_process DO`: calls DO with pid and start of each process of the program. /proc/PID/exe and not the name, since another
 * slapd may run beside it; a program that was upgraded meanwhile has `(deleted)` there. Field 22 of /proc/PID/stat is the start in
 * clock ticks since boot (proc(5)); the name in field 2 may hold blanks.
 */
export const EACH_PROCESS = `
each_process() {
  program=$(readlink -f "$LOCKSTEP_PROGRAM")
  for dir in $(find /proc/[0-9]* -maxdepth 1 -path '*/exe' -lname "$program*" 2>/dev/null); do
    dir=\${dir%/exe}
    case $(readlink "$dir/exe") in "$program"|"$program (deleted)") ;; *) continue ;; esac
    line=$(cat "$dir/stat" 2>/dev/null) || continue
    set -- "$1" \${line##*) }
    case $2 in Z|X) continue ;; esac
    "$1" "\${dir#/proc/}" "\${21}"
  done
}
`;

/** /proc/uptime counts from boot, as the start of a process does. */
const script = `${EACH_PROCESS}
if [ ! -x "$LOCKSTEP_PROGRAM" ]; then echo 'There=no'; exit 0; fi
echo 'There=yes'
printf 'Hertz=%s\\n' "$(getconf CLK_TCK)"
printf 'Now=%s\\n' "$(date +%s.%N)"
read -r up rest </proc/uptime && printf 'Uptime=%s\\n' "$up"
show() { printf 'Process=%s %s\\n' "$1" "$2"; }
each_process show
exit 0
`;

export interface DaemonState {
  /** The program is on the host, and may be run. */
  readonly there: boolean;
  /** Its oldest process; undefined when it does not run. */
  readonly process: DaemonProcess | undefined;
}

export interface DaemonProcess {
  readonly pid: number;
  /** Clock ticks from boot to its start: with the pid, which start it was. */
  readonly startTicks: number;
  /** When it was started, by the host's clock, in ms since the epoch; within some 20 ms. */
  readonly since: number;
}

/** As root, since /proc/PID/exe of others is hidden from everybody else. Rejects with ActionError. */
export async function readDaemon(program: string, ports: Pick<ReadPorts, 'probe'>): Promise<DaemonState> {
  const result = await ports.probe({ script, env: { LC_ALL: 'C', LOCKSTEP_PROGRAM: program } });
  if (!exitedWith(result.exit, [0])) throw commandFailed(`looking for ${program}`, result);
  return parseDaemon(program, result.stdout);
}

export function parseDaemon(program: string, stdout: string): DaemonState {
  const said = linesOf(stdout).map((line) => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)] as const;
  });
  const number = (key: string): number => {
    const value = Number(said.find(([name]) => name === key)?.[1]);
    if (Number.isFinite(value)) return value;
    throw new ActionError(`looking for ${program}: the host told no ${key}`);
  };
  if (!said.some(([name, value]) => name === 'There' && value === 'yes'))
    return { there: false, process: undefined };
  const bootMs = (number('Now') - number('Uptime')) * 1000;
  const processes = said
    .filter(([name]) => name === 'Process')
    .map(([, value]) => value.split(' ').map(Number))
    .map(([pid = 0, startTicks = 0]) => ({
      pid,
      startTicks,
      since: Math.round(bootMs + (startTicks / number('Hertz')) * 1000),
    }))
    .sort((a, b) => a.startTicks - b.startTicks);
  return { there: true, process: processes[0] };
}
