/** A run on this machine that is held, and goes on in the same process. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import { beginRun } from '../../src/cli/begin-run.ts';
import type { Conduct } from '../../src/cli/conduct.ts';
import { EXIT } from '../../src/cli/exit-code.ts';
import { inputTexts } from '../../src/cli/inputs.ts';
import { loadPapers } from '../../src/cli/papers.ts';
import { prepare } from '../../src/cli/prepare.ts';
import type { Input } from '../../src/engine/input.ts';
import { snapshot } from '../../src/inventory/snapshot.ts';
import { foldRecords, readJournal } from '../../src/journal/replay.ts';
import { briefsOf } from '../../src/plan/briefs.ts';
import { scratch } from '../journal/sample.ts';

const NOBODY = { present: true, line: () => Promise.resolve(undefined) };

/** A step that fails until the file `mended` is there, and one behind it. */
async function conducted(ports: Pick<Conduct, 'commands' | 'afterHold'>, folder = scratch()) {
  const at = (name: string) => join(folder, name);
  vi.stubEnv('LOCKSTEP_STATE', at('state'));
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const warned = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => {
    said.mockRestore();
    warned.mockRestore();
    vi.unstubAllEnvs();
  });
  writeFileSync(
    at('inventory.yaml'),
    `format: lockstep-inventory/1\naccess: { transport: local, receipts: ${at('receipts')} }\nhosts: { here: {} }\n`,
  );
  writeFileSync(
    at('story.yaml'),
    `format: lockstep/1\nname: test/story\nversion: 1.0.0\ntitle: A story\nsteps:
  - { id: first, on: here, repeat: safe, on-doubt: ask, command: { script: "echo trying; test -e ${at('mended')}" } }
  - { id: second, on: here, repeat: safe, on-doubt: ask, command: { argv: [touch, "${at('second')}"] } }\n`,
  );
  const { plan, run, inventory, ...papers } = await loadPapers(at('story.yaml'), {
    inventory: at('inventory.yaml'),
    set: {},
  });
  const operator = { name: 'alice', host: 'desk', terminal: true };
  const options = { plain: true, ndjson: true };
  const prepared = await prepare(plan, NOBODY);
  const opened = {
    type: 'run.opened' as const,
    run: run.id,
    started: run.started,
    ...papers,
    inputs: inputTexts(plan),
    inventory: snapshot(inventory),
    steps: briefsOf(plan, actions),
    policy: { yes: true },
    operator,
    versions: {},
  };
  const both = { answers: undefined, junit: undefined, options, operator, terminal: NOBODY, ...ports };
  const code = await beginRun({ plan, prepared, run, opened, ...both });
  await prepared.reach.close();
  const directory = join(at('state'), 'runs', run.id);
  const { records } = readJournal(directory);
  return {
    code,
    at,
    directory,
    state: foldRecords(records),
    types: records.map(({ event }) => event.type),
    said,
  };
}

test('a run goes on in its own journal, with its leases taken again, and its reporter hears all of it', async () => {
  const folder = scratch();
  const commands: ((input: Input) => void)[] = [];
  const held: string[] = [];
  const { code, at, types, directory, said } = await conducted(
    {
      commands: (command) => void commands.push(command),
      async afterHold(state) {
        held.push(state.held?.reason ?? '');
        commands[0]?.({ type: 'note', text: 'mending it', by: 'alice' });
        writeFileSync(join(folder, 'mended'), '');
        return { kind: 'go-on', acts: [{ kind: 'retry', task: 'first@here' }] };
      },
    },
    folder,
  );
  expect([code, held, existsSync(at('second'))]).toEqual([EXIT.done, ['failed'], true]);
  const around = types.slice(types.indexOf('run.held'));
  expect(around.slice(0, 4)).toEqual(['run.held', 'run.noted', 'run.resumed', 'lease.taken']);
  expect(types.filter((type) => type === 'lease.taken')).toHaveLength(2);
  const told = said.mock.calls.map(([chunk]) => chunk).join('');
  expect(told).toBe(readFileSync(join(directory, 'journal.ndjson'), 'utf8'));
  expect(existsSync(join(directory, 'lock'))).toBe(false);
});

test.each(['SIGTERM', 'SIGHUP'] as const)('%s leaves a run that is held', async (signal) => {
  const { code, types, state } = await conducted({
    afterHold() {
      process.emit(signal, signal);
      return new Promise(() => undefined);
    },
  });
  expect([code, state?.held?.reason, types.at(-1)]).toEqual([EXIT.failed, 'failed', 'run.held']);
});

test('a run that a signal has held is left without asking', async () => {
  const asked: string[] = [];
  let signalled = false;
  const { code, state } = await conducted({
    commands() {
      // Before the first move: as a terminal that closes at once.
      if (!signalled) process.emit('SIGHUP', 'SIGHUP');
      signalled = true;
    },
    async afterHold() {
      asked.push('asked');
      return { kind: 'leave' };
    },
  });
  expect([code, state?.held?.reason, asked]).toEqual([EXIT.operator, 'operator', []]);
});
