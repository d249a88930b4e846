/** Shape problems of a document: keys, types and forms, before anything is understood. */
import type { z } from 'zod';
import type { ActionTable } from '../engine/action.ts';
import type { Findings } from './findings.ts';
import { wordIssues } from './issue.ts';
import type { Path } from './position.ts';
import { lintShapes } from './schema.ts';
import { asList, asMap } from './to-model.ts';

/** Reports everything that does not fit the shape of a runbook, or of a part. */
export function lintShape(kind: 'runbook' | 'part', actions: ActionTable, findings: Findings): void {
  const { value } = findings.document;
  const shapes = lintShapes(actions);
  check(shapes[kind], value, [], findings);
  const document = asMap(value);
  for (const [index, step] of asList(document.steps).entries()) {
    const shape = Object.hasOwn(asMap(step), 'use') ? shapes.use : shapes.step;
    check(shape, step, ['steps', index], findings);
  }
  for (const [index, invariant] of asList(document.invariants).entries()) {
    check(shapes.invariant, invariant, ['invariants', index], findings);
  }
}

function check(schema: z.ZodType, value: unknown, path: Path, findings: Findings): void {
  const parsed = schema.safeParse(value);
  for (const wording of wordIssues(parsed.error?.issues ?? [], value, schema)) {
    const at = [...path, ...wording.path];
    if (wording.key) findings.atKey(at, wording.message, wording.hint);
    else findings.atValue(at, wording.message, wording.hint);
  }
}
