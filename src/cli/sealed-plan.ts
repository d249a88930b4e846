/** Reads a sealed plan: what would be done where, and what would be asked before it. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { questionClass } from '../actions/confirm.ts';
import { asksOf } from '../engine/forecast/forecast.ts';
import type { PlanDocument } from '../plan/document.ts';
import { wordIssues } from '../runbook/issue.ts';
import { showPath } from '../runbook/position.ts';
import { EXIT, Stop } from './exit-code.ts';
import { messageOf } from './message-of.ts';
import { digestOf } from './seal.ts';

const sealedPlan = z.looseObject({
  format: z.literal('lockstep-plan/1'),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be a digest, sha256:…'),
  versions: z.looseObject({ lockstep: z.string() }),
  runbook: z.looseObject({ name: z.string().min(1), version: z.string().min(1) }),
  source: z.looseObject({ runbook: z.string(), inventory: z.string() }),
  given: z.record(z.string(), z.string()),
  inputs: z.record(z.string(), z.string()),
  inventory: z.looseObject({}),
  invariants: z.array(z.looseObject({ id: z.string(), says: z.string() })),
  hosts: z.record(z.string(), z.looseObject({})),
  observed: z.record(z.string(), z.looseObject({})),
  steps: z.array(z.looseObject({ id: z.string(), hosts: z.array(z.string()) })),
  tasks: z.array(
    z.looseObject({
      task: z.string().min(1),
      step: z.string().min(1),
      host: z.string().min(1),
      verdict: z.string().min(1),
      asks: z.looseObject({ class: questionClass, text: z.string() }).optional(),
    }),
  ),
});

/** A question that a run of the plan will ask. */
export interface PlannedGate {
  readonly task: string;
  readonly step: string;
  readonly class: 'confirm' | 'typed' | 'two-person';
  readonly text: string;
}

/** A sealed plan, whole and as it was written. Throws Stop: the file cannot be read, is no sealed plan, or was changed. */
export function readSealedPlan(file: string): PlanDocument {
  const value = parsed(file);
  const checked = sealedPlan.safeParse(value);
  if (checked.success) return unchanged(file, checked.data as unknown as PlanDocument);
  const lines = wordIssues(checked.error.issues, value, sealedPlan).map(
    ({ path, message, hint }) =>
      `${file}: ${path.length > 0 ? `${showPath(path)}: ` : ''}${message}\n    ${hint}`,
  );
  throw new Stop(EXIT.usage, lines.join('\n'), 'take a plan as lockstep has sealed it');
}

function unchanged(file: string, document: PlanDocument): PlanDocument {
  if (digestOf(document) === document.digest) return document;
  throw new Stop(
    EXIT.stale,
    `${file}: its digest is not that of its content: it was changed after it was sealed`,
    'make a new plan with lockstep plan --out, and have that one approved',
  );
}

/** Notices are read and asked of nobody. */
export function gatesOf({ tasks }: Pick<PlanDocument, 'tasks'>): readonly PlannedGate[] {
  return tasks.flatMap((one) => {
    const asks = asksOf(one);
    if (!asks || asks.class === 'notice') return [];
    return [{ task: one.task, step: one.step, class: asks.class, text: asks.text }];
  });
}

/** Ids of the tasks that ask; none when the plan cannot be read. For completion. */
export function gateTasksIn(file: string): readonly string[] {
  try {
    return gatesOf(readSealedPlan(file)).map(({ task }) => task);
  } catch {
    return [];
  }
}

function parsed(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Stop(EXIT.usage, `${file} cannot be read: ${code ?? 'unknown error'}`, 'name a sealed plan');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = messageOf(error);
    throw new Stop(EXIT.usage, `${file} is not JSON: ${why}`, 'take a plan as lockstep has sealed it');
  }
}
