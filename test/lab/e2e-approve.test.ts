/** `lockstep approve`: a person's word on a sealed plan, written once, for nobody else to read. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { localGates } from './local-gates.ts';
import { lockstepFor } from './lockstep.ts';
import { sealedPlan } from './sealed-plan.ts';

const { run, atTerminal, state } = lockstepFor();
const plan = join(state, 'enable.plan');
const env = { SUDO_USER: 'bob' };
let outs = 0;
const newOut = () => join(state, `answers-${++outs}.yaml`);
const approve = (out: string, ...more: readonly string[]) => ['approve', plan, '--out', out, ...more];
const unattended = ['--yes', '--because', 'CHG-4211'];

const sealed = sealedPlan([
  { task: 'look@ldap1', step: 'look', host: 'ldap1', verdict: 'unchanged' },
  {
    task: 'load@ldap1',
    step: 'load',
    host: 'ldap1',
    verdict: 'changes',
    asks: { class: 'two-person', text: 'Replace the data of ldap1?' },
  },
  {
    task: 'load@ldap2',
    step: 'load',
    host: 'ldap2',
    verdict: 'changes',
    asks: { class: 'typed', text: 'Replace the data of ldap2?' },
  },
  {
    task: 'restart@ldap1',
    step: 'restart',
    host: 'ldap1',
    verdict: 'changes',
    asks: { class: 'confirm', text: 'Reads stop.\u001b[2J' },
  },
  {
    task: 'begins@ldap1',
    step: 'begins',
    host: 'ldap1',
    verdict: 'asks',
    asks: { class: 'notice', text: 'It begins.' },
  },
]);
beforeAll(() => writeFileSync(plan, sealed.text));

describe('without a terminal', () => {
  test.each([[[]], [['--yes']], [['--because', 'CHG-4211']], [['--yes', '--because', ' ']]])(
    'with %j nothing is approved, exit code 3',
    async (more) => {
      const out = newOut();
      const { code, stdout, stderr } = await run(approve(out, ...more), { env });
      expect(code, stderr).toBe(3);
      expect(stderr).toContain('nothing was approved: nobody is there to ask');
      expect(stdout).toContain('load@ldap1  two-person: Replace the data of ldap1?');
      expect(existsSync(out)).toBe(false);
    },
  );

  test('--yes and --because write the answers: whole, with mode 0600, in the name of whoever is behind sudo', async () => {
    const out = newOut();
    const before = Date.now();
    const { code, stdout } = await run(approve(out, ...unattended), { env });
    const after = Date.now();
    expect(code, stdout).toBe(0);
    const by = `bob@${hostname()}`;
    const written = parse(readFileSync(out, 'utf8')) as { expires: string };
    const answer = (task: string) => ({ task, answer: 'yes', because: 'CHG-4211' });
    expect(written).toEqual({
      format: 'lockstep-answers/1',
      plan: sealed.digest,
      by,
      expires: expect.any(String),
      answers: ['load@ldap1', 'load@ldap2', 'restart@ldap1'].map(answer),
    });
    const eightHours = 8 * 3_600_000;
    expect(Date.parse(written.expires)).toBeGreaterThanOrEqual(before + eightHours);
    expect(Date.parse(written.expires)).toBeLessThanOrEqual(after + eightHours);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(stdout).toContain(`Answers yes to these 3 questions, by ${by}, until ${written.expires}.`);
    expect(stdout).toContain('restart@ldap1  confirm: Reads stop.^[[2J');
    expect(readdirSync(state).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('only the tasks that are named, for as long as is said', async () => {
    const out = newOut();
    const before = Date.now();
    const { code } = await run(
      approve(out, ...unattended, '--task', 'load@ldap2', '--task', 'restart', '--for', '30m'),
      { env },
    );
    expect(code).toBe(0);
    const written = parse(readFileSync(out, 'utf8')) as { expires: string; answers: { task: string }[] };
    expect(written.answers.map(({ task }) => task)).toEqual(['load@ldap2', 'restart@ldap1']);
    expect(Date.parse(written.expires) - before).toBeLessThan(3_600_000);
  });

  test('never in place of a file that is there', async () => {
    const out = newOut();
    writeFileSync(out, 'mine\n');
    const { code, stderr } = await run(approve(out, ...unattended), { env });
    expect([code, readFileSync(out, 'utf8')]).toEqual([1, 'mine\n']);
    expect(stderr).toContain('is there already');
  });

  test('beside the plan where no other place is named', async () => {
    expect((await run(['approve', plan, ...unattended], { env })).code).toBe(0);
    expect(existsSync(`${plan}.answers.yaml`)).toBe(true);
  });

  test.each([
    [['--task', 'laod@ldap1'], 'this plan asks nothing at laod@ldap1\n  next: did you mean "load@ldap1"?'],
    [['--task', 'look@ldap1'], 'this plan asks nothing at look@ldap1'],
    [['--for', '0s'], '--for is "0s"'],
    [['--for', '8'], '--for is "8"'],
    [['--for', '9000d'], '--for is "9000d"'],
    [['--out', '/no/such/folder/a.yaml'], '/no/such/folder/a.yaml cannot be written: ENOENT'],
  ])('%j is a mistake', async (more, said) => {
    const out = newOut();
    const { code, stderr } = await run(approve(out, ...unattended, ...more), { env });
    expect(code).toBe(1);
    expect(stderr).toContain(said);
    expect(existsSync(out)).toBe(false);
  });
});

describe('at a terminal', () => {
  test.each([
    ['approve\r', 0],
    ['y\r', 3],
    ['yes\r', 3],
    ['Approve\r', 3],
    ['\r', 3],
    ['\u0004', 3],
  ])('%j ends with %i', async (keys, wanted) => {
    const out = newOut();
    const running = atTerminal(approve(out, '--yes', '--because', 'CHG-4211'), { env });
    await running.says('Type approve to write them, anything else writes nothing:');
    running.type(keys);
    const { code, stdout } = await running.ended;
    expect(code, stdout).toBe(wanted);
    expect(existsSync(out)).toBe(wanted === 0);
  });
});

test('what was approved is of no use to a run that does not carry out that plan', async () => {
  const out = newOut();
  expect((await run(approve(out, ...unattended), { env })).code).toBe(0);
  const { words, changed } = localGates(join(state, 'gates')).words('confirm');
  const approved = readFileSync(out, 'utf8')
    .replaceAll('load@ldap1', 'gate@here')
    .split('  - task: load@ldap2')[0];
  const other = newOut();
  writeFileSync(other, approved ?? '');
  const { code, stderr } = await run([...words, '--answers', other]);
  expect(code).toBe(1);
  expect(stderr).toContain(`is for the plan ${sealed.digest}, and this run carries out no sealed plan`);
  expect(changed()).toBe(false);
});
