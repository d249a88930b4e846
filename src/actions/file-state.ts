/** What is at a path of a host: kind, mode, owner, and how its content compares. */
import type { ReadPorts } from '../engine/ports.ts';
import { Secret, type Text } from '../secrets/secret.ts';
import { ActionError } from './action-error.ts';
import { cannotSee } from './cannot-see.ts';
import { commandFailed, exitedWith } from './exit-text.ts';
import { seesFunction } from './look-script.ts';

/** Up to here a content is fetched to show its difference; above, only its size is shown. Bytes. */
const shownBytes = 1_048_576;

/**
 * The wanted content comes by stdin and both digests are made on the host, so that bytes are compared, whatever their
 * encoding, and a secret needs no revealing here. `stat -c` is GNU's and busybox's.
 */
const script = `${seesFunction}
p=$LOCKSTEP_PATH
parent=\${p%/*}; parent=\${parent:-/}
if [ -d "$parent" ]; then echo parent=1; fi
if [ -L "$p" ]; then
  echo kind=symlink; printf 'target=%s\\n' "$(readlink -- "$p")"; exit 0
elif [ -d "$p" ]; then kind=directory
elif [ -f "$p" ]; then kind=file
elif [ -e "$p" ]; then kind=other
else
  sees "$p" || exit 4
  echo kind=absent; exit 0
fi
stat -c "kind=$kind
mode=%a
owner=%U
uid=%u
group=%G
gid=%g
size=%s
kept=%d-%i-%Z" -- "$p" || exit 5
# The fraction of the second too: a freed inode is taken again at once.
changed=$(stat -c %z -- "$p") && changed=\${changed##*.} && printf 'nanos=%s\\n' "\${changed%% *}"
if [ "$kind" != file ] || [ "$LOCKSTEP_COMPARE" != 1 ]; then exit 0; fi
[ -r "$p" ] || exit 6
wanted=$(sha256sum) && found=$(sha256sum <"$p") || exit 5
if [ "$wanted" = "$found" ]; then echo same=1; exit 0; fi
echo same=0
if [ "$LOCKSTEP_SHOW" = 1 ] && [ "$(stat -c %s -- "$p")" -le ${shownBytes} ]; then
  echo; cat -- "$p" || exit 5
fi
exit 0
`;

export interface FileState {
  readonly kind: 'absent' | 'file' | 'directory' | 'symlink' | 'other';
  /** Octal digits as `stat` gives them, e.g. 640; empty unless there is a file or a directory. */
  readonly mode: string;
  readonly owner: string;
  readonly uid: string;
  readonly group: string;
  readonly gid: string;
  readonly size: number;
  /** Names this very state of the file on its host (device, inode, time of change): where it is kept for undo. */
  readonly kept: string;
  /** Is the content the wanted one? Undefined when none was asked for, or there is no file. */
  readonly same: boolean | undefined;
  /** The content found, where it differs, may be shown and is text. */
  readonly content: string | undefined;
  readonly target: string;
  readonly hasParent: boolean;
}

/** Reads `path` as `as`; compares it with `content` when given. A file that is not there is a state, not an error. */
export async function readFileState(
  { path, content, as }: { path: string; content?: Text | undefined; as?: string | undefined },
  ports: ReadPorts,
): Promise<FileState> {
  const result = await ports.probe({
    script,
    env: {
      LC_ALL: 'C',
      LOCKSTEP_PATH: path,
      LOCKSTEP_COMPARE: content === undefined ? '0' : '1',
      // Where a secret belongs, what is there now is likely a secret too.
      LOCKSTEP_SHOW: content instanceof Secret ? '0' : '1',
    },
    ...(content === undefined ? {} : { stdin: content }),
    ...(as === undefined ? {} : { as }),
  });
  if (exitedWith(result.exit, [4])) throw cannotSee(path, as);
  if (exitedWith(result.exit, [6])) {
    throw new ActionError(`${path}: ${as ?? 'the login user'} may not read it, so it cannot be compared`, {
      next: 'Set `as` to a user who may, such as root.',
      command: result,
    });
  }
  if (!exitedWith(result.exit, [0])) throw commandFailed(`looking at ${path}`, result);
  return parseFileState(result.stdout);
}

const kinds = ['absent', 'file', 'directory', 'symlink', 'other'] as const;

export function parseFileState(stdout: string): FileState {
  const end = stdout.indexOf('\n\n');
  const head = end < 0 ? stdout : stdout.slice(0, end);
  const content = end < 0 ? undefined : stdout.slice(end + 2);
  const said = new Map(
    head.split('\n').map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]),
  );
  const kind = kinds.find((known) => known === said.get('kind'));
  if (kind === undefined)
    throw new ActionError(`the look at a file answered nothing that can be read: "${head}"`);
  const same = said.get('same');
  return {
    kind,
    mode: said.get('mode') ?? '',
    owner: said.get('owner') ?? '',
    uid: said.get('uid') ?? '',
    group: said.get('group') ?? '',
    gid: said.get('gid') ?? '',
    size: Number(said.get('size') ?? 0),
    kept: said.has('kept') ? `${said.get('kept')}-${said.get('nanos')?.replaceAll(/\D/g, '') ?? ''}` : '',
    same: same === undefined ? undefined : same === '1',
    content: content === undefined || /[\0\uFFFD]/.test(content) ? undefined : content,
    target: said.get('target') ?? '',
    hasParent: said.get('parent') === '1',
  };
}
