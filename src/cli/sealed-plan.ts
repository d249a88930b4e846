import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { canonical } from '../plan/canonical.ts';
import type { PlanDocument } from '../plan/document.ts';
import { EXIT, Stop } from './exit-code.ts';

/** The digest of a plan: over all of it but the digest itself. */
export function digestOf(document: Omit<PlanDocument, 'digest'> & { readonly digest?: string }): string {
  const { digest: _own, ...rest } = document;
  return `sha256:${createHash('sha256').update(canonical(rest)).digest('hex')}`;
}

/** Stops where the file cannot be made, before anything is looked at. What is there already is never overwritten. */
export function mayWrite(file: string): void {
  if (existsSync(file))
    throw new Stop(
      EXIT.usage,
      `${file} is there already`,
      'name another file, or remove it: a sealed plan is not overwritten',
    );
  try {
    accessSync(dirname(file), constants.W_OK);
  } catch (error) {
    throw new Stop(
      EXIT.usage,
      `${file} cannot be written: ${text(error)}`,
      'name a file in a directory that is yours',
    );
  }
}

/** Mode 0600: it tells how the hosts are set up. */
export function writeSealed(file: string, document: PlanDocument): void {
  try {
    writeFileSync(file, `${JSON.stringify(document, null, 1)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new Stop(
      EXIT.usage,
      `${file} cannot be written: ${text(error)}`,
      'free space there, or name another file',
    );
  }
}

const sealed = z.looseObject({
  format: z.literal('lockstep-plan/1'),
  digest: z.string(),
  versions: z.looseObject({ lockstep: z.string() }),
  runbook: z.looseObject({ name: z.string(), version: z.string(), digest: z.string() }),
  inputs: z.record(z.string(), z.string()),
  steps: z.array(z.looseObject({ id: z.string() })),
  tasks: z.array(
    z.looseObject({ task: z.string(), step: z.string(), host: z.string(), verdict: z.string() }),
  ),
});

/** A sealed plan, whole and as it was written. */
export function readSealedPlan(file: string): PlanDocument {
  const document = parse(file);
  if (digestOf(document) === document.digest) return document;
  throw new Stop(
    EXIT.stale,
    `${file}: its digest is not that of its content: it was changed after it was sealed`,
    'make a new plan with lockstep plan --out, and have that one approved',
  );
}

function parse(file: string): PlanDocument {
  try {
    return sealed.parse(JSON.parse(readFileSync(file, 'utf8'))) as unknown as PlanDocument;
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : text(error);
    throw new Stop(
      EXIT.usage,
      `${file} is no sealed plan: ${why}`,
      'lockstep plan RUNBOOK --out FILE makes one',
    );
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
