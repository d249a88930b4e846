import { randomBytes } from 'node:crypto';
import { hostFiles, knownHostsLine } from './host-files.ts';
import { layOver, mountRoot, writeHostFiles } from './host-root.ts';
import { makeKey } from './lab-keys.ts';
import { hostDir } from './lab-paths.ts';
import type { LabHost, LabRecord } from './lab-record.ts';
import type { Platform } from './platforms/platform.ts';

/** What all hosts of a new lab have in common. */
export interface NewLab {
  readonly lab: LabRecord;
  readonly platform: Platform;
  /** In clear, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The public key that may log in. */
  readonly loginKey: string;
  readonly overlay: string | undefined;
}

/** Makes one host's root directory, ready to boot; resolves to its line of known_hosts. */
export async function layOut(
  host: LabHost,
  { lab, platform, secrets, loginKey, overlay }: NewLab,
): Promise<string> {
  const root = await mountRoot(lab.name, host.name, lab.image);
  const hostKey = await makeKey(`${hostDir(lab.name, host.name)}/host_key`, host.name);
  const passwords = { root: secrets['root-password'] ?? '', operator: secrets['operator-password'] ?? '' };
  const files = hostFiles(host, lab.hosts, randomBytes(16).toString('hex'), hostKey, loginKey);
  await writeHostFiles(root, files, passwords);
  await platform.prepare({ host, lab, root, secrets });
  if (overlay !== undefined) await layOver(root, overlay);
  return knownHostsLine(host, hostKey.public);
}
