import { seal } from '../cli/sealed.ts';

/** A sealed plan with these tasks, as `lockstep approve` reads it. */
export function sealedPlan(tasks: readonly object[]): { readonly digest: string; readonly text: string } {
  const document = seal(tasks, { runbook: { name: 'openldap/enable-mmr', version: '1.2.0', digest: 'd' } });
  return { digest: document.digest, text: `${JSON.stringify(document)}\n` };
}
