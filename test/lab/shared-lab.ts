/** A lab that the tests of one file share: two hosts, brought up before them and taken down after. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll } from 'vitest';
import { down } from '../../src/lab/down.ts';
import { labDir } from '../../src/lab/lab-paths.ts';
import type { LabRecord } from '../../src/lab/lab-record.ts';
import { execArgv } from '../../src/lab/lab-shell.ts';
import { mastersAndBare } from '../../src/lab/nodes.ts';
import { openldap } from '../../src/lab/platforms/openldap.ts';
import { silentProgress } from '../../src/lab/progress.ts';
import { labRequest } from '../../src/lab/request.ts';
import { type LabRequest, up } from '../../src/lab/up.ts';

export interface SharedLab {
  /** What `-i` takes. */
  readonly inventory: string;
  readonly name: string;
  record(): LabRecord;
  /** Runs a script as root in a host, past sshd and the network; rejects unless it exits 0. Resolves to its stdout. */
  inside(host: string, script: string, stdin?: string): Promise<string>;
  secret(name: string): Promise<string>;
  /** New hosts in place of the old ones. */
  renew(): Promise<void>;
}

/** Hosts of OpenLDAP, or of another platform by the words of `lab up`. */
export type WantedLab =
  | { readonly debian?: number; readonly hosts?: number; readonly bare?: number }
  | { readonly platform: string; readonly release?: string; readonly nodes: string };

/** `word` makes the name of the lab; process ids keep two test runs apart. */
export function sharedLab(word: string, wanted: WantedLab = {}): SharedLab {
  const name = `e2e-${word}-${process.pid}`;
  let lab: LabRecord | undefined;
  async function renew(): Promise<void> {
    await down(name, silentProgress);
    lab = (await up(requestOf(name, wanted), silentProgress, new AbortController().signal)).lab;
  }
  beforeAll(renew);
  afterAll(() => down(name, silentProgress));

  function record(): LabRecord {
    if (!lab) throw new Error(`lab ${name} is not up yet`);
    return lab;
  }
  return {
    inventory: `lab:${name}`,
    name,
    record,
    renew,
    inside: async (host, script, stdin = '') => {
      const argv = await execArgv(record(), host, ['sh', '-c', script]);
      return call(`${host}: ${script}`, argv, stdin);
    },
    secret: async (file) => (await readFile(`${labDir(name)}/secrets/${file}`, 'utf8')).trim(),
  };
}

function requestOf(name: string, wanted: WantedLab): LabRequest {
  if ('nodes' in wanted) return labRequest(name, wanted);
  const { debian = 12, hosts = 2, bare = 0 } = wanted;
  return { name, platform: openldap, debian, nodes: mastersAndBare(hosts, bare) };
}

function call(about: string, argv: readonly string[], stdin: string): Promise<string> {
  const [file = '', ...rest] = argv;
  const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(stdout) : reject(new Error(`${about}\nexit code ${code}\n${stdout}${stderr}`)),
    );
  });
}
