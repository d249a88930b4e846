/** A sealed plan that asks once. */
import { digestOf } from '../../src/cli/seal.ts';
import type { PlanDocument } from '../../src/plan/document.ts';

/** A plan with these tasks, sealed. */
export function seal(tasks: readonly object[], more: object = {}): PlanDocument {
  const document = {
    format: 'lockstep-plan/1',
    versions: { lockstep: '0.1.0' },
    made: '2026-11-24T10:00:00.000Z',
    by: { name: 'alice', host: 'desk', terminal: false },
    runbook: { name: 'test/story', version: '1.0.0', digest: 'd' },
    title: 'A story',
    source: { runbook: 'story.yaml', inventory: 'hosts.yaml' },
    given: {},
    inputs: {},
    inventory: { hosts: {}, vars: {} },
    invariants: [],
    hosts: {},
    observed: {},
    steps: [],
    tasks,
    ...more,
  } as unknown as PlanDocument;
  return { ...document, digest: digestOf(document) };
}

export const SEALED = seal([
  { task: 'look@h1', step: 'look', host: 'h1', basis: 'observed', verdict: 'unchanged' },
  {
    task: 'load@h1',
    step: 'load',
    host: 'h1',
    basis: 'observed',
    verdict: 'would change',
    changes: [],
    asks: { class: 'two-person', text: 'Replace the data of h1?' },
  },
  {
    task: 'done@h1',
    step: 'done',
    host: 'h1',
    basis: 'observed',
    verdict: 'would ask',
    asks: { class: 'notice', text: 'Over.' },
  },
]);

export const DIGEST = SEALED.digest;
