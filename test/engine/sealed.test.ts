/** A run of a sealed plan: what was approved is what is written, or a person is shown both. */
import { describe, expect, test } from 'vitest';
import type { ChangeView, Question } from '../../src/engine/event.ts';
import { exitCodeOf, World } from './world.ts';

const DIGEST = `sha256:${'cd'.repeat(32)}`;
const steps = (more = '') =>
  `- { id: a, on: h1, command: { argv: [do, a] }, check: { command: { argv: [has, a] } }${more} }\n`;

/** The diffs of a plan made of the same world. */
async function approved(world: World): Promise<Readonly<Record<string, readonly ChangeView[]>>> {
  const { tasks } = await world.forecast();
  return Object.fromEntries(
    tasks.map((one) => [one.task, one.verdict === 'would change' ? one.changes : []]),
  );
}

const OTHER: readonly ChangeView[] = [{ what: 'do', lines: [{ op: '+', text: 'do something else' }] }];

test('the approved change is made without a question', async () => {
  const world = new World(steps());
  const state = await world.finish({ sealed: { digest: DIGEST, diffs: await approved(world) } });
  expect([state.done, world.asked, world.acts()['h1']]).toEqual([true, [], ['a']]);
});

describe.each([
  ['another diff', OTHER],
  ['nothing to change', []],
])('where the plan shows %s', (_what, was) => {
  const sealed = { digest: DIGEST, diffs: { 'a@h1': was } };

  test.each([{ yes: true }, { yes: 'typed' as const }])(
    '%o does not pass it: held with code 5',
    async (policy) => {
      const world = new World(steps());
      const held = await world.finish({ ...policy, sealed });
      expect([exitCodeOf(held), held.held?.reason, world.acts()['h1']]).toEqual([5, 'drift', []]);
      expect(held.held?.text).toContain('a@h1 is not the change of the approved plan any more');
    },
  );

  test('a person sees both, and may say yes', async () => {
    const world = new World(steps());
    const seen: Question[] = [];
    const state = await world.finish({
      sealed,
      person: (question) => {
        seen.push(question);
        return { answer: 'yes' };
      },
    });
    const now = (await approved(new World(steps())))['a@h1'];
    expect(seen).toMatchObject([{ purpose: 'differs', was, changes: now }]);
    expect([state.done, world.acts()['h1']]).toEqual([true, ['a']]);
  });

  test('a person may say no, and nothing is done', async () => {
    const world = new World(steps());
    const held = await world.finish({ sealed, person: () => ({ answer: 'no' }) });
    expect([held.done, world.acts()['h1']]).toEqual([false, []]);
  });

  test('it is asked as gravely as its own gate asks', async () => {
    const world = new World(steps(', risk: irreversible'));
    await world.finish({ sealed, person: () => ({ answer: 'no' }) });
    expect(world.asked).toMatchObject([{ purpose: 'differs', class: 'typed', typed: 'h1' }]);
  });
});

test('what the plan could not tell is asked about by its own gate only', async () => {
  const world = new World(steps());
  const state = await world.finish({ sealed: { digest: DIGEST, diffs: {} } });
  expect([state.done, world.asked]).toEqual([true, []]);
});

test('an answer cites the plan', async () => {
  const world = new World(steps(', confirm: Sure?'));
  await world.finish({ yes: true, sealed: { digest: DIGEST, diffs: await approved(world) } });
  expect(world.events).toContainEqual(
    expect.objectContaining({ type: 'question.answered', ground: `--yes, plan ${DIGEST}` }),
  );
});
