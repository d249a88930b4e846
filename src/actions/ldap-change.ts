/** A change of the directory as data: what is shown, journaled and written is this one value. */
import type { Change, DiffLine, Written } from '../engine/action.ts';
import type { DirectoryWriter, Entry, Modification, WritePorts } from '../engine/ports.ts';
import { valuesOf } from '../ldap/config-names.ts';
import { isUnder } from '../ldap/dn.ts';
import { hashPassword } from '../ldap/password.ts';
import { guarded, takesSecret } from '../ldap/sensitive.ts';
import { modifyEntry } from '../ldap/whole-agreements.ts';
import { Secret, type Text } from '../secrets/secret.ts';
import { addressOf, type ServerParam } from './ldap-server.ts';
import { configWriteOf, refuseServerTrap } from './ldap-traps.ts';

/** One LDAP operation. `password` is set as the entry's own kind has it; it is hashed when it is written, since the salt is random. */
export type Act =
  | {
      readonly act: 'add';
      readonly dn: string;
      readonly attributes: TextsByName;
      readonly password: Secret | null;
    }
  | {
      readonly act: 'modify';
      readonly dn: string;
      readonly mods: readonly Mod[];
      readonly password: Secret | null;
      /** The password is added to those that are stored. */
      readonly beside?: true;
    };

type TextsByName = { readonly [name: string]: readonly Text[] };
type Mod = { readonly op: Modification['op']; readonly attribute: string; readonly values: readonly Text[] };

/** A database keeps the password of its rootDN, any other entry its own. */
export function passwordAttribute(dn: string): 'olcRootPW' | 'userPassword' {
  return isUnder(dn, 'cn=config') ? 'olcRootPW' : 'userPassword';
}

/** Adds an entry. */
export function addChange(dn: string, attributes: TextsByName, password: Secret | null = null): Change {
  const lines: DiffLine[] = Object.entries(attributes).flatMap(([name, values]) => shown('+', name, values));
  if (password) lines.push({ op: '+', text: `${passwordAttribute(dn)}: ${password}` });
  const data: Act = { act: 'add', dn, attributes, password };
  return { what: dn, lines, data };
}

/** Modifies an entry; `entry` is what is there now, for the lines of what a replace or a delete takes away. */
export function modifyChange(
  dn: string,
  modifications: readonly Modification[],
  entry: Entry | undefined,
  password: Secret | null = null,
  beside = false,
): Change {
  const lines: DiffLine[] = entry ? [] : [{ op: ' ', text: 'the entry is not there yet' }];
  for (const { op, attribute, values } of modifications) {
    const stored = valuesOf(entry?.attributes ?? {}, attribute);
    const whole = op === 'replace' || (op === 'delete' && values.length === 0);
    const old = takesSecret(attribute, modifications)
      ? stored.map((value) => new Secret(`stored ${attribute}`, value))
      : stored;
    if (whole) lines.push(...shown('-', attribute, old));
    else if (op === 'delete') lines.push(...shown('-', attribute, values));
    if (op !== 'delete') lines.push(...shown('+', attribute, values));
  }
  if (password) lines.push({ op: '+', text: `${passwordAttribute(dn)}: ${password}` });
  const mods = modifications.map(({ op, attribute, values }): Mod => ({ op, attribute, values }));
  const data: Act = { act: 'modify', dn, mods, password, ...(beside && { beside }) };
  return { what: dn, lines, data };
}

function shown(op: '+' | '-', attribute: string, values: readonly Text[]): DiffLine[] {
  return values.map((value) => ({ op, text: `${attribute}: ${plainly(guarded(attribute, value))}` }));
}

/** A value that was put together shows all but the secrets in it. */
function plainly(value: Text): string {
  if (typeof value === 'string' || value.pieces.length === 0) return String(value);
  return value.pieces.map(String).join('');
}

/** Carries out changes made above, in their order, each as one operation. */
export async function writeChanges(
  ports: WritePorts,
  server: ServerParam | undefined,
  changes: readonly Change[],
): Promise<Written> {
  const directory = await ports.directory(addressOf(server));
  for (const change of changes) {
    // `data` is only ever made by the two functions above.
    const act = change.data as Act;
    await refuseServerTrap(directory, ports.host, configWriteOf(act));
    await writeAct(directory, act);
  }
  return {};
}

async function writeAct(directory: DirectoryWriter, act: Act): Promise<void> {
  const hashed = act.password ? [hashPassword(act.password)] : [];
  if (act.act === 'add') {
    const password = hashed.length > 0 && { [passwordAttribute(act.dn)]: hashed };
    return await directory.add(act.dn, { ...act.attributes, ...password });
  }
  const op = act.beside ? 'add' : 'replace';
  const password: Modification[] =
    hashed.length > 0 ? [{ op, attribute: passwordAttribute(act.dn), values: hashed }] : [];
  await modifyEntry(directory, act.dn, [...act.mods, ...password]);
}

/** Removes the entries that the changes name. */
export async function removeEntries(
  ports: WritePorts,
  server: ServerParam | undefined,
  changes: readonly Change[],
): Promise<Written> {
  const directory = await ports.directory(addressOf(server));
  for (const { what: dn } of changes) {
    await refuseServerTrap(directory, ports.host, { dn });
    await directory.remove(dn);
  }
  return {};
}
