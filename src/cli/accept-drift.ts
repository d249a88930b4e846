import { type Drift, driftText } from '../engine/drift.ts';
import type { Input } from '../engine/input.ts';
import { tame } from '../reporters/style.ts';
import type { Terminal } from './terminal.ts';

/**
 * What becomes of a world that is not as it was left: each difference is accepted by its name (`--accept-drift`), or by a person at
 * the terminal; else the run is to be held. `--yes` accepts none.
 */
export async function acceptDrifts(
  drifts: readonly Drift[],
  accepted: readonly string[],
  terminal: Terminal,
  by: string,
): Promise<readonly Input[]> {
  if (drifts.length === 0) return [];
  const inputs: Input[] = [{ type: 'drift', drifts }];
  const left: Drift[] = [];
  for (const drift of drifts) {
    const ground = accepted.includes(drift.name)
      ? '--accept-drift'
      : (await isRight(drift, terminal))
        ? 'terminal'
        : undefined;
    if (!ground) left.push(drift);
    else
      inputs.push({
        type: 'accept',
        name: drift.name,
        by,
        ground,
        ...(drift.identity && { identity: drift.identity }),
      });
  }
  if (left.length > 0) {
    const flags = left.map(({ name }) => `--accept-drift ${name}`).join(' ');
    inputs.push({ type: 'hold', reason: 'drift', text: `${driftText(left)}. If that is right: ${flags}` });
  }
  return inputs;
}

async function isRight({ name, what, identity }: Drift, terminal: Terminal): Promise<boolean> {
  if (!terminal.present) return false;
  const about = `\n  ${tame(name)}: ${tame(what)}\n`;
  if (!identity)
    return /^y(es)?$/.test(
      (await terminal.line(`${about}Go on all the same? y yes   N no, hold (default): `)) ?? '',
    );
  return (
    (await terminal.line(
      `${about}This may be another machine. Type ${identity.host} to go on, anything else holds: `,
    )) === identity.host
  );
}
