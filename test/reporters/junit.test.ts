import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import type { Event } from '../../src/engine/event.ts';
import { evolve } from '../../src/engine/evolve.ts';
import type { RunState } from '../../src/engine/state.ts';
import { junitReporter } from '../../src/reporters/junit-reporter.ts';
import { element, text } from '../../src/reporters/xml.ts';
import { World } from '../engine/world.ts';
import { all, type Node, readXml } from './xml-reader.ts';

/** The report of these events, each told half a second after the one before; a resume has a clock of its own. */
function report(events: readonly Event[], broken?: number): { root: Node; files: readonly string[] } {
  const files: string[] = [];
  const reporter = junitReporter({ exitCode: exitCodeOf, write: (xml) => void files.push(xml) });
  let state: RunState | undefined;
  let mono = 0;
  events.forEach((event, index) => {
    mono = event.type === 'run.resumed' ? 7_000_000 : mono + 500;
    state = evolve(state, event);
    reporter.told([{ seq: index + 1, at: '', mono, event }], state);
  });
  if (state && broken === undefined) reporter.ended(state, '/runs/7f3a');
  reporter.exits(broken ?? 0);
  return { root: readXml(files[0] ?? ''), files };
}

/** Case → what it is, and why. */
function cases(root: Node): Readonly<Record<string, string>> {
  return Object.fromEntries(
    all(root, 'testcase').map(({ attributes, children: [child] }) => {
      const kind = child === undefined || child.name === 'system-out' ? 'passed' : child.name;
      return [attributes['name'], [kind, child?.attributes['message']].filter(Boolean).join(': ')];
    }),
  );
}

const act = (id: string, more = '') =>
  `- { id: ${id}, title: Do ${id}, on: all, command: { argv: [do, ${id}] }, on-doubt: ask${more} }\n`;

