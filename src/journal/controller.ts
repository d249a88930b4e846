import { hash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process of lockstep, so told apart that another machine or container never takes it for one of its own. */
export interface Controller {
  readonly pid: number;
  /** Start time in clock ticks after boot (field 22 of /proc/PID/stat), so that a reused pid is not taken for it. */
  readonly started: string;
  readonly boot: string;
  /** Digest of machine-id and hostname. */
  readonly machine: string;
  /** Its pid namespace: elsewhere its pid means nothing. */
  readonly space: string;
}

export function thisController(): Controller {
  const { pid } = process;
  return { pid, started: startOf(pid) ?? '', boot: bootId(), machine: machine(), space: pidSpace() };
}

/**
 * `alive` and `gone` are proofs; `unknown` is a process of another machine or container. A stopped process is alive, a zombie
 * is gone.
 */
export function fateOf(one: Controller): 'alive' | 'gone' | 'unknown' {
  if (one.machine !== machine()) return 'unknown';
  if (one.boot !== bootId()) return 'gone';
  if (one.space !== pidSpace()) return 'unknown';
  return startOf(one.pid) === one.started ? 'alive' : 'gone';
}

/** One word, for a place where others read it. */
export function controllerText({ machine, boot, space, pid, started }: Controller): string {
  return [machine, boot, space, pid, started].join(':');
}

/** Undefined for what no lockstep wrote. */
export function parseController(text: string): Controller | undefined {
  const [machine = '', boot = '', space = '', pid, started, ...more] = text.split(':');
  if (started === undefined || more.length > 0 || !/^\d+$/.test(pid ?? '')) return undefined;
  return { machine, boot, space, pid: Number(pid), started };
}

function startOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

function bootId(): string {
  return read('/proc/sys/kernel/random/boot_id').trim();
}

function machine(): string {
  return hash('sha256', `${read('/etc/machine-id')} ${hostname()}`, 'hex').slice(0, 16);
}

function pidSpace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
  } catch {
    return '';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
