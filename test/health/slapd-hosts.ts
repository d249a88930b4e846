/** Private slapds that can be looked at like hosts: scripts run here, and find the slapd that is meant. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, CommandResult, WritePorts } from '../../src/engine/ports.ts';
import { type OpenDirectory, openDirectory } from '../../src/ldap/directory.ts';
import { reveal } from '../../src/secrets/secret.ts';
import { obtainSlapd, type Slapd } from '../slapd.ts';
import { pipeTo, slapdPorts } from '../slapd-ports.ts';

export interface SlapdHosts {
  on(host: string): WritePorts;
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Scripts that were run, with the host. */
  readonly asked: { readonly host: string; readonly command: Command }[];
  close(): Promise<void>;
}

export async function slapdHosts(slapds: Readonly<Record<string, Slapd>>): Promise<SlapdHosts> {
  const ports = slapdPorts(slapds);
  const { root, env } = await obtainSlapd();
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-hosts-'));
  const written = new Map<string, string>();
  const openedNow: OpenDirectory[] = [];
  const asked: { host: string; command: Command }[] = [];

  function on(name: string): WritePorts {
    const slapd = slapds[name];
    if (!slapd) throw new Error(`no slapd named ${name}`);
    const inner = ports.on(name);
    return {
      ...inner,
      // Under its own name it would be taken for a server that pulls from itself.
      host: { ...inner.host, address: `${name}.test` },
      on,
      // One with a password is a new one each time, as of a real host.
      async directory(address) {
        if (address.kind === 'ldapi' || address.password === undefined) return await inner.directory(address);
        const opened = await openDirectory(address, pipeTo(slapd), name);
        openedNow.push(opened);
        return opened;
      },
      clockSkew: () => Promise.resolve({ skewMs: 0, uncertaintyMs: 1 }),
      reaches: reachable,
      probe(command) {
        asked.push({ host: name, command });
        return run(command, { ...env, PATH: pathOf(name, slapd) });
      },
    };
  }

  /** First of all it finds a pgrep that knows one slapd, and no systemd. */
  function pathOf(name: string, slapd: Slapd): string {
    const own = join(folder, name);
    mkdirSync(own, { recursive: true });
    const put = (program: string, script: string) => {
      const file = join(own, program);
      // Another probe may be running it: it is never written to where it is.
      if (written.get(file) === script) return;
      writeFileSync(`${file}.new`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      renameSync(`${file}.new`, file);
      written.set(file, script);
    };
    put('pgrep', slapd.pid() === 0 ? 'exit 1' : `echo ${slapd.pid()}`);
    put('systemctl', 'exit 1');
    put('journalctl', 'exit 0');
    for (const tool of ['slapcat', 'slapd']) put(tool, `exec ${join(root, 'usr/sbin', tool)} "$@"`);
    return `${own}:${process.env['PATH']}`;
  }

  return {
    on,
    now: Date.now,
    sleep: (ms) => ports.on(Object.keys(slapds)[0] ?? '').sleep(ms),
    asked,
    async close() {
      await Promise.all([ports.close(), ...openedNow.map((directory) => directory.close())]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function reachable(address: string, port: number): Promise<true | string> {
  return new Promise((resolve) => {
    const socket = connect(port, address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => resolve(error.message));
  });
}

/** As the login user, who is root in the tests of a lab and need not be here. */
function run(command: Command, env: NodeJS.ProcessEnv): Promise<CommandResult> {
  const own = Object.fromEntries(
    Object.entries(command.env ?? {}).map(([name, value]) => [name, reveal(value)]),
  );
  const argv = command.argv ?? ['sh', '-c', command.script ?? ''];
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    env: { ...env, ...own },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({
        exit: { kind: 'exited', code: code ?? -1 },
        stdout,
        stderr,
        truncated: false,
        durationMs: 0,
      }),
    );
  });
}
