/** Where the canaries of a run come from: each source in turn, so that in some round each canary has come from each. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labDir } from '../../../src/lab/lab-paths.ts';
import type { Running } from '../lockstep.ts';
import type { SharedLab } from '../shared-lab.ts';
import type { Canary } from './canaries.ts';

const KINDS = ['env', 'file', 'command', 'host', 'ask'] as const;
type Kind = (typeof KINDS)[number];

export interface Sources {
  /** Path of the inventory that names them. */
  readonly inventory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly kinds: ReadonlyMap<string, Kind>;
}

/** Lays the canaries where `file:`, `command:` and `host:` find them. */
export async function laySources(lab: SharedLab, folder: string, canaries: readonly Canary[]): Promise<void> {
  mkdirSync(folder, { mode: 0o700 });
  for (const { name, value } of canaries) writeFileSync(join(folder, name), value, { mode: 0o600 });
  const lines = canaries.map(({ name, value }) => `${name} ${Buffer.from(value).toString('base64')}\n`);
  const script = `umask 077; mkdir -p /root/sources
while read -r name text; do echo "$text" | base64 -d >"/root/sources/$name"; done`;
  for (const { name } of lab.record().hosts) await lab.inside(name, script, lines.join(''));
}

/** Without a person at a terminal nothing is asked. A canary that cannot be typed, or not be in an environment, is in a file. */
export function sourcesFor(
  lab: SharedLab,
  folder: string,
  canaries: readonly Canary[],
  { round, asks }: { readonly round: number; readonly asks: boolean },
): Sources {
  const kinds = new Map(
    canaries.map((canary, index) => {
      const kind = KINDS[(index + round) % (asks ? 5 : 4)] as Kind;
      return [canary.name, kind === 'ask' && !canTyped(canary) ? 'file' : kind] as const;
    }),
  );
  const source = ({ name }: Canary): string => {
    switch (kinds.get(name)) {
      case 'env':
        return `env:CANARY_${name}`;
      case 'command':
        return `command:cat ${join(folder, name)}`;
      case 'host':
        return `host:cat /root/sources/${name}`;
      case 'ask':
        return `ask:Canary ${name}`;
      default:
        return `file:${join(folder, name)}`;
    }
  };
  const secrets = Object.fromEntries(canaries.map((canary) => [canary.name, source(canary)]));
  const inventory = writeInventory(lab, join(folder, `inventory-${round}-${canaries[0]?.name}.yaml`), {
    vars: { secrets: { ...secrets, admin: `file:${join(labDir(lab.name), 'secrets', 'rootdn-password')}` } },
  });
  const inEnvironment = canaries.filter(({ name }) => kinds.get(name) === 'env');
  const env = Object.fromEntries(inEnvironment.map(({ name, value }) => [`CANARY_${name}`, value]));
  return { inventory, env, kinds };
}

/** An inventory of the lab's first host, as root by the lab's key, with more of its top level. */
export function writeInventory(
  lab: SharedLab,
  path: string,
  more: Readonly<Record<string, unknown>>,
): string {
  const own = labDir(lab.name);
  const [host] = lab.record().hosts;
  const parts = {
    access: { user: 'root', identity: join(own, 'id_ed25519'), 'known-hosts': join(own, 'known_hosts') },
    groups: { masters: { hosts: ['ldap1'] } },
    hosts: { ldap1: { address: 'ldap1.lab.example', connect: host?.address } },
    ...more,
  };
  const lines = Object.entries(parts).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
  writeFileSync(path, `format: lockstep-inventory/1\n${lines.join('')}`);
  chmodSync(path, 0o600);
  return path;
}

function canTyped({ value }: Canary): boolean {
  return !/[\u0000-\u001f\u007f]/.test(value) && value.length < 1000;
}

/** Types the canary that a terminal asks for, each time it asks, until the run ends. Resolves to how often it did. */
export async function answerAsks(running: Running, canaries: readonly Canary[]): Promise<number> {
  let answered = 0;
  const look = setInterval(() => {
    const prompts = [...running.stdout().matchAll(/Canary (c\d\d): /g)];
    for (const [, name] of prompts.slice(answered)) {
      answered++;
      running.type(`${canaries.find((canary) => canary.name === name)?.value}\r`);
    }
  }, 5);
  await running.ended.finally(() => clearInterval(look));
  return answered;
}
