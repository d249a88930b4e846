/** A run that is held, and its undo back to a step, one after the other in one process, on this machine. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startRun } from '../../src/cli/start-run.ts';
import { undoRun } from '../../src/cli/undo-run.ts';
import { listRuns } from '../../src/journal/run-directory.ts';
import { scratch } from '../journal/sample.ts';

const act = (id: string, script: string, undo: string) =>
  `  - id: ${id}\n    on: here\n    repeat: once\n    on-doubt: ask\n    command: ${script}\n    undo:\n      command: ${undo}\n`;
const sh = (script: string) => `{ script: ${JSON.stringify(script)}, env: { PW: "\${{ secrets.pw }}" } }`;

test('a held run is undone back to a step after its own end, with the secrets of its environment', async () => {
  const folder = scratch();
  const at = (name: string) => join(folder, name);
  vi.stubEnv('LOCKSTEP_STATE', at('state'));
  vi.stubEnv('LOCKSTEP_TEST_PW', 'correct-horse-battery');
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => {
    said.mockRestore();
    vi.unstubAllEnvs();
  });
  writeFileSync(
    at('inventory.yaml'),
    `format: lockstep-inventory/1\naccess: { transport: local, receipts: ${at('receipts')} }\nhosts: { here: {} }\n`,
  );
  const make = (id: string) => sh(`test -n "$PW" && touch ${at(id)}`);
  const drop = (id: string) => sh(`test "$PW" = correct-horse-battery && rm ${at(id)}`);
  writeFileSync(
    at('story.yaml'),
    `format: lockstep/1\nname: test/story\nversion: 1.0.0\ntitle: A story\nsecrets: { pw: { from: ["env:LOCKSTEP_TEST_PW"] } }\nsteps:\n${
      act('first', make('first'), drop('first')) +
      act('second', make('second'), drop('second')) +
      act('third', sh('exit 3'), sh('true'))
    }`,
  );
  const options = { input: false, plain: true, yes: true, 'yes=typed': true } as const;
  expect(await startRun(at('story.yaml'), { ...options, inventory: at('inventory.yaml'), set: {} })).toBe(2);
  expect([existsSync(at('first')), existsSync(at('second')), process.env['LOCKSTEP_TEST_PW']]).toEqual([
    true,
    true,
    undefined,
  ]);

  const [run = ''] = listRuns(join(at('state'), 'runs'));
  expect(await undoRun(run, { ...options, backTo: 'second' })).toBe(0);
  expect([existsSync(at('first')), existsSync(at('second'))]).toEqual([true, false]);
  const [undo = ''] = listRuns(join(at('state'), 'runs'));
  const journal = readFileSync(join(at('state'), 'runs', run, 'journal.ndjson'), 'utf8');
  expect(journal.trimEnd().split('\n').at(-1)).toContain(`"type":"run.undone","run":"${undo}"`);
  expect(said.mock.calls.join('')).not.toContain('correct-horse');
});
