/** `inventory check`: can every host be reached, entered and used, do their clocks agree, is there room? */
import { TransportError } from '../engine/ports.ts';
import type { InventoryHost } from '../inventory/model.ts';
import type { Connection, Target } from '../transport/transport.ts';
import { CHECK_SCRIPT, type Disk, type HostFacts, parseFacts } from './inventory-check-script.ts';
import { messageOf } from './message-of.ts';

/** One thing wrong with a host, with its cause and the next move. A warning does not fail the check. */
export interface CheckFinding {
  readonly severity: 'error' | 'warning';
  readonly what: 'reach' | 'become' | 'clock' | 'disk' | 'versions';
  readonly cause: string;
  readonly next: string;
}

export interface HostCheck {
  readonly host: string;
  /** `user@address:port`; empty when not even that is known. */
  readonly target: string;
  readonly hostKey: string;
  readonly user: string;
  readonly os: string;
  /** Host's clock minus the controller's; absent when unknown. */
  readonly skewMs?: number;
  readonly uncertaintyMs?: number;
  /** The fullest of the disks looked at. */
  readonly disk?: Disk;
  readonly versions: readonly string[];
  readonly findings: readonly CheckFinding[];
}

export interface CheckPorts {
  targetOf(host: InventoryHost): Promise<Target>;
  connect(target: Target): Pick<Connection, 'identity' | 'probe'>;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** syncrepl orders writes by clock: beyond this, conflicts resolve the wrong way round. */
const SKEW_LIMIT_MS = 1000;
const FULL_PERCENT = 95;
const TIGHT_PERCENT = 90;
const LEAST_FREE_KIB = 100 * 1024;
const TIMEOUT_MS = 30_000;

/** Checks all hosts in parallel; every host ends with a result, whatever goes wrong. */
export function checkHosts(
  hosts: readonly InventoryHost[],
  ports: CheckPorts,
): Promise<readonly HostCheck[]> {
  return Promise.all(hosts.map((host) => checkHost(host, ports)));
}

async function checkHost(host: InventoryHost, ports: CheckPorts): Promise<HostCheck> {
  const empty = { host: host.name, target: '', hostKey: '', user: '', os: '', versions: [], findings: [] };
  let reached: HostCheck = empty;
  try {
    const target = await ports.targetOf(host);
    reached = { ...reached, target: `${target.user}@${target.address}:${target.port}` };
    const connection = ports.connect(target);
    const { hostKey } = await connection.identity();
    reached = { ...reached, hostKey };
    // The first probe pays for login and become; the clock is read by the second.
    await connection.probe({ script: ':', timeoutMs: TIMEOUT_MS });
    const before = ports.now();
    const { exit, stdout, stderr } = await connection.probe({
      script: CHECK_SCRIPT,
      env: { LC_ALL: 'C' },
      timeoutMs: TIMEOUT_MS,
    });
    const after = ports.now();
    if (exit.kind !== 'exited' || exit.code !== 0) {
      const how =
        exit.kind === 'exited'
          ? `exit code ${exit.code}`
          : exit.kind === 'killed'
            ? `killed by ${exit.signal}`
            : 'timed out';
      const cause = `the look around ended with ${how}: ${stderr.trim().split('\n').at(-1) ?? ''}`;
      return failed(reached, {
        severity: 'error',
        what: 'reach',
        cause,
        next: 'run sh on the host by hand and see what it says',
      });
    }
    return judge(reached, target, parseFacts(stdout), before, after);
  } catch (error) {
    const what = reached.hostKey === '' ? 'reach' : 'become';
    const cause = messageOf(error);
    const next =
      error instanceof TransportError
        ? error.next
        : 'this was not foreseen: report it, and leave the host alone';
    return failed(reached, { severity: 'error', what, cause, next });
  }
}

function failed(check: HostCheck, finding: CheckFinding): HostCheck {
  return { ...check, findings: [...check.findings, finding] };
}

function judge(check: HostCheck, target: Target, facts: HostFacts, before: number, after: number): HostCheck {
  const uncertaintyMs = (after - before) / 2 + (facts.coarse ? 500 : 0);
  // Whole seconds are cut off, so that the true time is half a second later in the mean.
  const skewMs = facts.clockMs + (facts.coarse ? 500 : 0) - (before + after) / 2;
  const [disk] = [...facts.disks].sort((a, b) => b.usedPercent - a.usedPercent);
  return {
    ...check,
    user: facts.user,
    os: facts.os,
    versions: facts.versions,
    ...(Number.isNaN(skewMs) ? {} : { skewMs: Math.round(skewMs), uncertaintyMs: Math.round(uncertaintyMs) }),
    ...(disk ? { disk } : {}),
    findings: [
      ...becomeFindings(target, facts),
      ...clockFindings(skewMs, uncertaintyMs),
      ...facts.disks.flatMap(diskFindings),
    ],
  };
}

function becomeFindings(target: Target, facts: HostFacts): CheckFinding[] {
  const wanted = target.become?.user ?? target.user;
  if (facts.user === wanted) return [];
  const cause = `commands run as ${facts.user}, not as ${wanted}`;
  return [
    {
      severity: 'error',
      what: 'become',
      cause,
      next: 'check become in the inventory, and sudoers on the host',
    },
  ];
}

function clockFindings(skewMs: number, uncertaintyMs: number): CheckFinding[] {
  if (Number.isNaN(skewMs)) {
    return [
      { severity: 'error', what: 'clock', cause: 'date gave no time', next: 'run date +%s on the host' },
    ];
  }
  if (Math.abs(skewMs) - uncertaintyMs <= SKEW_LIMIT_MS) return [];
  const cause = `its clock is ${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's`;
  return [
    {
      severity: 'error',
      what: 'clock',
      cause,
      next: 'see chronyc tracking or timedatectl on both, and set the wrong one',
    },
  ];
}

function diskFindings(disk: Disk): CheckFinding[] {
  const { mount, usedPercent, freeKiB } = disk;
  const full = usedPercent >= FULL_PERCENT || freeKiB < LEAST_FREE_KIB;
  if (!full && usedPercent < TIGHT_PERCENT) return [];
  const cause = `${mount} is ${usedPercent} % full, ${Math.floor(freeKiB / 1024)} MiB are left`;
  return [
    {
      severity: full ? 'error' : 'warning',
      what: 'disk',
      cause,
      next: `make room on ${mount} before a change`,
    },
  ];
}
