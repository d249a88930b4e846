import { LabError } from '../lab-error.ts';
import type { LabRecord } from '../lab-record.ts';
import { openldap } from './openldap.ts';
import type { Platform, Slapd } from './platform.ts';
import { carbonio, zimbra } from './zimbra.ts';

const platforms: readonly Platform[] = [openldap, zimbra, carbonio];

export const platformNames: readonly string[] = platforms.map((platform) => platform.name);

/** Throws LabError for a platform the lab does not have. */
export function platformNamed(name: string): Platform {
  const platform = platforms.find((one) => one.name === name);
  if (platform) return platform;
  throw new LabError(
    `platform "${name}": a lab runs ${platformNames.join(', ')}; choose one with --platform`,
  );
}

/** Where slapd is in the hosts of a lab. */
export function slapdOf(lab: LabRecord): Slapd {
  return platformNamed(lab.platform).slapd(lab.release);
}
