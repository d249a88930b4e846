/** Does a product's own tool see the replication that cn=config has? Pure. */
import { sameLdapUrl } from '../ldap/ldap-url.ts';
import type { Told } from './mmr-tool-text.ts';

/** What cn=config has, as far as the tools tell it. */
export interface Configured {
  readonly serverIds: readonly string[];
  readonly multiProvider: boolean;
  /** `starttls` is the word of the agreement, empty where it has none. */
  readonly agreements: readonly {
    readonly rid: number;
    readonly provider: string;
    readonly starttls: string;
  }[];
}

/** In words how they differ; undefined where they do not. A slash at the end of a URL is no difference. */
export function howToolDiffers(told: Told, config: Configured): string | undefined {
  switch (told.kind) {
    case 'no-openldap':
      return 'the tool sees no slapd here';
    case 'unreadable':
      return `the tool says "${told.line}"`;
    case 'not-multi-master':
      return config.serverIds.length === 0 ? undefined : 'the tool sees no server ID';
    case 'not-a-master':
      return config.multiProvider
        ? 'ldap_is_master is not true, so the tool takes it for no master'
        : undefined;
    case 'agreements':
      return firstDifference(told, config);
  }
}

function firstDifference(
  told: Extract<Told, { kind: 'agreements' }>,
  config: Configured,
): string | undefined {
  const { serverId, agreements } = told;
  if (serverId !== undefined && String(serverId) !== config.serverIds[0])
    return `the tool sees server ID ${serverId}, cn=config has ${config.serverIds.join(', ') || 'none'}`;
  if (agreements.length !== config.agreements.length)
    return `the tool sees ${agreements.length} agreements, cn=config has ${config.agreements.length}`;
  const odd = config.agreements.find(
    (one) =>
      !agreements.some(
        ({ rid, provider, tls }) =>
          rid === one.rid && sameLdapUrl(provider, one.provider) && (tls ?? one.starttls) === one.starttls,
      ),
  );
  return odd && `the tool sees rid ${odd.rid} otherwise than cn=config, where it is from ${odd.provider}`;
}
