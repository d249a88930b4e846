/** A plan as people read it. */
import { expect, test } from 'vitest';
import { planMarkdown } from '../../src/reporters/plan-markdown.ts';
import { planText } from '../../src/reporters/plan-text.ts';
import { styleFor } from '../../src/reporters/style.ts';
import { seal } from '../cli/sealed.ts';

const step = (number: number, id: string, risk = 'change', ms = 60_000, ground = 'timeout') => ({
  number,
  id,
  title: `Step ${id}`,
  action: 'command',
  risk,
  order: 'parallel',
  hosts: ['h1', 'h2'],
  estimate: { ms, ground },
});
const task = (id: string, host: string, outlook: object) => ({
  task: `${id}@${host}`,
  step: id,
  host,
  basis: 'verdict' in outlook && outlook.verdict === 'unknown' ? 'unknown' : 'observed',
  ...outlook,
});
const would = { verdict: 'would change', changes: [{ what: 'cn=x', lines: [{ op: '+', text: 'olcA: 1' }] }] };

const PLAN = seal(
  [
    task('read', 'h1', { verdict: 'unchanged' }),
    task('read', 'h2', { verdict: 'unchanged' }),
    task('add', 'h1', would),
    task('add', 'h2', would),
    task('cut', 'h1', {
      ...would,
      asks: { class: 'typed', text: 'All of h1 goes.', typed: 'h1' },
    }),
    task('cut', 'h2', {
      verdict: 'unknown',
      why: '02 add@h2 comes first, and may change what was read here',
      standing: would,
    }),
    task('test', 'h1', { verdict: 'would fail', why: 'no disk', next: 'free some' }),
    task('test', 'h2', { verdict: 'unknown', why: 'h2 cannot be reached' }),
  ],
  {
    steps: [
      step(1, 'read', 'read'),
      step(2, 'add', 'change', 5_000, 'earlier runs'),
      step(3, 'cut', 'irreversible'),
      step(4, 'test', 'read'),
    ],
    hosts: { h1: { hostKey: 'k', machineId: 'm' }, h2: { unreachable: 'no route to h2' } },
  },
);

test('as text: what is alike is told once, and the totals name what an approver looks for', () => {
  const text = planText(PLAN, styleFor({ LANG: 'C' }, false));
  expect(text).toBe(`test/story 1.0.0: A story
plan for hosts.yaml: 4 steps; 1 of 2 hosts were looked at, and nothing was changed

01 Step read  read (command)  unchanged  h1 h2

02 Step add  add (command)  about 5.0 s
  would change  h1 h2
      cn=x
        + olcA: 1

03 Step cut  cut (command)  point of no return
  would change  h1
      cn=x
        + olcA: 1
      asks (typed): All of h1 goes.
  unknown; as things stand it would change  h2
      02 add@h2 comes first, and may change what was read here
      cn=x
        + olcA: 1

04 Step test  test (command)
  would fail  h1
      no disk
      next: free some
  unknown  h2
      h2 cannot be reached

plan: 3 would change, 2 unchanged, 2 unknown, 1 would fail
  of the unknown, 1 would change as things stand; no branch was taken on them
  host  read  change  disrupt  irreversible
  h1       2       1        0             1
  h2       2       1        0             1
  point of no return: cut on h1
  point of no return: cut on h2
  asks (typed): cut@h1: All of h1 goes.
  unknown because 02 add@h2 comes first, and may change what was read here  cut@h2
  unknown because h2 cannot be reached  test@h2
  h2 was not looked at: no route to h2
  would fail, and stop the run there: test@h1: no disk
  time: at most 2 m 05 s, without questions: of 2 steps nobody knows, and their time limits are taken
`);
});

test('as Markdown: totals, gates and whole diffs, with its digest', () => {
  const text = planMarkdown(PLAN);
  expect(text).toContain(`Digest \`${PLAN.digest}\`.`);
  expect(text).toContain('| would change | 3 |');
  expect(text).toContain('| h1 | 2 | 1 | 0 | 1 |');
  expect(text).toContain('- Asks (typed): `cut@h1`: All of h1 goes.');
  expect(text).toContain('### 03 Step cut — **point of no return**');
  expect(text).toContain('  ```diff\n  + olcA: 1\n  ```');
});

test('text of a host ends no fence, makes no link, and drives no terminal', () => {
  const evil = [
    task('add', 'h1', {
      verdict: 'would change',
      changes: [{ what: '`x`', lines: [{ op: '+', text: '```\n# [a](b)\u001b[2J' }] }],
    }),
    task('cut', 'h1', { verdict: 'unknown', why: '<script>|`*_# \u001b]0;x\u0007' }),
  ];
  const plan = seal(evil, { steps: [step(1, 'add'), step(2, 'cut')] });
  const markdown = planMarkdown(plan);
  expect(markdown.match(/```/g)).toHaveLength(2);
  expect(markdown).not.toContain('<script>');
  for (const text of [markdown, planText(plan, styleFor({}, false))]) expect(text).not.toContain('\u001b');
});

test('a long diff is cut in the text and whole in Markdown', () => {
  const lines = Array.from({ length: 40 }, (_, at) => ({ op: '+', text: `line ${at}` }));
  const plan = seal([task('add', 'h1', { verdict: 'would change', changes: [{ what: 'x', lines }] })], {
    steps: [step(1, 'add')],
  });
  const text = planText(plan, styleFor({}, false));
  expect(text).toContain('… 26 more lines with --json or --markdown');
  expect(text).not.toContain('line 20');
  expect(planMarkdown(plan)).toContain('+ line 39');
});
