/** A probe whose answer is wanted whole: what fails says how. */
import { exitedWith, exitText } from '../../actions/exit-text.ts';
import type { Command, ReadPorts } from '../../engine/ports.ts';

/** What one look needs of the ports. */
export type Asked = Pick<ReadPorts, 'probe'>;

/** A host that answers at all answers this soon. */
const PATIENCE_MS = 20_000;

/** Runs as root, since cn=config and the log are nobody else's. Resolves to stdout; rejects with what it said last. */
export async function ask(ports: Asked, about: string, command: Command): Promise<string> {
  const env = { ...command.env, LC_ALL: 'C' };
  const told = await ports.probe({ as: 'root', timeoutMs: PATIENCE_MS, ...command, env });
  if (exitedWith(told.exit, [0])) return told.stdout;
  throw new Error(told.stderr.trim().split('\n').at(-1) || `${about} ${exitText(told.exit)}`);
}
