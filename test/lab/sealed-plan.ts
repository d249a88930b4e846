/** A sealed plan with these tasks, as `lockstep approve` reads it. */
export function sealedPlan(tasks: readonly object[]): { readonly digest: string; readonly text: string } {
  const digest = `sha256:${'ab'.repeat(32)}`;
  const runbook = { name: 'openldap/enable-mmr', version: '1.1.0' };
  return { digest, text: `${JSON.stringify({ format: 'lockstep-plan/1', digest, runbook, tasks })}\n` };
}
