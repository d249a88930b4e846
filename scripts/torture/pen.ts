/** The hosts that are tortured: one lab, used as independent pairs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { down } from '../../src/lab/down.ts';
import { startHost, stopHost } from '../../src/lab/host-power.ts';
import { inTurns } from '../../src/lab/in-turns.ts';
import { hostRoot } from '../../src/lab/lab-paths.ts';
import type { LabHost, LabRecord } from '../../src/lab/lab-record.ts';
import { execArgv } from '../../src/lab/lab-shell.ts';
import { mastersAndBare } from '../../src/lab/nodes.ts';
import { openldap } from '../../src/lab/platforms/openldap.ts';
import { silentProgress } from '../../src/lab/progress.ts';
import { runProgram } from '../../src/lab/run-program.ts';
import { up } from '../../src/lab/up.ts';

/** What the disk under the receipts of a host holds: enough for its rounds, and quickly filled. */
const RECEIPTS_SIZE = '4m';

/** A lost host is to be noticed within seconds, as a site would set it that cannot wait. */
const SSH_CONFIG = 'Host *\n ServerAliveInterval 1\n ServerAliveCountMax 2\n ConnectTimeout 2\n';

const UNIT = `[Unit]
Description=Stands there to be restarted
[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
`;

/** Root of a host may write its data over ldapi, so that no password is needed. */
const ACCESS = `dn: olcDatabase={1}mdb,cn=config
changetype: modify
add: olcAccess
olcAccess: {0}to * by dn.exact=gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth manage by * break
`;

export type Pair = readonly [string, string];

export interface Pen {
  readonly lab: LabRecord;
  readonly pairs: readonly Pair[];
  /** Where states, inputs and evidence are kept. */
  readonly directory: string;
  /** What every lockstep gets besides its own state. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a script as root in a host, past sshd and the network. Rejects unless it exits 0. */
  inside(host: string, script: string): Promise<string>;
  /** Works on a host's power switch, one hand at a time. */
  atSwitch(host: string, work: () => Promise<unknown>): Promise<void>;
  close(keep: boolean): Promise<void>;
}

export async function openPen(pairs: number, signal: AbortSignal): Promise<Pen> {
  const name = `torture-${process.pid}`;
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-torture-'));
  try {
    const request = { name, platform: openldap, debian: 12, nodes: mastersAndBare(2 * pairs) };
    const { lab } = await up(request, silentProgress, signal);
    const inside = async (host: string, script: string): Promise<string> => {
      const argv = await execArgv(lab, host, ['sh', '-c', script]);
      return (await runProgram(argv, { about: `${host}: ${script}` })).stdout;
    };
    await inTurns(lab.hosts, (host) => furnish(lab, host, inside));
    const config = join(directory, 'ssh_config');
    writeFileSync(config, SSH_CONFIG);
    return {
      lab,
      directory,
      inside,
      pairs: Array.from({ length: pairs }, (_, pair) => [
        lab.hosts[2 * pair]?.name ?? '',
        lab.hosts[2 * pair + 1]?.name ?? '',
      ]),
      atSwitch: oneAtATime(),
      env: { LOCKSTEP_SSH_CONFIG: config },
      async close(keep) {
        await down(name, silentProgress);
        if (!keep) rmSync(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await down(name, silentProgress);
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

function oneAtATime(): Pen['atSwitch'] {
  const last = new Map<string, Promise<unknown>>();
  return async (host, work) => {
    const mine = (last.get(host) ?? Promise.resolve()).then(work);
    last.set(
      host,
      mine.catch(() => undefined),
    );
    await mine;
  };
}

/** A small disk under the receipts that outlives the host's power, and a unit to restart. */
async function furnish(lab: LabRecord, host: LabHost, inside: Pen['inside']): Promise<void> {
  const place = '/etc/systemd/system/lockstep-torture.service';
  await inside(
    host.name,
    `printf %s '${UNIT}' >${place} && systemctl enable -q lockstep-torture && mkdir -p /var/lib/lockstep`,
  );
  await inside(host.name, `ldapmodify -Q -Y EXTERNAL -H ldapi:/// <<'END'\n${ACCESS}END`);
  await stopHost(lab, host.name, 'orderly');
  const receipts = `${hostRoot(lab.name, host.name)}/var/lib/lockstep`;
  await runProgram(['mount', '-t', 'tmpfs', '-o', `size=${RECEIPTS_SIZE},mode=700`, 'tmpfs', receipts]);
  await startHost(lab, host.name);
}
