/** Ports that really run commands with this machine's `sh`, for scripts that must be right. `as` needs root, else it is refused. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Command, CommandResult, TransferEnd, WritePorts } from '../../src/engine/ports.ts';
import { reveal } from '../../src/secrets/secret.ts';
import { ldap1, scriptedPorts } from './ports.ts';

/** In place of /var/lib/lockstep; old files are kept below it for undo. */
const receipts = mkdtempSync(join(tmpdir(), 'lockstep-receipts-'));
export const keptIn = join(receipts, 'kept');
afterAll(() => rmSync(receipts, { recursive: true, force: true }));

export interface LocalPorts extends WritePorts {
  readonly executed: Command[];
  readonly probed: Command[];
}

/** `onSleep` stands for what happens on the host meanwhile. */
export function localPorts(onSleep: (ms: number) => void = () => {}): LocalPorts {
  const executed: Command[] = [];
  const probed: Command[] = [];
  const fake = scriptedPorts([]);
  const at = (name: string): LocalPorts => ({
    ...fake,
    host: { ...ldap1, name },
    executed,
    probed,
    probe: (command) => {
      probed.push(command);
      return run(command);
    },
    execute: (command) => {
      executed.push(command);
      return run(command);
    },
    transfer: async (from, to) => {
      const read = await run(from.command);
      const wrote = await run({ ...to.command, stdin: read.stdout });
      mustExitZero(from, read);
      mustExitZero(to, wrote);
      return { bytes: Buffer.byteLength(read.stdout) };
    },
    on: at,
    sleep: async (ms) => {
      onSleep(ms);
      await fake.sleep(ms);
    },
  });
  return at('ldap1');
}

function mustExitZero(end: TransferEnd, { exit, stderr }: CommandResult): void {
  if (exit.kind !== 'exited' || exit.code !== 0) throw new Error(`transfer: ${end.host}: ${stderr}`);
}

function run(command: Command): Promise<CommandResult> {
  const own = command.argv ?? ['sh', '-c', command.script ?? ''];
  const isOther = command.as !== undefined && command.as !== userInfo().username;
  if (isOther && process.getuid?.() !== 0) throw new Error('only root can run commands as another user');
  const [program, ...args] = isOther ? ['runuser', '-u', String(command.as), '--', ...own] : own;
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    LOCKSTEP_RECEIPTS: receipts,
  };
  for (const [name, value] of Object.entries(command.env ?? {})) env[name] = reveal(value);
  return new Promise((resolve, reject) => {
    const child = spawn(program ?? 'sh', args, {
      env,
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.stdin.on('error', () => {}); // It may end without reading.
    child.stdin.end(reveal(command.stdin ?? ''));
    child.on('close', (code, signal) => {
      resolve({
        exit: code === null ? { kind: 'killed', signal: signal ?? '' } : { kind: 'exited', code },
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        truncated: false,
        durationMs: 0,
      });
    });
  });
}
