import type { Change, Inverse } from '../engine/action.ts';
import type { FileState } from './file-state.ts';

/** What brings back the path that `state` describes, after a change of `file`, `copy` or `file.restore`. */
export function fileInverse(
  { path, as }: { readonly path: string; readonly as?: string | undefined },
  changes: readonly Change[],
  state: FileState,
): Inverse {
  const { act } = (changes[0]?.data ?? {}) as { readonly act?: string };
  const user = as === undefined ? {} : { as };
  const owned = { mode: fourDigits(state.mode), owner: state.uid, group: state.gid };
  const only = (call: Inverse['calls'][number]): Inverse => ({ calls: [call], cannot: [] });
  if (state.kind === 'absent') return only({ action: 'file', params: { path, state: 'absent', ...user } });
  if (act === 'ownership') return only({ action: 'file.restore', params: { path, ...owned, ...user } });
  if (state.kind === 'directory')
    return only({ action: 'file', params: { path, state: 'directory', ...owned, ...user } });
  if (state.kind === 'symlink')
    return only({ action: 'file.restore', params: { path, link: state.target, ...user } });
  if (state.kind === 'file' && state.kept !== '')
    return only({ action: 'file.restore', params: { path, kept: state.kept, ...owned, ...user } });
  return { calls: [], cannot: [`${path} was neither file nor directory; nothing of it is kept`] };
}

function fourDigits(mode: string): string {
  return mode.padStart(4, '0');
}
