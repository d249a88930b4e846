import { createHash } from 'node:crypto';
import { LabError } from './lab-error.ts';

/** One directory a lab; all of a lab but its network links and cgroups lives there. */
export const labsRoot = '/var/lib/lockstep/labs';
export const imagesRoot = '/var/cache/lockstep/images';
export const locksRoot = '/run/lockstep';

/** Hosts and labs share this shape; 24 characters keep `lab-host` inside a 64-byte machine name. */
const namePattern = /^[a-z][a-z0-9-]{0,23}$/;

/** Throws LabError unless `name` can name a directory, a cgroup and a machine. */
export function checkLabName(name: string): string {
  if (namePattern.test(name)) return name;
  throw new LabError(
    `lab name "${name}": must be 1 to 24 of a-z, 0-9 and "-", starting with a letter; try "default"`,
  );
}

export function labDir(name: string): string {
  return `${labsRoot}/${checkLabName(name)}`;
}

/** The inventory that `-i lab:NAME` stands for (native format). It exists while the lab is up. */
export function labInventoryPath(name: string): string {
  return `${labDir(name)}/inventory.yaml`;
}

export function hostDir(lab: string, host: string): string {
  return `${labDir(lab)}/${host}`;
}

/** The mounted overlay: the host's own root directory. */
export function hostRoot(lab: string, host: string): string {
  return `${hostDir(lab, host)}/root`;
}

/** A file that a network namespace is bound to; `switch` is the one with the bridge. */
export function netnsFile(lab: string, host: string): string {
  return `${labDir(lab)}/net/${host}`;
}

/** The controller's end of the veth to the lab; derived from the name, so that `down` finds it without any record. */
export function controllerLink(lab: string): string {
  return `lab-${createHash('sha256').update(lab).digest('hex').slice(0, 10)}`;
}

export function labLock(name: string): string {
  return `${locksRoot}/lab-${checkLabName(name)}.lock`;
}
