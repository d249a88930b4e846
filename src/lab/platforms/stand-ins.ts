import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LabError } from '../lab-error.ts';

/** One row of `stand-ins/releases.json`: what a release of a product is like, and which tools it has. */
export interface StandInRelease {
  readonly product: string;
  readonly release: string;
  readonly debian: number;
  readonly home: string;
  readonly user: string;
  /** Where OpenLDAP's own programs are. */
  readonly openldap: string;
  readonly ldapi: string;
  readonly tls: boolean;
  /** Services are units of systemd, and the product's own control refuses. */
  readonly systemd: boolean;
  readonly tools: { readonly bin: readonly string[]; readonly libexec: readonly string[] };
}

/** Our own programs in place of the vendor's, beside the nearest package.json above this file. */
export function standInsFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'stand-ins');
}

let rows: readonly StandInRelease[] | undefined;

/** The releases of a product, in the order of the file. */
export function standInReleases(product: string): readonly StandInRelease[] {
  rows ??= JSON.parse(readFileSync(join(standInsFolder(), 'releases.json'), 'utf8')) as StandInRelease[];
  return rows.filter((row) => row.product === product);
}

/** Throws LabError that names the releases there are. */
export function standInRelease(product: string, release: string | undefined): StandInRelease {
  const known = standInReleases(product);
  const found = known.find((row) => row.release === release);
  if (found) return found;
  throw new LabError(
    `${product} ${release}: a lab has ${known.map((row) => row.release).join(', ')}; choose one with --release`,
  );
}
