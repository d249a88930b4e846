/** What would bring back an entry of a directory: `ldap.restore` with the values that were there. */
import type { Change, Inverse } from '../engine/action.ts';
import type { Entry, Modification } from '../engine/ports.ts';
import type { Value } from '../engine/value.ts';
import { valuesOf, withoutIndex } from '../ldap/config-names.ts';
import { applyModifications } from '../ldap/modifications.ts';
import { holdsCredentials, isSecretAttribute, keepable, takesSecret } from '../ldap/sensitive.ts';
import { Secret, type Text } from '../secrets/secret.ts';
import { type Act, passwordAttribute } from './ldap-change.ts';
import type { ServerParam } from './ldap-server.ts';

/** Who asked, and with which secrets: an old value that equals one of them may be kept by its name. */
interface Asked {
  readonly server?: ServerParam | undefined;
}

/** Of changes made by `ldap-change.ts`; `entries` is what was there before. */
export function ldapInverse(params: Asked, changes: readonly Change[], entries: readonly Entry[]): Inverse {
  const inverses = changes.map((change) => {
    const act = change.data as Act;
    if (act.act === 'add') return takenAway(params, act);
    const before = entries.find(({ dn }) => dn === act.dn) ?? entries[0];
    const password: Modification[] = act.password
      ? [{ op: 'replace', attribute: passwordAttribute(act.dn), values: [act.password] }]
      : [];
    return valuesBack(params, act.dn, [...act.mods, ...password], before);
  });
  return {
    calls: inverses.flatMap(({ calls }) => calls).reverse(),
    cannot: inverses.flatMap(({ cannot }) => cannot),
  };
}

/** The touched attributes as they were. */
export function valuesBack(
  params: Asked,
  dn: string,
  modifications: readonly Modification[],
  before: Entry | undefined,
): Inverse {
  const attributes = before?.attributes ?? {};
  const after = applyModifications(attributes, modifications);
  const given = secretsIn(params);
  const kept: Record<string, Value> = {};
  const cannot: string[] = [];
  for (const name of new Set(modifications.map(({ attribute }) => attribute))) {
    const left = valuesOf(after, name).map(withoutIndex);
    const values = valuesOf(attributes, name).map((value) =>
      keepable(name, value, given, left.includes(withoutIndex(value)), takesSecret(name, modifications)),
    );
    if (values.includes(undefined)) cannot.push(unkept(name, dn));
    else kept[name] = values as readonly Text[];
  }
  const inverse = { ...serverOf(params), dn, attributes: kept, ...handedOn(params, Object.keys(kept)) };
  const call = { action: 'ldap.restore', params: inverse };
  return { calls: Object.keys(kept).length > 0 ? [call] : [], cannot };
}

/** An entry that was added goes again, if it is still as it was written. */
function takenAway(params: Asked, act: Extract<Act, { act: 'add' }>): Inverse {
  const open = Object.entries(act.attributes).filter(([name]) => !isSecretAttribute(name));
  const written = Object.fromEntries(open);
  return {
    calls: [
      { action: 'ldap.restore', params: { ...serverOf(params), dn: act.dn, state: 'absent', written } },
    ],
    cannot: [],
  };
}

/** An entry that was removed comes back with all it had, or not at all: one without its password serves nobody. */
export function entryBack(params: Asked, entry: Entry): Inverse {
  const given = secretsIn(params);
  const kept: Record<string, Value> = {};
  const cannot: string[] = [];
  for (const [name, stored] of Object.entries(entry.attributes)) {
    const values = stored.map((value) => keepable(name, value, given, false));
    if (values.includes(undefined)) cannot.push(unkept(name, entry.dn));
    else kept[name] = values as readonly Text[];
  }
  if (cannot.length > 0) return { calls: [], cannot };
  const inverse = { ...serverOf(params), dn: entry.dn, state: 'entry', attributes: kept };
  return { calls: [{ action: 'ldap.restore', params: inverse }], cannot: [] };
}

function unkept(attribute: string, dn: string): string {
  return (
    `${attribute} of ${dn}: the old value is a secret or no text, and is not kept; ` +
    'look for it in a back-up (slapcat) from before this run'
  );
}

function serverOf({ server }: Asked): { readonly [key: string]: Value } {
  if (server === undefined) return {};
  const given = Object.entries(server).filter(([, value]) => value !== undefined);
  return { server: Object.fromEntries(given) as { readonly [key: string]: Value } };
}

/** For the undo of the undo: the secrets that the restored values may be known by. */
function handedOn({ server: _server, ...params }: Asked, attributes: readonly string[]): { given?: Value } {
  const names = new Map(secretsIn(params).map((secret) => [secret.name, secret]));
  const given = [...names.values()].filter(({ pieces }) => pieces.length === 0);
  return given.length > 0 && attributes.some(holdsCredentials) ? { given } : {};
}

function secretsIn(value: unknown): readonly Secret[] {
  if (value instanceof Secret) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}
