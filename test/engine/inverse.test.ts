import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ActionTable, ChangeAction, Inverse } from '../../src/engine/action.ts';
import type { EventOf } from '../../src/engine/event.ts';
import type { Value } from '../../src/engine/value.ts';
import { joinText, Secret } from '../../src/secrets/secret.ts';
import { World } from './world.ts';

/** Sets x; what its inverse would hold is up to the test. */
function setting(inverse: (params: { password?: Secret }) => Inverse): ActionTable {
  const file: ChangeAction<{ password?: Secret }, boolean> = {
    kind: 'change',
    proof: 'readback',
    name: 'file',
    about: 'Sets x.',
    params: z.any(),
    read: async (_params, ports) =>
      JSON.stringify(await ports.probe({ argv: ['has', 'x'] })).includes('"code":0'),
    diff: (_params, there) => (there ? [] : [{ what: 'x', lines: [], data: null }]),
    write: async (_params, _changes, ports) => ({ command: await ports.execute({ argv: ['do', 'x'] }) }),
    undo: { about: 'Takes x away.', inverse },
  };
  return { file };
}

const restore = (params: Value): Inverse => ({ calls: [{ action: 'file', params }], cannot: [] });
const head = 'secrets: { pw: { from: ["env:PW"] }, fresh: { from: ["generate:12"] } }\n';
const step = (name = 'pw') =>
  `- { id: set, on: h1, file: { path: /x, password: "\${{ secrets.${name} }}" } }\n`;

async function intended(
  inverse: (params: { password?: Secret }) => Inverse,
  steps = step(),
): Promise<EventOf<'task.intended'>['undo']> {
  const world = new World(steps, { head, actions: setting(inverse) });
  await world.finish();
  return world.events.flatMap((event) => (event.type === 'task.intended' ? [event] : []))[0]?.undo;
}

describe('the inverse of a change', () => {
  test('is in the journal, with the intent, before the effect begins', async () => {
    const world = new World(step(), { head, actions: setting(() => restore({ old: 'y' })) });
    const seen: string[] = [];
    await world.finish({
      recorded: (events) => {
        for (const event of events)
          if (event.type === 'task.intended')
            seen.push(`${JSON.stringify(event.undo)} ${world.acts()['h1']}`);
      },
    });
    expect(seen).toEqual(['{"calls":[{"action":"file","params":{"old":"y"}}],"cannot":[]} ']);
    expect(world.acts()['h1']).toEqual(['x']);
  });

  test('names a secret of the runbook, also inside a text, and never holds it', async () => {
    const pw = ({ password = new Secret('none', '') }) => password;
    const undo = await intended((params) =>
      restore({ whole: pw(params), inside: joinText(['a="', pw(params), '" b']) }),
    );
    expect(undo).toEqual(restore({ whole: '${{ secrets.pw }}', inside: 'a="${{ secrets.pw }}" b' }));
  });

  test('is not kept where it holds another secret, or one of the same name with another value', async () => {
    for (const secret of [new Secret('stored', 'else'), new Secret('pw', 'else')]) {
      const undo = await intended(() => restore({ old: secret }));
      expect(undo).toEqual({
        calls: [],
        cannot: [`file: it holds the secret ${secret.name}, which is not kept; look for it in a back-up`],
      });
    }
  });

  test('is not kept where a secret stands in it in clear, for it would come back as its name', async () => {
    const undo = await intended(() => restore({ old: 'bind with clear-pw please' }));
    expect(undo).toEqual({
      calls: [],
      cannot: ['file: what was there holds a secret, which is not kept; look for it in a back-up'],
    });
    expect(JSON.stringify(undo)).not.toContain('clear-pw');
  });

  test('does not name a secret that is made anew for each run', async () => {
    const undo = await intended(({ password = '' }) => restore({ old: password }), step('fresh'));
    expect(undo?.calls).toEqual([]);
  });

  test('keeps a text that looks like an expression as the text it is', async () => {
    const undo = await intended(() => restore({ old: 'echo ${{ HOME }}' }));
    expect(undo?.calls[0]?.params).toEqual({ old: "echo ${{ '${{' }} HOME }}" });
  });

  test("is left to the step's own undo, where it has one", async () => {
    const own = step().replace(' }\n', ', undo: { file: { path: /y } } }\n');
    expect(await intended(() => restore({}), own)).toBeUndefined();
  });
});
