/** Since when which server has been behind, from one call to the next: a small file a tree, beside the runs. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { SiteFacts } from '../health/facts.ts';
import { rememberedBehind } from '../health/observe/behind-since.ts';
import { runsRoot } from '../journal/run-directory.ts';
import { normaliseDn } from '../ldap/dn.ts';
import { writeWhole } from './write-whole.ts';

/** Nothing where there is no file, or none that can be read. */
export function loadBehind(
  source: string,
  suffix: string,
  env: NodeJS.ProcessEnv = process.env,
): SiteFacts['behindSince'] {
  try {
    const kept: unknown = JSON.parse(readFileSync(fileOf(source, suffix, env), 'utf8'));
    if (typeof kept !== 'object' || kept === null) return new Map();
    return new Map(Object.entries(kept).filter(([, at]) => Number.isFinite(at)));
  } catch {
    return new Map();
  }
}

/** Throws what the system says. */
export function keepBehind(source: string, site: SiteFacts, env: NodeJS.ProcessEnv = process.env): void {
  const file = fileOf(source, site.suffix, env);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeWhole(file, `${JSON.stringify(Object.fromEntries(rememberedBehind(site)))}\n`, 0o600);
}

function fileOf(source: string, suffix: string, env: NodeJS.ProcessEnv): string {
  const place = /^lab:|,/.test(source) ? source : resolve(source);
  const name = createHash('sha256')
    .update(`${place}\n${normaliseDn(suffix)}`)
    .digest('hex')
    .slice(0, 16);
  return join(dirname(runsRoot(env)), 'health', `${name}.json`);
}
