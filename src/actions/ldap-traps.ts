/** What slapd takes and then does not survive is refused: when it is shown, as far as one entry tells, and before it is written. */
import type { Change } from '../engine/action.ts';
import type { DirectoryReader, Entry, Host } from '../engine/ports.ts';
import { type endIn, type Trap, trapIn } from '../ldap/config-traps.ts';
import { isUnder } from '../ldap/dn.ts';
import { listenerUrls } from '../ldap/listeners.ts';
import { applyModifications } from '../ldap/modifications.ts';
import { type ConfigWrite, serverTrap } from '../ldap/server-traps.ts';
import { ActionError } from './action-error.ts';
import type { Act } from './ldap-change.ts';

/** The change itself; throws ActionError. An undo is judged by `endIn`: what it brings back has been there. */
export function untrapped(
  action: string,
  change: Change,
  entry: Entry | undefined,
  judge: typeof trapIn | typeof endIn = trapIn,
): Change {
  const { dn, mods = [] } = configWriteOf(change.data as Act);
  if (!isUnder(dn, 'cn=config')) return change;
  const before = entry?.attributes ?? {};
  const trap = judge(before, applyModifications(before, mods));
  if (trap) throw refusal(`${action} ${dn}`, trap);
  return change;
}

/** Rejects with ActionError where the whole server would be left in a state that slapd does not start with. */
export async function refuseServerTrap(
  directory: DirectoryReader,
  host: Host,
  write: ConfigWrite,
): Promise<void> {
  if (!isUnder(write.dn, 'cn=config')) return;
  const kinds = ['olcGlobal', 'olcDatabaseConfig', 'olcOverlayConfig'];
  const filter = `(|${kinds.map((kind) => `(objectClass=${kind})`).join('')})`;
  const entries = await directory.search({ base: 'cn=config', filter });
  const trap = serverTrap({ entries, listeners: await listenerUrls(directory), host }, write);
  if (trap) throw refusal(host.name, trap);
}

/** What an act does to cn=config. */
export function configWriteOf(act: Act): ConfigWrite {
  if (act.act === 'modify') return act;
  const mods = Object.entries(act.attributes).map(([attribute, values]) => {
    return { op: 'add', attribute, values } as const;
  });
  return { dn: act.dn, mods };
}

function refusal(where: string, { fact, next }: Trap): ActionError {
  return new ActionError(`${where}: ${fact}`, { next });
}
