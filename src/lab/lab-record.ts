import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { LabError } from './lab-error.ts';
import { labDir, labsRoot } from './lab-paths.ts';
import type { NodeKind } from './nodes.ts';

export interface LabHost {
  readonly name: string;
  /** What peers use: `ldap1.lab.example`. */
  readonly fqdn: string;
  /** IPv4, on the lab's own network; what the controller dials. */
  readonly address: string;
  readonly kind: NodeKind;
}

/** What `lab.json` holds: all that is needed to work with a lab, and no secret. */
export interface LabRecord {
  readonly format: 'lockstep-lab/2';
  readonly name: string;
  readonly platform: string;
  /** The product's release, on platforms that have some: `8.8`. */
  readonly release?: string;
  /** Debian's major version: 11, 12 or 13. */
  readonly debian: number;
  /** Directory of the image that the hosts are laid over. */
  readonly image: string;
  /** First three octets, e.g. `10.77.4`. */
  readonly subnet: string;
  /** `building` while `up` works, and for ever after when it was killed. */
  readonly phase: 'building' | 'up';
  /** ISO 8601. */
  readonly createdAt: string;
  readonly hosts: readonly LabHost[];
}

export async function writeLab(lab: LabRecord): Promise<void> {
  const file = `${labDir(lab.name)}/lab.json`;
  await writeFile(`${file}.new`, `${JSON.stringify(lab, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** The record, or undefined when there is none or it is not whole. */
export async function readLab(name: string): Promise<LabRecord | undefined> {
  const text = await readFile(`${labDir(name)}/lab.json`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const record: LabRecord = JSON.parse(text);
    return record.format === 'lockstep-lab/2' ? record : undefined;
  } catch {
    return undefined;
  }
}

/** The record of a lab that must be there. Throws LabError. */
export async function openLab(name: string): Promise<LabRecord> {
  const lab = await readLab(name);
  if (lab) return lab;
  const names = await labNames();
  const others = names.length > 0 ? `; there are: ${names.join(', ')}` : '';
  throw new LabError(`lab ${name}: is not up${others}; start it with \`lockstep lab up ${name}\``);
}

/** The host of a lab that must be there. Throws LabError. */
export function labHost(lab: LabRecord, name: string): LabHost {
  const host = lab.hosts.find((one) => one.name === name || one.fqdn === name);
  if (host) return host;
  throw new LabError(
    `lab ${lab.name}: has no host "${name}"; its hosts are ${lab.hosts.map((one) => one.name).join(', ')}`,
  );
}

/** Every lab that has a directory, half-built ones too. */
export async function labNames(): Promise<readonly string[]> {
  const entries = await readdir(labsRoot, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
