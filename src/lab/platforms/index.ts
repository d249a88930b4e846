import { LabError } from '../lab-error.ts';
import { openldap } from './openldap.ts';
import type { Platform } from './platform.ts';

const platforms: readonly Platform[] = [openldap];

export const platformNames: readonly string[] = platforms.map((platform) => platform.name);

/** Throws LabError for a platform the lab does not have. */
export function platformNamed(name: string): Platform {
  const platform = platforms.find((one) => one.name === name);
  if (platform) return platform;
  throw new LabError(
    `platform "${name}": a lab runs ${platformNames.join(', ')}; choose one with --platform`,
  );
}
