/** From what a run did, on scripted hosts, to the runbook that takes it back. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { actions as allActions } from '../../src/actions/index.ts';
import type { ActionTable, ChangeAction, Inverse } from '../../src/engine/action.ts';
import type { Stamped } from '../../src/engine/event.ts';
import { resolve } from '../../src/engine/resolve.ts';
import { parseRunbook } from '../../src/runbook/parse-runbook.ts';
import { compose } from '../../src/undo/compose.ts';
import { happened, unsettled } from '../../src/undo/happened.ts';
import { layOut } from '../../src/undo/lay-out.ts';
import { fold, RUN, World } from '../engine/world.ts';

const contract = 'repeat: once, on-doubt: ask';
const act = (id: string, more = '', on = 'h1') =>
  `- { id: ${id}, title: Do ${id}, on: ${on}, ${contract}, command: { argv: [do, ${id}] }${more} }\n`;
const undone = (id: string) => `, undo: { command: { argv: [do, back-${id}] } }`;

interface Composed {
  readonly steps: readonly Readonly<Record<string, unknown>>[];
  readonly secrets?: unknown;
  readonly nothing: readonly string[];
}

/** What the journal of a world leads to; the runbook must lint. */
function undoOf(world: World, actions: ActionTable = allActions): Composed {
  const state = fold(world.events);
  if (!state) throw new Error('nothing was begun');
  const records = world.events.map((event, index): Stamped => ({ seq: index + 1, at: '', mono: 0, event }));
  const { steps, nothing } = layOut(happened(state, records), world.plan, RUN, state);
  if (steps.length === 0) return { steps: [], nothing };
  const text = compose(steps, world.plan, state, actions);
  const { runbook, problems } = parseRunbook(
    { main: { file: 'u', text }, path: 'u.yaml', parts: {} },
    actions,
  );
  expect(problems).toEqual([]);
  expect(runbook?.steps.length).toBe(steps.length);
  const { secrets, steps: written } = parse(text) as Composed;
  return { steps: written, nothing, ...(secrets !== undefined && { secrets }) };
}

async function ran(steps: string, options: ConstructorParameters<typeof World>[1] = {}): Promise<World> {
  const world = new World(steps, options);
  await world.finish({ yes: 'typed' });
  return world;
}

const ids = ({ steps }: Composed) => steps.map(({ id }) => id);

describe('the order of an undo', () => {
  test('is the newest act first, over all hosts, one step for each', async () => {
    const world = await ran(act('a', undone('a'), '[h1, h2]') + act('b', undone('b')));
    const { steps } = undoOf(world);
    expect(steps.map(({ title, on }) => `${title} on ${on}`)).toEqual([
      'Undo 02 Do b on h1',
      expect.stringMatching(/^Undo 01 Do a on h[12]$/),
      expect.stringMatching(/^Undo 01 Do a on h[12]$/),
    ]);
    expect(steps[0]).toMatchObject({
      repeat: 'once',
      'on-doubt': 'ask',
      command: { argv: ['do', 'back-b'] },
    });
    // The undo of the undo does it again.
    expect(steps[0]?.['undo']).toEqual({ command: { argv: ['do', 'b'] } });
  });

  test('holds what failed half-way and was passed over, and not what was passed over before it had begun', async () => {
    const world = new World(act('a', undone('a'), '[h1, h2]'));
    world.host('h1').next('do a', { code: 1 });
    world.host('h2').next('do a', { unreachable: true });
    await world.finish({ yes: 'typed' });
    for (const task of ['a@h1', 'a@h2']) {
      const state = fold(world.events);
      const said = { task, verdict: 'skipped', by: 'alice', because: 'x', unheard: false } as const;
      const resolved = state && resolve(state, said);
      if (!resolved || 'refusal' in resolved) throw new Error(`not passed over: ${resolved?.refusal}`);
      world.events.push(...resolved.events);
    }
    expect((await world.finish()).done).toBe(true);
    expect(undoOf(world).steps.map(({ title, on }) => `${title} on ${on}`)).toEqual(['Undo 01 Do a on h1']);
  });

  test('holds what happened and nothing else: not what was skipped, was done already or never began', async () => {
    const check = `, check: { read.command: { argv: [has, done-before] } }`;
    const world = new World(
      act('a', `, when: false${undone('a')}`) +
        act('b', check + undone('b')) +
        act('c', undone('c')) +
        act('d', undone('d')),
    );
    world.host('h1').facts.add('done-before');
    world.host('h1').next('do c', { unreachable: true });
    await world.finish();
    expect(ids(undoOf(world))).toEqual([]);
  });

  test('includes an act that failed after it had begun, and one that was cut off and went on', async () => {
    const world = new World(act('a', undone('a')) + act('b', undone('b')));
    world.host('h1').next('do a', { drop: 'after-end' }).next('do b', { code: 1 });
    await world.finish();
    expect(ids(undoOf(world))).toEqual(['b-h1', 'a-h1']);
  });

  test('waits while it is not known whether something took effect', async () => {
    const world = new World(act('a', undone('a')));
    world.host('h1').next('do a', { drop: 'vanished' });
    await world.finish();
    expect(unsettled(fold(world.events) as never)?.ref.id).toBe('a@h1');
  });
});

