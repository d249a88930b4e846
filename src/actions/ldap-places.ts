import type { Change } from '../engine/action.ts';
import { configOn, DATA, type Place } from '../engine/place.ts';
import { judgedWith } from '../ldap/config-traps.ts';
import { entryPlace, touchedPlaces } from '../ldap/places.ts';
import { type Act, passwordAttribute } from './ldap-change.ts';

/** Where changes of the directory may be seen; anywhere in it while they are not known. */
export function touchedByActs(host: string, changes: readonly Change[] | undefined): readonly Place[] {
  if (!changes) return [configOn(host), DATA];
  return changes.flatMap((change) => {
    const act = change.data as Act | null;
    // An entry that goes takes all with it.
    if (!act) return touchedPlaces(host, change.what);
    const names =
      act.act === 'add' ? Object.keys(act.attributes) : act.mods.map(({ attribute }) => attribute);
    return touchedPlaces(host, act.dn, act.password ? [...names, passwordAttribute(act.dn)] : names);
  });
}

/** The attributes that are compared, of one entry, and those by which the change is judged. */
export function comparedIn(
  host: string,
  dn: string,
  ...wanted: readonly (object | undefined)[]
): readonly Place[] {
  const names = wanted.flatMap((one) => Object.keys(one ?? {}));
  return [entryPlace(host, dn, [...names, ...judgedWith(names)])];
}
