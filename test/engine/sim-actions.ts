/** Two actions of scripted hosts that are read back: one that leaves a difference, and one that does not. */
import { z } from 'zod';
import type { ActionTable, ChangeAction } from '../../src/engine/action.ts';
import type { ReadPorts } from '../../src/engine/ports.ts';

const has = async (what: string, ports: ReadPorts) => (await ports.probe({ argv: ['has', what] })).exit;

/** Sets X: reading shows whether it is there. */
const file: ChangeAction<unknown, boolean> = {
  kind: 'change',
  proof: 'readback',
  name: 'file',
  about: 'Sets x, in two parts.',
  params: z.any(),
  read: async (_params, ports) => JSON.stringify(await has('x', ports)).includes('"code":0'),
  diff: (_params, there) => (there ? [] : [{ what: 'x', lines: [], data: null }]),
  write: async (_params, _changes, ports) => {
    await ports.execute({ argv: ['do', 'first'] });
    await ports.probe({ argv: ['has', 'first'] });
    await ports.execute({ argv: ['do', 'x'] });
    return {};
  },
};

/** A restart leaves no difference that a second look could see: the fact `up` is there before and after. */
const service: ChangeAction<unknown, boolean> = {
  ...file,
  name: 'service',
  read: async (_params, ports) => JSON.stringify(await has('up', ports)).includes('"code":0'),
  diff: () => [{ what: 'service slapd', lines: [], data: null }],
  unproven: (_params, _changes, up) => (up ? undefined : 'it is down'),
  write: async (_params, _changes, ports) => {
    const { exit } = await ports.execute({ argv: ['do', 'up'] });
    if (exit.kind !== 'exited' || exit.code !== 0) throw new Error('it did not start');
    return {};
  },
};

export const actions: ActionTable = { file, service };
