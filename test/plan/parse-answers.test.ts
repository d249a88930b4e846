import { describe, expect, test } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import type { Policy } from '../../src/engine/event.ts';
import { gateOf } from '../../src/plan/gate.ts';
import { parseAnswers } from '../../src/plan/parse-answers.ts';
import { planOf } from '../engine/world.ts';

const act = (id: string, more = '') =>
  `- { id: ${id}, on: [h1, h2], command: { argv: [do, it] }, on-doubt: ask${more} }\n`;
const plan = planOf(
  [
    act('plain'),
    act('asks', ', confirm: Sure?'),
    act('grave', ', risk: irreversible'),
    act('pair', ', confirm: { class: two-person, text: Sure? }'),
    act('noted', ', confirm: { class: notice, text: So be it. }'),
    act('each', ', confirm: Sure?, for-each: [x, y]'),
    '- { id: ready, on: h1, confirm: { text: Ready? } }\n',
    '- { id: begins, on: h1, confirm: { text: It begins., class: notice } }\n',
    '- { id: cable, on: h1, manual: { instructions: Plug it in. } }\n',
    '- { id: port, on: h1, read.command: { argv: [say, x] } }\n',
  ].join(''),
  ['h1', 'h2', 'h3'],
);
const DIGEST = `sha256:${'ab'.repeat(32)}`;

const head = 'format: lockstep-answers/1\nby: bob@desk\nexpires: 2026-11-27T03:00:00+01:00\n';
const parse = (text: string, policy: Policy = { yes: false }) =>
  parseAnswers({ file: 'a.yaml', text }, plan, actions, policy);
const problems = (text: string, policy?: Policy) =>
  parse(text, policy).problems.map(
    ({ file, line, path, message, hint }) => `${file}:${line} ${path}: ${message} | ${hint}`,
  );
const withAnswer = (answer: string) => `${head}answers:\n  - ${answer}\n`;

