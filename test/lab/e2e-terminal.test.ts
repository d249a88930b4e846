/** Questions, Ctrl-C and long commands, at a terminal and without one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rebootHost } from '../../src/lab/host-power.ts';
import { eventsOf, lockstepFor } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';

const { run, start, atTerminal, state } = lockstepFor();
const lab = sharedLab('terminal', { hosts: 1 });
const runbook = (name: string) => join(import.meta.dirname, 'runbooks', `${name}.yaml`);
const CTRL_C = '\u0003';

describe('a question', () => {
  const asks = (folder: string) => ['run', runbook('asks'), '-i', lab.inventory, '--set', `folder=${folder}`];
  const folder = async (name: string) => {
    await lab.inside('ldap1', `mkdir -p /srv/${name}`);
    return `/srv/${name}`;
  };
  const lines = (path: string) => lab.inside('ldap1', `cat ${path}/lines 2>/dev/null || :`);

  test.each(['null', 'closed', 'pipe'] as const)(
    'holds the run with exit code 3 when its input is %s, and nothing is changed',
    async (stdin) => {
      const path = await folder(`no-${stdin}`);
      const without = start(asks(path), { stdin });
      if (stdin === 'pipe') without.type('y\nyes\nldap1\n');
      const { code, stdout } = await without.ended;
      expect(code, stdout).toBe(3);
      expect(stdout).toContain('Is the first line welcome on ldap1?');
      expect(stdout).toMatch(
        /^held at 01 ordinary: ordinary@ldap1 would ask \(confirm\), and nobody is there to answer/m,
      );
      expect(stdout).toMatch(/^go on with: lockstep resume \S+$/m);
      expect(await lines(path)).toBe('');
      expect((await run(['resume', 'last'])).code).toBe(3);
      expect(await lines(path)).toBe('');
    },
  );

  test('of class confirm is passed by --yes, a typed one never is, and a person at a terminal passes both', async () => {
    const path = await folder('yes');
    expect((await run(asks(path))).code).toBe(3);
    const passed = await run(['resume', 'last', '--yes']);
    expect(passed.code, passed.stdout).toBe(3);
    // The grave one is sure to come: what --yes would pass before it is not begun.
    expect(passed.stdout).toMatch(
      /^held at 01 ordinary: grave@ldap1 would ask \(typed\), and nobody is there/m,
    );
    expect(await lines(path)).toBe('');

    const wrong = atTerminal(['resume', 'last', '--yes']);
    await wrong.says('type ldap1 to go on, anything else holds:');
    wrong.type('ldap2\r');
    const held = await wrong.ended;
    expect([held.code, held.stdout]).toEqual([3, expect.stringMatching(/answer +yes by \S+ \(--yes\)/)]);
    expect(await lines(path)).toBe('ordinary\n');

    const right = atTerminal(['resume', 'last']);
    await right.says('type ldap1 to go on, anything else holds:');
    right.type('ldap1\r');
    const { code, stdout } = await right.ended;
    expect(code, stdout).toBe(0);
    expect(await lines(path)).toBe('ordinary\ngrave\n');
  });

  test.each([
    ['the return key alone', '\r'],
    ['n', 'n\r'],
    ['nonsense', 'yep\r'],
    ['the end of input', '\u0004'],
  ])('is answered no by %s at a terminal', async (name, keys) => {
    const path = await folder(`no-${name.replaceAll(' ', '-')}`);
    const asked = atTerminal(asks(path));
    await asked.says('N no, hold (default):');
    asked.type(keys);
    const { code, stdout } = await asked.ended;
    expect(code, stdout).toBe(3);
    expect(await lines(path)).toBe('');
  });

  test('is answered yes by y, or skipped with a reason that the journal keeps', async () => {
    const path = await folder('y');
    const asked = atTerminal(asks(path));
    await asked.says('N no, hold (default):');
    asked.type('y\r');
    await asked.says('type ldap1 to go on');
    asked.type('\r');
    expect((await asked.ended).code).toBe(3);
    expect(await lines(path)).toBe('ordinary\n');

    const other = await folder('s');
    const skipped = atTerminal(asks(other));
    await skipped.says('N no, hold (default):');
    skipped.type('s\r');
    await skipped.says('why is it skipped?');
    skipped.type('done by hand\r');
    await skipped.says('type ldap1 to go on');
    skipped.type('ldap1\r');
    expect((await skipped.ended).code).toBe(0);
    expect(await lines(other)).toBe('grave\n');
    const events = eventsOf((await run(['show', 'last', '--ndjson'])).stdout);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'question.answered', because: 'done by hand' }),
    );
  });
});

describe('a long command', () => {
  const slow = (seconds: number, code: number) => [
    ...['run', runbook('slow'), '-i', lab.inventory],
    ...['--set', `seconds=${seconds}`, '--set', `code=${code}`],
  ];
  /** Output is looked at once a second and the line redrawn twice: each of these lines is on it for a while. */
  const slower = (seconds: number, code: number) => [...slow(seconds, code), '--set', 'every=2'];
  const underWay = () =>
    expect
      .poll(() => lab.inside('ldap1', 'cat /srv/counted 2>/dev/null || :'), { timeout: 20_000 })
      .toContain('2\n');
  const counted = () => lab.inside('ldap1', 'cat /srv/counted; rm /srv/counted');

  test('is followed on one line at a terminal, and Ctrl-C holds the run when it has ended', async () => {
    const shown = atTerminal(slower(5, 0));
    await shown.says(/ \d\.\d s {2}01 Count slowly on ldap1 {2}ldap1: line 3/);
    shown.type(CTRL_C);
    await shown.says('holding as soon as what is under way has ended');
    const { code, stdout } = await shown.ended;
    expect(code, stdout).toBe(130);
    expect(stdout).toMatch(/^held at 02 after: held by SIGINT\r?$/m);
    expect(stdout).toMatch(/^1 changed; 1 of 2 steps left\r?$/m);
    expect((await run(['resume', 'last'])).code).toBe(0);
    expect(await counted()).toBe('1\n2\n3\n4\n5\nafter\n');
  });

  test('goes on when Ctrl-C is pressed twice, and resume tells its whole output and its true end', async () => {
    const left = atTerminal(slower(7, 7));
    await left.says('ldap1: line 2');
    left.type(CTRL_C);
    await left.says('once more lets go at once');
    const pressed = performance.now();
    left.type(CTRL_C);
    const { code, stdout } = await left.ended;
    expect(performance.now() - pressed).toBeLessThan(2000);
    expect(code, stdout).toBe(130);
    expect(stdout).toMatch(
      /let go; going on where they run, until resume takes them up again:\s+count@ldap1: Count slowly, on ldap1/,
    );
    expect((await lab.inside('ldap1', 'cat /srv/counted')).split('\n').length).toBeLessThan(6);

    const back = await run(['resume', 'last']);
    expect(back.code, back.stdout).toBe(2);
    expect(back.stdout).toMatch(/^ldap1 · 01 count: failed: .*code 7/m);
    const [, log = ''] = /all output: (\S+)/.exec(back.stdout) ?? [];
    expect(readFileSync(log, 'utf8')).toBe(
      [1, 2, 3, 4, 5, 6, 7].map((number) => `line ${number}\n`).join(''),
    );
    expect(log.startsWith(state)).toBe(true);
    expect(await counted()).toBe('1\n2\n3\n4\n5\n6\n7\n');
  });

  test('holds the run in order when its terminal is closed: what is under way ends, and nothing is lost', async () => {
    const closed = atTerminal(slower(4, 0));
    await closed.says('ldap1: line 2');
    closed.kill('SIGKILL');
    const held = async () =>
      (JSON.parse((await run(['runs', '--json'])).stdout) as { state: string }[])[0]?.state;
    await expect.poll(held, { timeout: 30_000 }).toBe('held: operator');
    expect(await lab.inside('ldap1', 'cat /srv/counted')).toBe('1\n2\n3\n4\n');
    const back = await run(['resume', 'last']);
    expect(back.code, back.stdout).toBe(0);
    expect(await counted()).toBe('1\n2\n3\n4\nafter\n');
  });

  test('is taken up again by itself when its connection is lost', async () => {
    const running = start([...slow(5, 0), '--ndjson']);
    await underWay();
    await lab.inside('ldap1', "pkill -KILL -f '^sshd(-session)?: root'");
    const { code, stdout, stderr } = await running.ended;
    expect(code, stdout + stderr).toBe(0);
    expect(await counted()).toBe('1\n2\n3\n4\n5\nafter\n');
    const written = eventsOf(stdout).find((event) => event.type === 'task.wrote');
    expect(written).toMatchObject({
      exit: { kind: 'exited', code: 0 },
      output: { stdout: 5 * 'line 1\n'.length },
    });
  });

  test('that a reboot has cut off is in doubt: --yes does not resolve it, a person does', async () => {
    const running = start([...slow(60, 0), '--yes']);
    await underWay();
    await rebootHost(lab.record(), 'ldap1');
    const { code, stdout } = await running.ended;
    expect(code, stdout).toBe(4);
    expect(stdout).toMatch(/^held at 01 count: .*in doubt|asks.*did it happen/m);
    const before = await lab.inside('ldap1', 'cat /srv/counted');
    const again = await run(['resume', 'last', '--yes']);
    expect(again.code, again.stdout).toBe(4);
    expect(await lab.inside('ldap1', 'cat /srv/counted')).toBe(before);

    const person = atTerminal(['resume', 'last']);
    await person.says('it happened [applied] / it did not [not-applied] / hold [enter]:');
    person.type('applied\r');
    await person.says('how do you know?');
    person.type('the file says so\r');
    const end = await person.ended;
    expect(end.code, end.stdout).toBe(0);
    expect(await counted()).toBe(`${before}after\n`);
  });
});
