import { createHash } from 'node:crypto';
import { LabError } from './lab-error.ts';
import type { Platform } from './platforms/platform.ts';

/** All that decides what is in an image; its digest names it. */
export interface ImageRecipe {
  readonly name: string;
  readonly suite: string;
  readonly packages: readonly string[];
  /** Lines for debconf-set-selections, before the packages are installed. */
  readonly debconf: readonly string[];
  /** POSIX sh; $1 is the new root directory, and files beside it belong to the image but not to its hosts. */
  readonly customise: string;
}

const suites: Readonly<Record<number, string>> = { 11: 'bullseye', 12: 'bookworm', 13: 'trixie' };

/** Debian releases a lab can run, as major versions. */
export const debianVersions: readonly number[] = Object.keys(suites).map(Number);

const basePackages = [
  'systemd-sysv',
  'dbus',
  'openssh-server',
  'sudo',
  'iproute2',
  'procps',
  'iputils-ping',
  'netbase',
  // For a host whose clock is wrong: `lab fault HOST clock +1h`.
  'libfaketime',
];

/**
 * Units that would only cost time in a host that lives for minutes. The two of passwords watch a folder each, for which
 * the kernel gives one inotify instance of the few that all hosts of all labs share.
 */
const idleUnits = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'console-getty.service',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'systemd-ask-password-console.path',
  'systemd-ask-password-wall.path',
  'systemd-pstore.service',
];

/** The users every host has besides root: sudo freely, sudo with a password, no sudo. */
const baseCustomisation = `
chroot "$1" useradd -m -s /bin/bash admin
chroot "$1" useradd -m -s /bin/bash -g operator -G sudo operator
chroot "$1" useradd -m -s /bin/bash nosudo
printf 'admin ALL=(ALL:ALL) NOPASSWD: ALL\\n' > "$1/etc/sudoers.d/lab"
chmod 0440 "$1/etc/sudoers.d/lab"
for unit in ${idleUnits.join(' ')}; do ln -sf /dev/null "$1/etc/systemd/system/$unit"; done
rm -f "$1"/etc/ssh/ssh_host_* "$1/etc/apt/apt.conf.d/99mmdebstrap" "$1/etc/apt/sources.list"
rm -f "$1/etc/resolv.conf" && : > "$1/etc/resolv.conf"
: > "$1/etc/machine-id"
printf 'localhost\\n' > "$1/etc/hostname"
`;

/** Throws LabError for a release we have no name of. */
export function imageRecipe(platform: Platform, debian: number): ImageRecipe {
  const suite = suites[debian];
  if (!suite) {
    throw new LabError(`Debian ${debian}: a lab runs ${debianVersions.join(', ')}; choose one with --debian`);
  }
  return {
    name: `${platform.name}-debian${debian}`,
    suite,
    packages: [...basePackages, ...platform.packages],
    debconf: platform.debconf,
    // The platform's part first: it may still fetch packages.
    customise: `set -eu\n${platform.customise}${baseCustomisation}`,
  };
}

/** Name of the image's directory, e.g. `openldap-debian12-3f0c11d2a9b4`. */
export function imageKey(recipe: ImageRecipe): string {
  const digest = createHash('sha256').update(JSON.stringify(recipe)).digest('hex');
  return `${recipe.name}-${digest.slice(0, 12)}`;
}

/** What mmdebstrap is busy with, in the operator's words; undefined for lines that tell nothing. */
export function buildPhase(line: string): string | undefined {
  return phases.find(([text]) => line.includes(text))?.[1];
}

const phases: ReadonlyArray<readonly [string, string]> = [
  ['running apt-get update', 'reading package lists'],
  ['downloading packages', 'downloading'],
  ['extracting archives', 'unpacking'],
  ['installing essential', 'installing the base'],
  ['installing remaining', 'installing packages'],
  ['running --customize-hook', 'customising'],
  ['cleaning package lists', 'cleaning'],
];