describe('an answers file', () => {
  test('is read with all that it says', () => {
    const { answers } = parse(
      `${head}plan: ${DIGEST}\nanswers:\n  - { task: asks@h1, answer: yes, because: "CHG-4211" }\n  - { task: grave, answer: skip, because: done }\n`,
    );
    expect(answers).toEqual({
      file: 'a.yaml',
      by: 'bob@desk',
      expires: '2026-11-27T03:00:00+01:00',
      plan: DIGEST,
      given: new Map([
        ['asks@h1', { answer: 'yes', because: 'CHG-4211' }],
        ['grave', { answer: 'skip', because: 'done' }],
      ]),
    });
  });

  test('may be JSON', () => {
    const value = {
      format: 'lockstep-answers/1',
      by: 'bob',
      expires: '2026-11-27T03:00:00Z',
      answers: [{ task: 'each[x]@h2', answer: 'yes' }],
    };
    expect(parse(JSON.stringify(value, undefined, 2)).answers?.given).toEqual(
      new Map([['each[x]@h2', { answer: 'yes' }]]),
    );
  });

  test.each([
    ['{ task: asks@h1, answer: yes, becuase: x }', 'unknown key "becuase" | did you mean "because"?'],
    ['{ task: asks@h1, answer: ja }', 'must be yes or skip, got "ja" | write yes or skip'],
    ['{ task: asks@h1, answer: no }', 'must be yes or skip, got "no" | write yes or skip'],
    ['{ task: asks@h1, answer: applied }', 'must be yes or skip, got "applied" | write yes or skip'],
    ['{ task: asks@h1, answer: true }', 'must be yes or skip, got true | write yes or skip'],
    ['{ task: asks@h1 }', 'is missing | add answer: yes'],
    ['{ task: asks@h1, answer: skip }', 'is missing'],
    ['{ task: asks@h1, answer: skip, because: " " }', 'because'],
    ['{ task: askes@h1, answer: yes }', 'test/story has no task askes@h1 | did you mean "asks@h1"?'],
    ['{ task: gravee, answer: yes }', 'test/story has no step gravee | did you mean "grave"?'],
    ['{ task: zzzzzz, answer: yes }', 'test/story has no step zzzzzz | lockstep lint shows its steps'],
    ['{ task: asks@h3, answer: yes }', 'asks does not run on h3 | did you mean "h1"?'],
    [
      '{ task: each@h1, answer: yes }',
      'each has a task for each item | write each[ITEM]@h1, or each for all',
    ],
    ['{ task: "asks[x]@h1", answer: yes }', 'asks has no items | write asks@h1, or asks for all'],
    ['{ task: plain, answer: yes }', 'plain asks nothing that a file could answer | remove it'],
    ['{ task: plain@h1, answer: skip, because: x }', 'plain asks nothing that a file could answer'],
    ['{ task: noted, answer: yes }', 'noted asks nothing that a file could answer'],
    ['{ task: begins@h1, answer: yes }', 'begins asks nothing that a file could answer'],
    ['{ task: port@h1, answer: yes }', 'port asks nothing that a file could answer'],
  ])('with %s is refused', (answer, said) => {
    const found = problems(withAnswer(answer));
    expect(found).toHaveLength(1);
    expect(`${found[0]} `).toContain(said);
    expect(found[0]).toMatch(/^a\.yaml:5 answers\[0\]/);
  });

  test.each([
    ['no format', head.replace('format: lockstep-answers/1\n', ''), 'format: is missing'],
    [
      'another format',
      head.replace('/1', '/2'),
      'format: must be lockstep-answers/1, got "lockstep-answers/2"',
    ],
    ['nobody', head.replace('bob@desk', '""'), 'by: must be who gives the answers'],
    ['no name before the @', head.replace('bob@desk', '"@desk"'), 'by: must be who gives the answers'],
    ['no end', head.replace(/expires.*\n/, ''), 'expires: is missing'],
    ['an end without a zone', head.replace('+01:00', ''), 'expires: must be a moment with its zone'],
    [
      'an end that no calendar has',
      head.replace('11-27', '02-30'),
      'expires: must be a moment with its zone',
    ],
    ['a key nobody knows', `${head}expire: x\n`, 'unknown key "expire"'],
    ['a plan that is no digest', `${head}plan: sha256:beef\n`, 'plan: must be the digest of a sealed plan'],
  ])('with %s is refused', (_what, text, said) => {
    const found = problems(`${text}answers: [{ task: asks, answer: yes }]\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(said);
  });

  test('that answers nothing, or the same twice, or is no YAML, is refused', () => {
    expect(problems(`${head}answers: []\n`)).toHaveLength(1);
    expect(problems(withAnswer('{ task: asks, answer: yes }\n  - { task: asks, answer: yes }'))).toEqual([
      'a.yaml:6 answers[1].task: asks is answered twice | keep one of the two',
    ]);
    expect(problems('format: [')[0]).toContain('not valid YAML');
    expect(problems(`${head}answers: &a [{ task: asks, answer: yes }]\nplan: *a\n`)[0]).toContain('alias');
    expect(parse('').answers).toBeUndefined();
  });

  test('names every mistake at once', () => {
    expect(
      problems(withAnswer('{ task: nobody, answer: yes }\n  - { task: plain, answer: yes }')),
    ).toHaveLength(2);
  });

  test('is refused where an option would pass what it wants to be skipped', () => {
    const skip = (task: string) => withAnswer(`{ task: ${task}, answer: skip, because: x }`);
    const typed = { yes: true, typed: true } as const;
    expect(problems(skip('asks'), { yes: true })).toEqual([
      'a.yaml:5 answers[0].task: asks would not be skipped: --yes passes it before this file is asked | leave --yes out, and answer here what is to be passed',
    ]);
    expect(problems(skip('ready'), { yes: true })).toHaveLength(1);
    expect(problems(skip('grave'), typed)[0]).toContain('--yes=typed passes it before');
    for (const [task, policy] of [
      ['grave', { yes: true }],
      ['pair', typed],
      ['asks', { yes: false }],
    ] as const)
      expect(problems(skip(task), policy)).toEqual([]);
    // A yes is the same, whoever says it.
    expect(problems(withAnswer('{ task: asks, answer: yes }'), typed)).toEqual([]);
  });
});

test('the class of what a step asks is known from its text', () => {
  expect(plan.steps.map(({ step }) => [step.id, gateOf(step, actions)])).toEqual([
    ['plain', undefined],
    ['asks', 'confirm'],
    ['grave', 'typed'],
    ['pair', 'two-person'],
    ['noted', 'notice'],
    ['each', 'confirm'],
    ['ready', 'confirm'],
    ['begins', 'notice'],
    ['cable', 'confirm'],
    ['port', undefined],
  ]);
});
