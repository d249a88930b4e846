import { lackingSids } from '../../ldap/convergence.ts';
import type { ServerFacts, SiteFacts } from '../facts.ts';
import { behindKey } from '../sids.ts';

type Since = SiteFacts['behindSince'];

/** Of those who are behind, since when that is known: who is seen so for the first time is not among them. */
export function behindSince(site: Pick<SiteFacts, 'servers' | 'target'>, before: Since): Since {
  return new Map(
    behind(site, before).flatMap((key) => {
      const at = before.get(key);
      return at === undefined ? [] : [[key, at]];
    }),
  );
}

/** What the next look must know: those who are behind, since now where it was not known before. */
export function rememberedBehind(site: SiteFacts): Since {
  return new Map(behind(site, site.behindSince).map((key) => [key, site.behindSince.get(key) ?? site.at]));
}

/** `host SID` of each; a server that could not be asked is not known to have caught up. */
function behind(
  { servers, target }: Pick<SiteFacts, 'servers' | 'target'>,
  before: Since,
): readonly string[] {
  return servers.flatMap(({ host, csns }: ServerFacts) =>
    'unknown' in csns
      ? [...before.keys()].filter((key) => key.startsWith(`${host} `))
      : lackingSids({ host, csns: csns.value }, target).map((sid) => behindKey(host, sid)),
  );
}
