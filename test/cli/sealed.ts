/** A sealed plan that asks once. */
export const DIGEST = `sha256:${'ab'.repeat(32)}`;

export const SEALED = {
  format: 'lockstep-plan/1',
  digest: DIGEST,
  runbook: { name: 'test/story', version: '1.0.0' },
  tasks: [
    { task: 'look@h1', step: 'look', host: 'h1', verdict: 'unchanged' },
    {
      task: 'load@h1',
      step: 'load',
      host: 'h1',
      verdict: 'changes',
      asks: { class: 'two-person', text: 'Replace the data of h1?' },
    },
    { task: 'done@h1', step: 'done', host: 'h1', verdict: 'asks', asks: { class: 'notice', text: 'Over.' } },
  ],
} as const;
