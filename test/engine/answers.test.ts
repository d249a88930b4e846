/** An answers file: who may answer what with it, and until when. */
import { describe, expect, test } from 'vitest';
import { type Answers, answerFrom } from '../../src/engine/answers.ts';
import type { Question } from '../../src/engine/event.ts';
import { resolve } from '../../src/engine/resolve.ts';
import { question } from './sample-question.ts';
import { exitCodeOf, fold, outcomes, World, why } from './world.ts';

const PLAN = `sha256:${'ab'.repeat(32)}`;
const OTHER = `sha256:${'cd'.repeat(32)}`;
const EXPIRES = '2026-11-22T03:00:00+01:00';
const NOW = Date.parse('2026-11-22T01:59:59Z');

const answers = (
  change: Partial<Answers> = {},
  given: ReadonlyArray<readonly [string, 'yes' | 'skip', string?]> = [['a@h1', 'yes']],
): Answers => ({
  file: '/srv/bob.yaml',
  by: 'bob@desk',
  expires: EXPIRES,
  given: new Map(
    given.map(([task, answer, because]) => [task, { answer, ...(because && { because }) }] as const),
  ),
  ...change,
});

const asked = (
  file: Answers,
  about: Partial<Question> = {},
  { now = NOW, digest = undefined as string | undefined, name = 'alice' } = {},
) => answerFrom(file, question(about), { operator: { name }, digest, now });

const twoPerson = { class: 'two-person' } as const;

describe('an answers file', () => {
  test.each(['notice', 'confirm', 'typed'] as const)('answers a question of class %s', (cls) => {
    expect(asked(answers(), { class: cls })).toEqual({
      answer: 'yes',
      by: 'bob@desk',
      ground: 'answers /srv/bob.yaml',
    });
  });

  test('answers what a step asks by itself', () => {
    expect(asked(answers(), { purpose: 'ask' })).toMatchObject({ answer: 'yes' });
  });

  test('tells its reason, and the plan that was approved', () => {
    const file = answers({ plan: PLAN }, [['a@h1', 'yes', 'CHG-4211']]);
    expect(asked(file, {}, { digest: PLAN })).toEqual({
      answer: 'yes',
      because: 'CHG-4211',
      by: 'bob@desk',
      ground: `answers /srv/bob.yaml for plan ${PLAN}`,
    });
  });

  test('answers all tasks of a step, unless one of them has an answer of its own', () => {
    const file = answers({}, [
      ['a', 'yes'],
      ['a@h2', 'skip', 'done by hand'],
    ]);
    expect(asked(file, { task: 'a@h1' })).toMatchObject({ answer: 'yes' });
    expect(asked(file, { task: 'a[x.y]@h1' })).toMatchObject({ answer: 'yes' });
    expect(asked(file, { task: 'a@h2' })).toMatchObject({ answer: 'skip', because: 'done by hand' });
    expect(asked(file, { task: 'ab@h1' })).toEqual({ unanswered: '/srv/bob.yaml has no answer to that' });
  });

  test.each([
    ['doubt', '/srv/bob.yaml settles no doubt'],
    ['repeat', '/srv/bob.yaml lets nothing run again that failed'],
  ] as const)('never answers a question of purpose %s, whatever its class', (purpose, unanswered) => {
    for (const cls of ['notice', 'confirm', 'typed', 'two-person'] as const)
      expect(asked(answers({ plan: PLAN }), { purpose, class: cls }, { digest: PLAN })).toEqual({
        unanswered,
      });
  });

  test('counts until the moment it expires, and no longer', () => {
    const end = Date.parse(EXPIRES);
    expect(asked(answers(), {}, { now: end - 1 })).toMatchObject({ answer: 'yes' });
    for (const now of [end, end + 1, Number.NaN])
      expect(asked(answers(), {}, { now })).toEqual({
        unanswered: `/srv/bob.yaml has expired: it counted until ${EXPIRES}`,
      });
    expect(asked(answers({ expires: 'some day' }))).toHaveProperty('unanswered');
  });

  test.each([
    [OTHER, `/srv/bob.yaml is for the plan ${PLAN}, and this run carries out ${OTHER}`],
    [undefined, `/srv/bob.yaml is for the plan ${PLAN}, and this run carries out no sealed plan`],
  ])('for another plan than that of the run (%s) answers nothing', (digest, unanswered) => {
    for (const cls of ['confirm', 'two-person'] as const)
      expect(asked(answers({ plan: PLAN }), { class: cls }, { digest })).toEqual({ unanswered });
  });
});

