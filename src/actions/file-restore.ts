/** `file.restore`: what an undo writes; a path is what it was before a `file` or a `copy`. */
import { z } from 'zod';
import type { Change, ChangeAction, DiffLine } from '../engine/action.ts';
import { filesAt } from '../engine/place.ts';
import type { ReadPorts } from '../engine/ports.ts';
import { ActionError } from './action-error.ts';
import { commandFailed, exitedWith } from './exit-text.ts';
import { fileEnv, refuse } from './file.ts';
import { fileInverse } from './file-inverse.ts';
import { keptIn, restoreKept, restoreLink, setOwnership } from './file-scripts.ts';
import { type FileState, readFileState } from './file-state.ts';
import { fourDigits, ownershipFields, ownershipLines } from './ownership.ts';
import { pathParam } from './path-param.ts';
import { openText } from './text-param.ts';

const params = z
  .strictObject({
    path: pathParam.describe('Absolute path.'),
    kept: openText
      .regex(/^[0-9-]+$/, { error: 'must be the name under which a file is kept' })
      .optional()
      .describe(
        'Name under which the old file is kept on the host; without it only mode and owner are restored.',
      ),
    link: openText.min(1).optional().describe('Where the symbolic link pointed that was removed.'),
    ...ownershipFields,
    as: openText.optional().describe('User who reads and writes it.'),
  })
  .refine((params) => params.kept === undefined || params.link === undefined, {
    error: 'give one of kept and link',
  });

type Params = z.input<typeof params>;

interface Facts {
  readonly state: FileState;
  /** The kept file: absent when there is none of that name. */
  readonly old: { readonly there: boolean; readonly same: boolean };
}

const approved = z.strictObject({
  act: z.enum(['content', 'link', 'ownership']),
  path: z.string(),
  from: z.string(),
  mode: z.string(),
  owner: z.string(),
  group: z.string(),
  as: z.string(),
  kept: z.string(),
});
type Approved = z.infer<typeof approved>;

export const fileRestore: ChangeAction<Params, Facts> = {
  kind: 'change',
  proof: 'readback',
  name: 'file.restore',
  about:
    'Brings a path back to what it was before a `file` or a `copy` of another run: what `lockstep undo` writes. The old ' +
    'content is kept on the host, beside the receipts, and never leaves it.',
  params,
  reads: (host, { path }) => [filesAt(host, path)],
  touches: (host, params) => [filesAt(host, params?.path ?? '/')],
  read: async (params, ports) => ({
    state: await readFileState({ path: params.path, as: params.as }, ports),
    old: params.kept === undefined ? NONE : await readKept(params, params.kept, ports),
  }),
  diff,
  write: async (_params, changes, ports) => {
    const [change] = changes;
    if (change === undefined) return {};
    const data = approved.parse(change.data);
    const done = await ports.execute({
      script: { content: restoreKept, link: restoreLink, ownership: setOwnership }[data.act],
      env: { ...fileEnv(data), LOCKSTEP_FROM: data.from },
      ...(data.as === '' ? {} : { as: data.as }),
    });
    refuse(`restoring ${data.path}`, done);
    return {};
  },
  // On its way back an undo restores one thing more than once, so that none but the last is meant to stay.
  lasts: () => false,
  undo: {
    about: 'Puts back what was there before the undo.',
    inverse: (params, changes, { state }) => fileInverse(params, changes, state),
  },
};

const NONE = { there: false, same: false };

const compare = `${keptIn}
[ -f "$kept/$LOCKSTEP_FROM" ] || exit 3
cmp -s -- "$kept/$LOCKSTEP_FROM" "$LOCKSTEP_PATH" && exit 0
exit 1
`;

async function readKept(params: Params, name: string, ports: ReadPorts): Promise<Facts['old']> {
  const result = await ports.probe({
    script: compare,
    env: { LC_ALL: 'C', LOCKSTEP_PATH: params.path, LOCKSTEP_FROM: name },
    ...(params.as === undefined ? {} : { as: params.as }),
  });
  if (exitedWith(result.exit, [3])) return NONE;
  if (!exitedWith(result.exit, [0, 1]))
    throw commandFailed(`comparing ${params.path} with what it was`, result);
  return { there: true, same: exitedWith(result.exit, [0]) };
}

function diff(params: Params, { state, old }: Facts): readonly Change[] {
  const { path } = params;
  if (params.link !== undefined) {
    if (state.kind === 'symlink' && state.target === params.link) return [];
    const lines: DiffLine[] = [{ op: '+', text: `symbolic link to ${params.link}` }];
    return [changeOf(params, 'link', lines, state)];
  }
  if (params.kept !== undefined && !(state.kind === 'file' && old.same)) {
    if (!old.there)
      throw new ActionError(`${path}: what it was before is not kept on this host any more`, {
        next: 'Bring it back from a back-up, then go on.',
      });
    const there = state.kind === 'file';
    const lines: DiffLine[] = [
      ...(there ? [{ op: '-' as const, text: `content, ${state.size} bytes` }] : []),
      { op: '+', text: 'the content it had before' },
      ...(there
        ? ownershipLines(params, state)
        : [{ op: '+' as const, text: `mode ${fourDigits(params.mode ?? '')}` }]),
    ];
    return [changeOf(params, 'content', lines, state)];
  }
  if (state.kind === 'absent')
    throw new ActionError(`${path} is not there any more, so it cannot get its mode and owner back`, {
      next: 'Bring it back from a back-up, then go on.',
    });
  const lines = ownershipLines(params, state);
  return lines.length === 0 ? [] : [changeOf(params, 'ownership', lines, state)];
}

function changeOf(
  params: Params,
  act: Approved['act'],
  lines: readonly DiffLine[],
  state: FileState,
): Change {
  const data: Approved = {
    act,
    path: params.path,
    from: params.kept ?? params.link ?? '',
    mode: params.mode ?? '',
    owner: params.owner ?? '',
    group: params.group ?? '',
    as: params.as ?? '',
    kept: act === 'content' ? state.kept : '',
  };
  return { what: params.path, lines, data };
}
