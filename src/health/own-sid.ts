import { isOwnUrl } from '../ldap/listeners.ts';
import { parseServerId, readServerIds, type ServerId } from '../ldap/server-id.ts';
import type { ConfigFacts, Installation, Seen } from './facts.ts';

/** The server ID that slapd uses for its own changes. It cannot be read as such. */
export type OwnSid =
  | { readonly kind: 'known'; readonly id: number; readonly form: 'number' | 'url' | 'default' }
  /** The URL form, and slapd would not start with it: none of its URLs is a listener, or several are. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

export function ownSid(config: Seen<ConfigFacts>, installation: Seen<Installation>): OwnSid {
  if ('unknown' in config) return { kind: 'unknown', why: config.unknown };
  const { serverIds } = config.value;
  try {
    const ids = readServerIds(serverIds);
    if (ids.kind === 'none') return { kind: 'known', id: 0, form: 'default' };
    if (ids.kind === 'plain') return { kind: 'known', id: ids.id, form: 'number' };
    if ('unknown' in installation) return { kind: 'unknown', why: installation.unknown };
    return byUrl(ids.ids, installation.value);
  } catch (error) {
    return { kind: 'unknown', why: error instanceof Error ? error.message : String(error) };
  }
}

function byUrl(ids: readonly ServerId[], { listeners, fqdn }: Installation): OwnSid {
  if (listeners.length === 0) return { kind: 'unknown', why: 'its listeners are not known' };
  const own = ids.filter(({ url }) => url !== undefined && isOwnUrl(url, listeners, [fqdn]));
  const [first] = own;
  if (own.length === 1 && first) return { kind: 'known', id: first.id, form: 'url' };
  const urls = (own.length > 1 ? own : ids).map(({ id, url }) => `${id} ${url ?? ''}`.trim()).join(', ');
  const matching = own.length > 1 ? 'more than one is' : 'none is';
  return { kind: 'refused', why: `of olcServerID ${urls}, ${matching} a listener (${listeners.join(' ')})` };
}

/** IDs that the URL form gives to more than one URL; slapd takes that without a word. */
export function idsGivenTwice(values: readonly string[]): readonly number[] {
  const ids = values.flatMap((value) => {
    try {
      return [parseServerId(value).id];
    } catch {
      return [];
    }
  });
  return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
}