describe('the report of a run', () => {
  test('that is done has a suite a step and a case a task, each with its time, and the facts of the run', async () => {
    const world = new World(
      `${act('a')}- { id: b, on: h1, when: "1 > 2", read.command: { argv: [say, x] } }\n`,
      {
        hosts: ['h1', 'h2'],
      },
    );
    await world.finish();
    const { root, files } = report(world.events);
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="test/story 1.0.0" tests="4" failures="0" errors="0" skipped="1" time="5.500">
      <testsuite name="run" tests="1" failures="0" errors="0" skipped="0" time="0.000" timestamp="2026-11-22T01:53:12">
      <properties>
      <property name="run" value="20261122-015312-7f3a"/>
      <property name="runbook" value="test/story"/>
      <property name="version" value="1.0.0"/>
      <property name="digest" value="d"/>
      <property name="operator" value="alice@desk"/>
      <property name="exit-code" value="0"/>
      </properties>
      <testcase name="run" classname="test/story" time="0.000"/>
      </testsuite>
      <testsuite name="01 a: Do a" tests="2" failures="0" errors="0" skipped="0" time="5.000" timestamp="2026-11-22T01:53:12">
      <testcase name="a@h1" classname="test/story.a" time="4.000"><system-out>changed
      do a</system-out>
      </testcase>
      <testcase name="a@h2" classname="test/story.a" time="5.000"><system-out>changed
      do a</system-out>
      </testcase>
      </testsuite>
      <testsuite name="02 b" tests="1" failures="0" errors="0" skipped="1" time="0.500" timestamp="2026-11-22T01:53:12">
      <testcase name="b@h1" classname="test/story.b" time="0.500"><skipped message="not needed here: 1 &gt; 2"/>
      </testcase>
      </testsuite>
      </testsuites>
      "
    `);
    expect(root.attributes).toMatchObject({ tests: '4', failures: '0', errors: '0', skipped: '1' });
  });

  test('that failed names cause, last lines, output and next move, and what was not reached', async () => {
    const world = new World(`${act('a', ', hint: Look at h2.')}${act('b')}`, { hosts: ['h1', 'h2'] });
    world.host('h2').next('do a', { code: 3, stderr: 'slapd: bad config\nline 41\n' });
    await world.finish();
    const { root } = report(world.events);
    const why = 'do a exited 3; stderr: line 41';
    expect(cases(root)).toEqual({
      run: `failure: a@h2 failed: ${why}`,
      'a@h1': 'passed',
      'a@h2': `failure: ${why}`,
      'b@h1': `skipped: not reached: the run was held: a@h2 failed: ${why}`,
      'b@h2': `skipped: not reached: the run was held: a@h2 failed: ${why}`,
    });
    const [, failure] = all(root, 'failure');
    expect(failure?.text).toBe(
      `${why}\n| slapd: bad config\n| line 41\nall output: /runs/7f3a/output/01-a@h2.1.log\nnext: Look at h2.`,
    );
  });

  test('tells a doubt and a host that was away as errors', async () => {
    const world = new World(act('a').replace('on: all', 'on: all, tolerate: 1'), { hosts: ['h1', 'h2'] });
    world.host('h1').next('do a', { unreachable: true });
    world.host('h2').next('do a', { drop: 'vanished' });
    await world.finish();
    const { root } = report(world.events);
    expect(cases(root)).toMatchObject({
      run: expect.stringMatching(/^error: a@h2 is in doubt/),
      'a@h1': expect.stringMatching(/^error: h1 is not reachable/),
      'a@h2': expect.stringMatching(/^error: it is not known whether it took effect: /),
    });
    expect(all(root, 'error').map(({ attributes }) => attributes['type'])).toEqual([
      'doubt',
      'unreachable',
      'doubt',
    ]);
  });

  test.each<[string, RegExp, Parameters<World['finish']>[0]]>([
    ['at a question', /^failure: a@h1 .*nobody is there to answer.*: Sure\?$/, {}],
    ['by a no', /^failure: a@h1: alice said no$/, { person: () => ({ answer: 'no' }) }],
  ])('that is held %s is no success, though no task has failed', async (_, message, options) => {
    const world = new World(act('a', ', confirm: Sure?'), { hosts: ['h1'] });
    await world.finish(options);
    const { root } = report(world.events);
    expect(cases(root)).toMatchObject({
      run: expect.stringMatching(message),
      'a@h1': expect.stringMatching(/^skipped: /),
    });
    expect(
      all(root, 'property').find(({ attributes }) => attributes['name'] === 'exit-code')?.attributes,
    ).toEqual({
      name: 'exit-code',
      value: '3',
    });
  });

  test('that an invariant held says which one', async () => {
    const world = new World(act('a'), {
      hosts: ['h1'],
      head: 'invariants: [{ id: up, on: h1, probe: { command: { argv: [has, up] } } }]\n',
    });
    await world.finish();
    expect(cases(report(world.events).root)['run']).toMatch(/^failure: invariant up does not hold: h1: /);
  });

  test('that was broken off tells what was under way, and comes once', async () => {
    const world = new World(act('a') + act('b'), { hosts: ['h1'] });
    await world.finish();
    const cut = world.events.findIndex(({ type }) => type === 'task.intended');
    const { root, files } = report(world.events.slice(0, cut + 1), 130);
    expect(files).toHaveLength(1);
    expect(cases(root)).toEqual({
      run: 'error: lockstep ended in the middle of it',
      'a@h1': 'error: it was under way when lockstep let go',
      'b@h1': 'skipped: not reached: lockstep ended before it',
    });
    expect(all(root, 'property').map(({ attributes: { name, value } }) => `${name}=${value}`)).toContain(
      'exit-code=130',
    );
  });

  test('before a first record is none', () => {
    const files: string[] = [];
    junitReporter({ exitCode: exitCodeOf, write: (xml) => void files.push(xml) }).exits(1);
    expect(files).toEqual([]);
  });
});

describe('its times', () => {
  const times = (root: Node) =>
    Object.fromEntries(
      all(root, 'testcase').map(({ attributes }) => [attributes['name'], attributes['time']]),
    );

  test('of a step that goes one by one begin when the one before has ended', async () => {
    const world = new World(act('a', ', order: serial'), { hosts: ['h1', 'h2'] });
    await world.finish();
    const { root } = report(world.events);
    // A host is met, looked at, intended, wrote, ended: half a second each.
    expect(times(root)).toMatchObject({ 'a@h1': '2.500', 'a@h2': '2.500' });
    expect(all(root, 'testsuite')[1]?.attributes['time']).toBe('5.000');
  });

  test('of a run that was resumed leave out what lay between, and keep what was done before', async () => {
    const world = new World(act('a').replace('on: all', 'on: all, repeat: safe') + act('b'), {
      hosts: ['h1'],
    });
    world.host('h1').next('do a', { code: 1 });
    await world.finish();
    const before = Number(times(report(world.events).root)['a@h1']);
    await world.finish();
    const after = report(world.events).root;
    const sum = Number(times(after)['a@h1']);
    expect([before, sum > before, sum < 10]).toEqual([2.5, true, true]);
    expect(Number(after.attributes['time'])).toBeLessThan(20);
  });

  test('of a run that is held do not grow while a person thinks, writes notes and passes over what failed', async () => {
    const world = new World(act('a'), { hosts: ['h1'] });
    world.host('h1').next('do a', { code: 1 });
    await world.finish();
    const held = report(world.events).root;
    const said: readonly Event[] = [
      { type: 'run.noted', text: 'x', by: 'alice' },
      { type: 'run.noted', text: 'y', by: 'alice' },
      { type: 'task.skipped', task: 'a@h1', attempt: 1, by: 'alice', because: 'not tonight' },
    ];
    world.events.push(...said);
    await world.finish();
    const end = report(world.events).root;
    expect(cases(end)['a@h1']).toBe('skipped: not tonight');
    const suite = (root: Node) => all(root, 'testsuite')[1]?.attributes['time'];
    expect([times(end)['a@h1'], suite(end)]).toEqual([times(held)['a@h1'], suite(held)]);
  });
});

describe('XML', () => {
  test('comes back as it was, but for what it cannot hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const xml = `<?xml version="1.0" encoding="UTF-8"?>\n${element('a', { b: value }, text(value))}`;
        const root = readXml(xml);
        const legal = value.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
        expect([root.attributes['b'], root.text]).toEqual([legal, legal]);
      }),
    );
  });

  test('holds no control character, and no markup out of what a host has said', () => {
    const hostile = 'a\u0000\u001b[31m</failure><x y="1">&amp;]]>\ud800';
    expect(text(hostile)).toBe('a\ufffd\ufffd[31m&lt;/failure&gt;&lt;x y="1"&gt;&amp;amp;]]&gt;\ufffd');
  });
});