describe('a command is undone by what its step says', () => {
  test('with inputs, captures and items as they were, and secrets by their names', async () => {
    const head =
      'inputs: { word: { type: string, default: hello } }\nsecrets: { pw: { from: ["env:PW"], about: The password }, other: { from: ["env:O"] } }\n';
    const steps =
      `- { id: read, on: h1, read.command: { argv: [say, 'was \${{ "$" }}{{ odd'] }, capture: { was: "\${{ result.lines[0] }}" } }\n` +
      `- id: set\n  on: h1\n  for-each: [x, y]\n  ${contract.replace(', ', '\n  ')}\n  command: { argv: [do, "\${{ item }}"], stdin: "\${{ secrets.pw }}" }\n` +
      `  undo: { command: { argv: [do, "\${{ inputs.word }} \${{ captured.was }} \${{ item }}"], stdin: "pw=\${{ secrets.pw }}" } }\n`;
    const world = await ran(steps, { head });
    const composed = undoOf(world);
    const calls = composed.steps.map(({ command }) => command as { argv: string[]; stdin: string });
    expect(calls.map(({ argv }) => argv[1]).sort()).toEqual([
      "hello was ${{ '${{' }} odd x",
      "hello was ${{ '${{' }} odd y",
    ]);
    expect(calls[0]?.stdin).toBe('pw=${{ secrets.pw }}');
    expect(composed.secrets).toEqual({ pw: { from: ['env:PW'], about: 'The password' } });
  });

  test('and where it says none, a person has to say that this is seen', async () => {
    const { steps } = undoOf(await ran(act('a')));
    expect(steps).toEqual([
      {
        id: 'not-undone-a-h1',
        title: 'Not undone: 01 Do a',
        on: ['h1'],
        confirm: {
          class: 'typed',
          typed: 'h1',
          text: 'a@h1 is not undone: nothing says how a command is undone: its step has no undo.',
        },
      },
    ]);
  });

  test('or that what it made may stay', async () => {
    expect(undoOf(await ran(act('a', ', undo: nothing')))).toEqual({ steps: [], nothing: ['a@h1'] });
  });

  test('a point of no return asks for a word before its undo, what was confirmed asks again', async () => {
    const risky = act('a', `, risk: irreversible${undone('a')}`) + act('b', `, confirm: Sure?${undone('b')}`);
    const { steps } = undoOf(await ran(risky));
    expect(steps.map(({ confirm }) => confirm)).toMatchObject([
      { class: 'confirm' },
      { class: 'typed', typed: 'h1' },
    ]);
  });
});

/** An action that reads back; its inverse is as the test says. */
function readback(name: 'file' | 'service', inverse: () => Inverse): ChangeAction<unknown, boolean> {
  return {
    kind: 'change',
    proof: 'readback',
    name,
    about: 'Sets it.',
    params: z.any(),
    read: async (_params, ports) =>
      JSON.stringify(await ports.probe({ argv: ['has', name] })).includes('"code":0'),
    diff: (_params, there) => (there ? [] : [{ what: name, lines: [], data: null }]),
    write: async (_params, _changes, ports) => ({ command: await ports.execute({ argv: ['do', name] }) }),
    undo: { about: 'Takes it away.', inverse },
  };
}

describe('an inverse of the journal', () => {
  const back: Inverse = {
    calls: [{ action: 'file', params: { path: '/x', state: 'absent' } }],
    cannot: ['a part'],
  };
  const restart = { action: 'service', params: { name: 'x', state: 'restarted' } };
  const again: Inverse = { calls: [], cannot: [], afterwards: [restart] };
  const actions: ActionTable = {
    ...allActions,
    file: readback('file', () => back),
    service: readback('service', () => again),
  };
  const set = '- { id: set, title: Set it, on: h1, file: { path: /x } }\n';
  const up = '- { id: up, title: Restart it, on: h1, service: { name: x } }\n';

  test('says first what it does not bring back', async () => {
    const { steps } = undoOf(await ran(set, { actions }), actions);
    expect(steps).toMatchObject([
      { id: 'not-undone-set-h1', confirm: { text: 'set@h1 is not undone: a part.' } },
      { id: 'set-h1', file: { path: '/x', state: 'absent' } },
    ]);
  });

  test('is made once for an attempt that was cut off and the one after it', async () => {
    const world = new World(set, { actions });
    world.host('h1').next('do file', { drop: 'before-start' });
    await world.finish();
    expect(world.events.filter(({ type }) => type === 'task.intended')).toHaveLength(2);
    expect(ids(undoOf(world, actions))).toEqual(['not-undone-set-h1', 'set-h1']);
  });

  test('of a restart comes last, asked about, and only where something before it is undone', async () => {
    expect(undoOf(await ran(up, { actions }), actions)).toEqual({ steps: [], nothing: ['up@h1'] });
    const { steps } = undoOf(await ran(set + up, { actions }), actions);
    expect(steps.map(({ id }) => id)).toEqual(['not-undone-set-h1', 'set-h1', 'again-up-h1']);
    expect(steps.at(-1)).toMatchObject({
      title: 'Once more, after the undo: 02 Restart it',
      risk: 'disrupt',
      repeat: 'costly',
      confirm: { class: 'confirm' },
      service: restart.params,
    });
  });
});
