/** Change windows with the real program: on real hosts, and where no host may be contacted. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { EventOf } from '../../src/engine/event.ts';
import { countedHost } from './counted-host.ts';
import { eventsOf, lockstepFor, outcomes } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';

const { run, start, state } = lockstepFor();
const lab = sharedLab('window', { hosts: 1 });
const runbook = join(import.meta.dirname, 'runbooks', 'window.yaml');
const words = (...more: readonly string[]) => ['run', runbook, '-i', lab.inventory, '--ndjson', ...more];

/** From so many seconds from now to so many. */
function span(from: number, to: number): string {
  const at = (seconds: number) => `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19)}Z`;
  return `${at(from)}/${at(to)}`;
}
const TWO_MINUTES = () => ['--window', span(-60, 120)];
const AN_HOUR = () => ['--window', span(-60, 3600)];
const held = (ndjson: string) =>
  eventsOf(ndjson).find((event): event is EventOf<'run.held'> => event.type === 'run.held');
const lines = () => lab.inside('ldap1', 'cat /srv/window 2>/dev/null || :');
const learned = () =>
  JSON.parse(readFileSync(join(state, 'estimates', 'lab_window.json'), 'utf8')) as Record<
    string,
    Record<string, number[]>
  >;

describe('on a host', () => {
  beforeEach(() => lab.inside('ldap1', 'rm -f /srv/window /srv/ready'));

  test('a five-minute step is not started two minutes before the end; a later window goes on; then it is known better', async () => {
    const first = await run(words(...TWO_MINUTES()));
    expect([first.code, held(first.stdout)?.reason, await lines()]).toEqual([7, 'window', '']);
    expect(held(first.stdout)?.text).toMatch(
      /^five@ldap1 is not started: it may take 5m \(as its takes says\) and the way back 5m, and the change window closes in 1m\d+s, at \S+ \S+ \+00:00; lockstep resume \S+ --window SPEC goes on in another$/,
    );
    expect(eventsOf(first.stdout).map(({ type }) => type)).not.toContain('task.intended');

    // It keeps its window: too little time is left in it still.
    expect([(await run(['resume', 'last', '--ndjson'])).code, await lines()]).toEqual([7, '']);
    const later = await run(['resume', 'last', '--ndjson', ...AN_HOUR()]);
    expect([later.code, outcomes(later.stdout)['five@ldap1'], await lines()]).toEqual([
      0,
      'changed',
      'five\n',
    ]);

    const seen = learned()['five']?.['openldap'] ?? [];
    expect(seen).toHaveLength(1);
    expect(seen[0]).toBeLessThan(50_000);
    await lab.inside('ldap1', 'rm /srv/window');
    const again = await run(words(...TWO_MINUTES()));
    expect([again.code, await lines()]).toEqual([0, 'five\n']);
    expect(learned()['five']?.['openldap']).toHaveLength(2);
  });

  test('--timeout holds in the same way, and a resume is free of it', async () => {
    // Nothing is known of it here.
    const env = { LOCKSTEP_STATE: join(state, 'bob') };
    const first = await run(words('--timeout', '2m'), { env });
    expect([first.code, await lines()]).toEqual([7, '']);
    expect(held(first.stdout)?.text).toContain('the time of --timeout ends in 1m');
    const resumed = await run(['resume', 'last', '--ndjson'], { env });
    expect([resumed.code, await lines()]).toEqual([0, 'five\n']);
  });

  test('a run that waits when its window closes is held there: nothing is started behind the wait', async () => {
    const env = { LOCKSTEP_STATE: join(state, 'carol') };
    const waiting = start(words('--set', 'wait=true', '--window', span(-60, 20)), { env });
    const stopping = await waiting.reports(({ type }) => type === 'run.stopping');
    expect(stopping).toMatchObject({
      reason: 'window',
      text: expect.stringMatching(/^the change window closed at /),
    });
    await lab.inside('ldap1', 'touch /srv/ready');
    const ended = await waiting.ended;
    expect([ended.code, outcomes(ended.stdout), await lines()]).toEqual([
      7,
      { 'ready@ldap1': 'unchanged' },
      '',
    ]);
    const closed = await run(['resume', 'last'], { env });
    expect([closed.code, closed.stdout]).toEqual([7, '']);
    expect(closed.stderr).toMatch(
      /^lockstep: the change window closed at .*\n {2}next: --window SPEC gives another/,
    );
    const dropped = await run(['resume', 'last', '--ndjson', '--window', 'none'], { env });
    expect([dropped.code, await lines()]).toEqual([0, 'five\n']);
  });
});

describe('outside of its window no host is contacted', () => {
  const { inventory, contacts } = countedHost(state);
  const dave = { LOCKSTEP_STATE: join(state, 'dave') };

  test.each([
    [
      'a window that is not open yet',
      ['--window', span(600, 1200)],
      undefined,
      7,
      'is not open yet: it opens at',
    ],
    [
      'a window that has closed',
      ['--window', span(-1200, -600)],
      undefined,
      7,
      'the change window closed at',
    ],
    ['a window of the site', [], span(600, 1200), 7, 'is not open yet: it opens at'],
    ['a zone that is not known', ['--window', '01:00-03:00 Mars'], undefined, 1, 'Mars is not known'],
    ['a timeout without a unit', ['--timeout', '90'], undefined, 1, '"90" is not a duration'],
  ])('with %s', async (_, options, site, code, text) => {
    const env = { ...dave, LOCKSTEP_WINDOW: site };
    const ended = await run(['run', runbook, '-i', inventory, '--yes', ...options], { env });
    expect([ended.code, ended.stdout, contacts()]).toEqual([code, '', 0]);
    expect(ended.stderr).toContain(text);
    expect((await run(['runs'], { env: dave })).stdout).not.toContain('lab/window');
  });

  test('in one it is, so that the count above means something', async () => {
    const env = { ...dave, LOCKSTEP_WINDOW: span(600, 1200) };
    const { code } = await run(['run', runbook, '-i', inventory, '--window', 'none'], { env });
    expect(code).toBe(2);
    expect(contacts()).toBeGreaterThan(0);
  });
});
