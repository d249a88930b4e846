/** The localconfig.xml of a host, read through its connection. */
import type { Command, CommandResult } from '../engine/ports.ts';
import { LocalconfigSyntax, parseLocalconfig } from './parse.ts';
import { PRODUCTS } from './products.ts';

/** What the file of one host says. */
export interface HostLocalconfig {
  readonly host: string;
  readonly file: string;
  /** Only what stands in the file: what a product's code has as a default is not there. */
  readonly values: ReadonlyMap<string, string>;
}

/** It cannot be had. The message names host and file, never a value. */
export class LocalconfigError extends Error {
  override readonly name = 'LocalconfigError';
  /** What to do next, one sentence. */
  readonly next: string;

  constructor(message: string, next: string) {
    super(message);
    this.next = next;
  }
}

/** The first of these files that is there: a line with its name, then the whole of it. */
const SCRIPT = `
for file in $LOCKSTEP_FILES; do
  if [ -e "$file" ]; then printf '%s\\n' "$file"; cat "$file"; exit; fi
done
exit 44
`;
const NOT_THERE = 44;

/** As root, since nobody else but the product's own user may read it. `probe` is the connection's. Rejects with LocalconfigError. */
export async function readLocalconfig(
  probe: (command: Command) => Promise<CommandResult>,
  host: string,
  files: readonly string[] = PRODUCTS.map(({ file }) => file),
): Promise<HostLocalconfig> {
  const env = { LOCKSTEP_FILES: files.join(' ') };
  const { exit, stdout, stderr, truncated } = await probe({ script: SCRIPT, env, as: 'root' });
  if (exit.kind === 'exited' && exit.code === NOT_THERE)
    throw new LocalconfigError(
      `${host} has no ${files.join(' and no ')}`,
      'name a host on which the product is set up',
    );
  const file = stdout.split('\n', 1)[0] ?? '';
  if (exit.kind !== 'exited' || exit.code !== 0 || truncated) {
    const cause = truncated ? 'it is too large' : stderr.trim() || 'reading it was cut off';
    throw new LocalconfigError(
      `${file || files.join(', ')} on ${host} cannot be read: ${cause}`,
      'look at it there',
    );
  }
  try {
    const { keys } = parseLocalconfig(stdout.slice(file.length + 1));
    return { host, file, values: new Map(keys.map(({ name, value }) => [name, value])) };
  } catch (error) {
    if (!(error instanceof LocalconfigSyntax)) throw error;
    throw new LocalconfigError(
      `${file} on ${host} cannot be understood: ${error.message}`,
      'mend it with an editor, as the user that owns it',
    );
  }
}

/** Rejects an absent key, and an empty value, which the products take for none. */
export function valueIn({ host, file, values }: HostLocalconfig, key: string): string {
  const value = values.get(key);
  if (value !== undefined && value !== '') return value;
  const how = value === undefined ? 'is not set' : 'is empty';
  throw new LocalconfigError(
    `${key} ${how} in ${file} on ${host}`,
    'set it there, or name a host on which it is set; a default that the product has compiled in does not count',
  );
}
