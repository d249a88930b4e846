import { accessSync } from 'node:fs';
import { LabError } from './lab-error.ts';
import { plainEnvironment } from './run-program.ts';

/** Debian package → what of it the lab uses, any file of the list will do. */
const needed: ReadonlyArray<readonly [string, string]> = [
  ['mmdebstrap', 'mmdebstrap'],
  ['debian-archive-keyring', '/usr/share/keyrings/debian-archive-keyring.gpg'],
  ['systemd-container', 'systemd-nspawn'],
  ['iproute2', 'ip'],
  ['openssh-client', 'ssh-keygen'],
  ['openssl', 'openssl'],
  ['util-linux', 'nsenter'],
  ['util-linux', 'setpriv'],
  ['util-linux', 'flock'],
  ['mount', 'mount'],
  ['e2fsprogs', 'mkfs.ext4'],
  // mmdebstrap is written in it, so that it is there already; the line that makes a link slow is, too.
  ['perl', 'perl'],
  ['tar', 'tar'],
];

/** Names of the Debian packages the lab needs and this machine lacks. */
export function missingPackages(exists: (path: string) => boolean = fileExists): readonly string[] {
  const directories = (plainEnvironment.PATH ?? '').split(':');
  const present = (file: string) =>
    file.startsWith('/') ? exists(file) : directories.some((directory) => exists(`${directory}/${file}`));
  return [...new Set(needed.filter(([, file]) => !present(file)).map(([name]) => name))];
}

function fileExists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The one command that installs them. */
export function installCommand(packages: readonly string[]): string {
  return `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/** Throws LabError unless this is Linux and we are root. Enough to look at labs and to remove them. */
export function checkRoot(): void {
  if (process.platform !== 'linux') {
    throw new LabError(
      `lab: needs Linux (namespaces, overlayfs, systemd-nspawn); this is ${process.platform}`,
    );
  }
  const uid = process.getuid?.();
  if (uid !== 0) {
    throw new LabError(
      `lab: needs root (mounts, namespaces); you are uid ${uid}; run the same command with \`sudo\``,
    );
  }
}

/** Throws LabError unless labs can be made here. */
export function checkMachine(): void {
  checkRoot();
  const packages = missingPackages();
  if (packages.length === 0) return;
  throw new LabError(
    `lab: this machine lacks ${packages.join(', ')}; install with\n  ${installCommand(packages)}`,
  );
}
