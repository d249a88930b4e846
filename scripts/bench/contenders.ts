/** Who runs the same steps on the same hosts. Each proves after its run that all of them ran. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Site } from './site.ts';
import { timed } from './timed.ts';

const root = join(import.meta.dirname, '..', '..');

/** Milliseconds for `steps` steps on every host of the site, from the start of the process to its end. */
export type Contender = (site: Site, steps: number) => Promise<number>;

/** The real program with token, receipt and fsynced journal. */
export const lockstep: Contender = async (site, steps) => {
  const state = join(site.directory, 'state');
  const inventory = join(site.directory, 'inventory.yaml');
  const runbook = join(site.directory, 'bench.yaml');
  writeFileSync(inventory, inventoryText(site));
  writeFileSync(runbook, runbookText(steps));
  const argv = [join(root, 'lockstep'), 'run', runbook, '-i', inventory, '--yes', '--plain'] as const;
  const { ms } = await timed([...argv], site.directory, { LOCKSTEP_STATE: state });
  const [run = ''] = readdirSync(join(state, 'runs'));
  proveReceipts(join(site.home, '.lockstep', run), site.addresses.length * steps);
  proveJournal(join(state, 'runs', run), site.addresses.length * steps);
  rmSync(state, { recursive: true });
  return ms;
};

/** A plain loop over the same library: a connection a host, a channel a step, nothing kept. */
export const bare: Contender = async (site, steps) => {
  const script = join(import.meta.dirname, 'bare.ts');
  const { ms, output } = await timed([process.execPath, script], site.directory, {
    BENCH: JSON.stringify({ ...site, steps }),
  });
  const want = `${site.addresses.length * steps} commands ended with 0\n`;
  if (output !== want) throw new Error(`the bare loop said ${output}`);
  return ms;
};

/** One `clush` a step, its own options as installed; to ssh only what is needed to get in. */
export const clush: Contender = async (site, steps) => {
  const options = [`-i ${site.identityFile}`, `-p ${site.port}`, `-o UserKnownHostsFile=${site.knownHosts}`];
  const hosts = `127.0.2.[1-${site.addresses.length}]`;
  let total = 0;
  for (let step = 0; step < steps; step++) {
    const argv = ['clush', '-S', '-w', hosts, '-f', String(site.addresses.length), '-l', site.user] as const;
    total += (await timed([...argv, '-o', options.join(' '), '/bin/true'], site.directory)).ms;
  }
  return total;
};

/** One playbook; pipelining, as many forks as hosts, ssh connections kept by its default ControlPersist. */
export const ansible: Contender = async (site, steps) => {
  const at = (name: string): string => join(site.directory, name);
  const lines = site.addresses.map((address) => `${address} ansible_port=${site.port}`);
  writeFileSync(at('hosts.ini'), `${lines.join('\n')}\n`);
  writeFileSync(at('bench.yml'), playbookText(steps));
  const { ms, output } = await timed(
    [
      ...([
        'ansible-playbook',
        '-i',
        at('hosts.ini'),
        '-u',
        site.user,
        '--private-key',
        site.identityFile,
      ] as const),
      ...['--ssh-common-args', `-o UserKnownHostsFile=${site.knownHosts}`, at('bench.yml')],
    ],
    site.directory,
    {
      ANSIBLE_HOME: at('ansible'),
      ANSIBLE_LOCAL_TEMP: at('ansible'),
      // Short, since a socket's path may have 107 bytes.
      ANSIBLE_SSH_CONTROL_PATH_DIR: at('cp'),
      ANSIBLE_PIPELINING: 'True',
      ANSIBLE_FORKS: String(site.addresses.length),
      ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    },
  );
  const good = output
    .split('\n')
    .filter((line) => line.includes(`ok=${steps} `) && line.includes(`changed=${steps} `));
  if (good.length !== site.addresses.length) throw new Error(`ansible-playbook said ${output.slice(-2000)}`);
  return ms;
};

function runbookText(steps: number): string {
  const one = (number: number): string => `  - id: step-${number}
    title: Step ${number}
    on: all
    command: { argv: [/bin/true] }
    repeat: once
    on-doubt: ask
`;
  const all = Array.from({ length: steps }, (_, index) => one(index + 1));
  return `format: lockstep/1\nname: bench\nversion: 1.0.0\ntitle: Trivial changing steps\nsteps:\n${all.join('')}`;
}

function inventoryText(site: Site): string {
  return `format: lockstep-inventory/1
access: { user: ${site.user}, port: ${site.port}, identity: ${site.identityFile}, known-hosts: ${site.knownHosts} }
hosts:
${site.addresses.map((address, index) => `  host${index + 1}: { address: ${address} }\n`).join('')}`;
}

function playbookText(steps: number): string {
  return `- hosts: all
  gather_facts: false
  tasks:
${'    - command: /bin/true\n'.repeat(steps)}`;
}

/** A token, with its end and code 0, for each command. */
function proveReceipts(folder: string, expected: number): void {
  const ended = readdirSync(folder).filter(
    (name) =>
      !/\.(out|err)$/.test(name) && /^start .*\nexit 0 /.test(readFileSync(join(folder, name), 'utf8')),
  );
  if (ended.length !== expected) throw new Error(`${ended.length} receipts instead of ${expected}`);
}

function proveJournal(folder: string, expected: number): void {
  const journal = readFileSync(join(folder, 'journal.ndjson'), 'utf8');
  for (const type of ['task.intended', 'task.wrote', 'task.ended']) {
    const found = journal.split(`"type":"${type}"`).length - 1;
    if (found !== expected) throw new Error(`${found} records ${type} instead of ${expected}`);
  }
}
