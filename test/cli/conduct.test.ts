/** A run on this machine that is held, and goes on in the same process. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import { conduct } from '../../src/cli/conduct.ts';
import type { Console } from '../../src/cli/console.ts';
import { EXIT } from '../../src/cli/exit-code.ts';
import { inputTexts } from '../../src/cli/inputs.ts';
import { loadPapers } from '../../src/cli/papers.ts';
import { prepare } from '../../src/cli/prepare.ts';
import type { Input } from '../../src/engine/input.ts';
import { snapshot } from '../../src/inventory/snapshot.ts';
import { Journal } from '../../src/journal/append.ts';
import { foldRecords, readJournal } from '../../src/journal/replay.ts';
import { createRunDirectory } from '../../src/journal/run-directory.ts';
import { briefsOf } from '../../src/plan/briefs.ts';
import { ndjsonReporter } from '../../src/reporters/ndjson.ts';
import { styleFor } from '../../src/reporters/style.ts';
import { scratch } from '../journal/sample.ts';

const NOBODY = { present: true, line: () => Promise.resolve(undefined) };

/** A step that fails until the file `mended` is there, and one behind it. */
async function conducted(
  person: Pick<Console, 'afterHold'> & Partial<Pick<Console, 'commands'>>,
  folder = scratch(),
) {
  const at = (name: string) => join(folder, name);
  vi.stubEnv('LOCKSTEP_STATE', at('state'));
  onTestFinished(() => void vi.unstubAllEnvs());
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
  const directory = createRunDirectory(join(at('state'), 'runs'), run.id);
  const told: string[] = [];
  const reporter = ndjsonReporter((text) => void told.push(text));
  const screen: Console = {
    reporter,
    ask: async () => undefined,
    commands: () => undefined,
    aside: (use) => use(),
    say: () => undefined,
    giveBack: () => undefined,
    undoTo: () => undefined,
    ...person,
  };
  const code = await conduct({
    ...{ plan, prepared, run, directory, operator, options, reporter, screen },
    ...{ terminal: NOBODY, answers: undefined, drifts: [], state: undefined },
    journal: Journal.create(directory),
    opening: [opened],
    style: styleFor({}, false),
  });
  await prepared.reach.close();
  const { records } = readJournal(directory);
  const types = records.map(({ event }) => event.type);
  return { code, at, directory, state: foldRecords(records), types, told: told.join('') };
}

test('a run goes on in its own journal, with its leases taken again, and its reporter hears all of it', async () => {
  const folder = scratch();
  const commands: ((input: Input) => void)[] = [];
  const held: string[] = [];
  const { code, at, types, directory, told } = await conducted(
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
  expect(told).toBe(readFileSync(join(directory, 'journal.ndjson'), 'utf8'));
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
