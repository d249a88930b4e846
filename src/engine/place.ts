/** Where in the world an act leaves its mark, or a look takes its answer from: what a plan reasons with. Pure. */

/**
 * A place on one host, or (`*`) on every host. The path goes from the wide to the narrow, and a place includes all that is below
 * it: `[]` is anything at all, `['files', 'etc']` all of /etc. `only`: what stands right there, without what is below.
 */
export interface Place {
  readonly host: string;
  readonly path: readonly string[];
  readonly only?: true;
  /** Attributes of the entries there, lower case; all of them when absent. */
  readonly attributes?: readonly string[];
}

export const EVERYWHERE: Place = { host: '*', path: [] };

export function anythingOn(host: string): Place {
  return { host, path: [] };
}

/** A file or directory and all below it. `path` is absolute. */
export function filesAt(host: string, path: string): Place {
  return { host, path: ['files', ...path.split('/').filter(Boolean)] };
}

export function unitOn(host: string, name: string): Place {
  return { host, path: ['units', name.replace(/\.service$/, '')] };
}

/** Any unit of a host. */
export function unitsOn(host: string): Place {
  return { host, path: ['units'] };
}

/** Any process of a host. */
export function processesOn(host: string): Place {
  return { host, path: ['processes'] };
}

/** Entries of the directory of a host. */
export function dataOn(host: string): Place {
  return { host, path: ['data'] };
}

/** Data goes where replication takes it, so it is on every host. */
export const DATA: Place = dataOn('*');

export function configOn(host: string): Place {
  return { host, path: ['config'] };
}

/** May what happens at the one be seen at the other? */
export function overlap(a: Place, b: Place): boolean {
  if (a.host !== '*' && b.host !== '*' && a.host !== b.host) return false;
  const [wide, narrow] = a.path.length <= b.path.length ? [a, b] : [b, a];
  if (!wide.path.every((word, index) => word === narrow.path[index])) return false;
  if (wide.only && narrow.path.length > wide.path.length) return false;
  if (!a.attributes || !b.attributes) return true;
  return a.attributes.some((name) => b.attributes?.includes(name));
}

/** The first of `marks` that may be seen at one of `looked`. */
export function seenIn<M extends { readonly places: readonly Place[] }>(
  looked: readonly Place[],
  marks: readonly M[],
): M | undefined {
  return marks.find(({ places }) => places.some((place) => looked.some((at) => overlap(place, at))));
}