describe('a question for two persons', () => {
  test('is answered by another person who approved the very plan of the run', () => {
    expect(asked(answers({ plan: PLAN }), twoPerson, { digest: PLAN })).toMatchObject({
      answer: 'yes',
      by: 'bob@desk',
    });
  });

  test.each([
    ['bob', 'bob@desk'],
    ['bob', 'bob'],
    ['Bob', 'bob@elsewhere'],
    ['bob', 'BOB@desk'],
    ['bob@corp', 'bob@desk'],
    ['bob@desk', 'bob@desk'],
  ])('is not answered where %s runs what %s approved', (name, by) => {
    expect(asked(answers({ plan: PLAN, by }), twoPerson, { digest: PLAN, name })).toEqual({
      unanswered: `/srv/bob.yaml is by ${by}, and ${name} runs this: a second person has to approve it`,
    });
    // The same file is good enough for what one person may pass.
    expect(asked(answers({ plan: PLAN, by }), { class: 'typed' }, { digest: PLAN, name })).toMatchObject({
      answer: 'yes',
    });
  });

  test.each([PLAN, undefined])('is not answered by a file that names no plan, in a run of %s', (digest) => {
    expect(asked(answers(), twoPerson, { digest })).toEqual({
      unanswered: '/srv/bob.yaml names no sealed plan, as the word of a second person must',
    });
  });
});

describe('a run with an answers file', () => {
  const steps = (confirm: string) =>
    `- { id: a, on: h1, command: { argv: [do, a] }, on-doubt: ask, confirm: ${confirm} }\n`;
  const ask = (file: Answers, world: World, digest?: string) => async (about: Question) =>
    answerFrom(file, about, { operator: { name: 'alice' }, digest, now: world.now });

  test('does what was answered yes, and the journal says by whom and on what ground', async () => {
    const world = new World(steps('{ class: two-person, text: Sure? }'));
    const file = answers({ plan: PLAN }, [['a@h1', 'yes', 'CHG-4211']]);
    const state = await world.finish({ sealed: PLAN, ask: ask(file, world, PLAN) });
    expect([state.done, state.sealed?.digest, world.acts()['h1']]).toEqual([true, PLAN, ['a']]);
    expect(world.events).toContainEqual({
      type: 'question.answered',
      id: 'q1',
      answer: 'yes',
      by: 'bob@desk',
      ground: `answers /srv/bob.yaml for plan ${PLAN}`,
      because: 'CHG-4211',
    });
  });

  test('skips what was answered skip', async () => {
    const world = new World(steps('Sure?'));
    const file = answers({}, [['a', 'skip', 'done by hand']]);
    const state = await world.finish({ ask: ask(file, world) });
    expect([outcomes(state), why(state, 'a@h1')]).toEqual([{ 'a@h1': 'skipped' }, 'done by hand']);
  });

  test('holds where the file passes nothing, and says why', async () => {
    const world = new World(steps('{ class: two-person, text: Sure? }'));
    const state = await world.finish({ ask: ask(answers(), world) });
    expect([exitCodeOf(state), world.acts()['h1']]).toEqual([3, []]);
    expect(state.held?.text).toBe(
      'a@h1 asks, and /srv/bob.yaml names no sealed plan, as the word of a second person must: Sure?',
    );
  });

  test('holds at the first question after the file has expired on the way', async () => {
    const world = new World(
      steps('Sure?') + steps('Sure?').replace('id: a', 'id: b').replace('do, a', 'do, b'),
    );
    const file = answers({}, [
      ['a', 'yes'],
      ['b', 'yes'],
    ]);
    world.host('h1').next('do a', {
      effect: () => {
        world.now = Date.parse(EXPIRES);
      },
    });
    const state = await world.finish({ ask: ask(file, world) });
    expect([exitCodeOf(state), outcomes(state), world.acts()['h1']]).toEqual([
      3,
      { 'a@h1': 'changed', 'b@h1': 'asking' },
      ['a'],
    ]);
    expect(state.held?.text).toContain('b@h1 asks, and /srv/bob.yaml has expired');
  });

  test('behind a question for two goes on after a failure once a person has said what became of it', async () => {
    const world = new World(steps('{ class: two-person, text: Sure? }'));
    const options = { sealed: PLAN, ask: ask(answers({ plan: PLAN }), world, PLAN) };
    world.host('h1').next('do a', { code: 1 });
    expect(outcomes(await world.finish(options))).toEqual({ 'a@h1': 'failed' });
    expect(exitCodeOf(await world.finish(options))).toBe(3);
    expect(world.acts()['h1']).toEqual(['a']);

    const word = {
      task: 'a@h1',
      verdict: 'not-applied',
      by: 'alice',
      because: 'its log',
      unheard: false,
    } as const;
    const held = fold(world.events);
    const resolved = held && resolve(held, word);
    if (!resolved || !('events' in resolved)) throw new Error(JSON.stringify(resolved));
    world.events.push(...resolved.events);
    expect((await world.finish(options)).done).toBe(true);
    expect(world.asked.map(({ purpose, class: cls }) => [purpose, cls])).toEqual([
      ['approve', 'two-person'],
      ['repeat', 'two-person'],
      ['approve', 'two-person'],
    ]);
    expect(world.acts()['h1']).toEqual(['a', 'a']);
  });

  test('settles no doubt with it', async () => {
    const world = new World(steps('Sure?').replace('on-doubt', 'repeat: once, on-doubt'));
    world.host('h1').next('do a', { drop: 'vanished' });
    const state = await world.finish({ ask: ask(answers(), world) });
    expect([exitCodeOf(state), state.held?.text]).toEqual([4, expect.stringContaining('a@h1 is in doubt')]);
    expect(world.asked.map(({ purpose }) => purpose)).toEqual(['approve', 'doubt']);
  });
});
