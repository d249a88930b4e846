/** The judge must see a planted bug: each of its three numbers, from each of its causes. */
import { describe, expect, test } from 'vitest';
import { judge } from '../../scripts/torture/judge.ts';
import type { RoundSeen } from '../../scripts/torture/observe.ts';
import { TOOK_EFFECT } from '../../scripts/torture/operator.ts';
import type { Event } from '../../src/engine/event.ts';
import { goodRound, withHost, withRecords } from './world.ts';

const calm = goodRound();
const numbers = (seen: RoundSeen) => {
  const { executedTwice, outcomesLost, wrongEnds } = judge(seen, calm);
  return { executedTwice, outcomesLost, wrongEnds };
};
const clean = { executedTwice: 0, outcomesLost: 0, wrongEnds: 0 };
const wroteOf = (task: string, change: (event: Extract<Event, { type: 'task.wrote' }>) => readonly Event[]) =>
  withRecords(goodRound(), (event) =>
    event.type === 'task.wrote' && event.task === task ? change(event) : [event],
  );

test('a round in which all went well is clean', () => {
  expect(judge(goodRound(), calm)).toEqual({ ...clean, findings: [] });
});

describe('an execution beyond one', () => {
  const again = (name: string) =>
    withHost(goodRound(), 'ldap1', ({ executions, ends }) => ({
      executions: [...executions, { name, pid: '9999', nonce: 'r1-7' }],
      ends: [...ends, { name, pid: '9999', code: 0 }],
    }));

  test.each(['bare', 'quick-c', 'checked', 'stubborn'])('of %s is counted', (name) => {
    expect(judge(again(name), calm).executedTwice).toBe(1);
  });

  test('that the journal hides is a lost outcome as well', () => {
    expect(numbers(again('bare'))).toMatchObject({ executedTwice: 1, outcomesLost: 1 });
  });

  test('of a step that may be repeated is none, but must be in the journal', () => {
    expect(numbers(again('safe'))).toEqual({ ...clean, outcomesLost: 1 });
    const known = withRecords(again('safe'), (event) =>
      event.type === 'task.wrote' && event.task === 'safe@ldap1'
        ? [
            {
              ...{ type: 'task.settled', task: 'safe@ldap1', attempt: 1 },
              ...{ verdict: 'not-applied', ground: 'repeat: safe', why: '' },
            } as Event,
            { ...event, attempt: 2 },
          ]
        : [event],
    );
    expect(numbers(known)).toEqual(clean);
  });
});

describe('an outcome is lost', () => {
  test('when the journal has nothing of an execution', () => {
    expect(numbers(wroteOf('bare@ldap1', () => []))).toEqual({ ...clean, outcomesLost: 1 });
  });

  test('when the journal says that it never started', () => {
    const seen = wroteOf('bare@ldap1', ({ task }) => [
      { type: 'task.settled', task, attempt: 1, verdict: 'not-applied', ground: 'receipt', why: '' },
    ]);
    expect(numbers(seen)).toEqual({ ...clean, outcomesLost: 1 });
  });

  test('but not when a person or a probe has settled that it took effect', () => {
    for (const ground of ['person', 'check', 'verify'] as const) {
      const seen = wroteOf('bare@ldap1', ({ task }) => [
        { type: 'task.settled', task, attempt: 1, verdict: 'applied', ground, why: '' },
      ]);
      expect(numbers(seen)).toEqual(clean);
    }
  });

  test.each([
    ['another exit code than its own', { kind: 'exited', code: 3 }],
    ['a death that it did not die', { kind: 'killed', signal: 'SIGKILL' }],
    ['a time limit', { kind: 'timed-out', afterMs: 5 }],
  ] as const)('when the journal has %s', (_what, exit) => {
    const seen = wroteOf('verified@ldap2', (event) => [{ ...event, exit }]);
    expect(numbers(seen)).toEqual({ ...clean, outcomesLost: 1 });
  });

  test('when a killed command is said to have ended well', () => {
    const seen = withHost(goodRound(), 'ldap1', ({ ends }) => ({
      ends: ends.filter(({ name }) => name !== 'last'),
    }));
    expect(numbers(seen)).toEqual({ ...clean, outcomesLost: 1 });
  });

  test.each([
    ['its last line is missing', (text: string) => text.slice(0, text.lastIndexOf('bare ends'))],
    ['a line in the middle is missing', (text: string) => text.replace('bare line 40 of 100 for r1-7\n', '')],
    ['a line is there twice', (text: string) => text.replace(/bare line 7 .*\n/, (line) => line + line)],
  ])('when of its output %s', (_what, doctor) => {
    const round = goodRound();
    const file = 'output/bare@ldap1.log';
    const outputs = { ...round.outputs, [file]: doctor(round.outputs[file] ?? '') };
    expect(numbers({ ...round, outputs })).toEqual({ ...clean, outcomesLost: 1 });
  });
});

