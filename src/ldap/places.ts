/** Where in the world a search looks and a change of the directory is seen: what plans reason with. */
import { anythingOn, DATA, dataOn, type Place } from '../engine/place.ts';
import type { Search } from '../engine/ports.ts';
import { attributeKey } from './config-names.ts';
import { formatDn, isUnder, normaliseDn, parseDn } from './dn.ts';

/** Where a search takes its answer from. The rootDSE, the schema and cn=monitor tell of anything on their host. */
export function searchPlaces(host: string, { base, scope, filter, attributes }: Search): readonly Place[] {
  if (!isConfig(base)) return [isDn(base) ? dataOn(host) : anythingOn(host)];
  const names = [...(attributes ?? ['*']), ...filterAttributes(filter)].map(attributeKey);
  const all = names.some((name) => name === '*' || name === '+');
  return [
    {
      host,
      path: configPath(base),
      ...(scope === 'base' && { only: true }),
      ...(!all && { attributes: names }),
    },
  ];
}

/** These attributes of that entry: what an action that compares no others reads or touches. */
export function entryPlace(host: string, dn: string, attributes?: readonly string[]): Place {
  if (!isConfig(dn)) return dataOn(host);
  const names = attributes && { attributes: attributes.map(attributeKey) };
  return { host, path: configPath(dn), only: true, ...names };
}

/** An entry and all that is below it. */
export function belowPlace(host: string, dn: string): Place {
  return isConfig(dn) ? { host, path: configPath(dn) } : dataOn(host);
}

/** What slapd writes itself with every change of an entry. */
export const STAMPS: readonly string[] = ['modifyTimestamp', 'modifiersName', 'entryCSN'];

/** Where a change of an entry may be seen. A server's data is seen through its configuration: limits, rules, overlays. */
export function touchedPlaces(host: string, dn: string, attributes?: readonly string[]): readonly Place[] {
  // Data goes to every server that replicates it.
  if (!isConfig(dn)) return [DATA];
  return [entryPlace(host, dn, attributes && [...attributes, ...STAMPS]), dataOn(host)];
}

function isDn(text: string): boolean {
  return text !== '' && !isBelow(text, 'cn=monitor') && !isBelow(text, 'cn=subschema');
}

function isConfig(dn: string): boolean {
  return isBelow(dn, 'cn=config');
}

function isBelow(dn: string, ancestor: string): boolean {
  try {
    return isUnder(dn, ancestor);
  } catch {
    return false;
  }
}

/** From the root of the tree to the entry. */
function configPath(dn: string): readonly string[] {
  const names = parseDn(normaliseDn(dn)).map((rdn) => formatDn([rdn]));
  return ['config', ...names.reverse()];
}

/** The attributes that an RFC 4515 filter asks about. */
function filterAttributes(filter: string | undefined): readonly string[] {
  return [...(filter ?? '').matchAll(/\(\s*([A-Za-z][\w.-]*)[\w;-]*\s*(?:[~<>]?=|:)/g)].map(
    ([, name]) => name ?? '',
  );
}