describe('a round ends wrong', () => {
  const wrong = { ...clean, wrongEnds: 1 };

  test('when a file is another, is missing or is too many', () => {
    for (const change of [{ './settings': '640 root else\n' }, { './settings.part': '600 root half' }])
      expect(
        numbers(withHost(goodRound(), 'ldap2', ({ files }) => ({ files: { ...files, ...change } }))),
      ).toEqual(wrong);
    expect(numbers(withHost(goodRound(), 'ldap2', () => ({ files: {} })))).toEqual(wrong);
  });

  test('when the directory holds its value twice, or the service is down', () => {
    expect(numbers(withHost(goodRound(), 'ldap1', () => ({ described: 2 })))).toEqual(wrong);
    expect(numbers(withHost(goodRound(), 'ldap1', () => ({ service: 'failed' })))).toEqual(wrong);
  });

  test('when an outcome is another, or a task is missing', () => {
    const { outcomes, ...round } = goodRound();
    for (const outcome of ['unchanged', 'failed', 'skipped', 'waiting'])
      expect(numbers({ ...round, outcomes: { ...outcomes, 'bare@ldap1': outcome } })).toEqual(wrong);
    const { 'bare@ldap1': _gone, ...others } = outcomes;
    expect(numbers({ ...round, outcomes: others })).toEqual(wrong);
  });

  test('but not when the operator went on over a failure that had taken effect', () => {
    const skipped = (because: string): RoundSeen => {
      const round = withRecords(goodRound(), (event) =>
        event.type === 'task.ended' && event.task === 'bare@ldap1'
          ? [
              {
                ...{ type: 'question.asked', id: 'q1', task: 'bare@ldap1', purpose: 'repeat' },
                ...{ class: 'typed', text: '', changes: [] },
              } as Event,
              {
                ...{ type: 'question.answered', id: 'q1', answer: 'skip', by: 'x', ground: 'terminal' },
                because,
              } as Event,
            ]
          : [event],
      );
      return { ...round, outcomes: { ...round.outcomes, 'bare@ldap1': 'skipped' } };
    };
    expect(numbers(skipped(TOOK_EFFECT))).toEqual(clean);
    expect(numbers(skipped('because I say so'))).toEqual(wrong);
  });

  test('when a command never took effect, or counted another round', () => {
    const without = (name: string) =>
      withHost(goodRound(), 'ldap1', ({ executions }) => ({
        executions: executions.filter((one) => one.name !== name),
      }));
    expect(numbers(without('quick-a'))).toEqual(wrong);
    const other = withHost(goodRound(), 'ldap1', ({ executions }) => ({
      executions: executions.map((one) => (one.name === 'last' ? { ...one, nonce: 'r2-7' } : one)),
    }));
    expect(numbers(other)).toEqual(wrong);
  });

  test('when its journal is not as it was written, or lockstep did what it must not do', () => {
    expect(numbers({ ...goodRound(), journalProof: 5 })).toEqual(wrong);
    expect(numbers({ ...goodRound(), complaints: ['a second controller was let in'] })).toEqual(wrong);
  });
});
