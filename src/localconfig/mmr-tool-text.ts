/**
 * What the products' tools print about multi-master replication: `zmldapmmrtool -q` of 8.0.7 to 8.6 (A) and since 8.7, Carbonio's
 * included (B), and `zmldapquery-mmr` of 8.0.0 to 8.0.6. Pure. Their exit codes say nothing: most of this comes with 0.
 */

export interface ToldAgreement {
  readonly rid: number;
  /** As it is written in cn=config, with or without a slash at its end. */
  readonly provider: string;
  /** The word starttls of the agreement, empty where it has none; undefined where the tool does not tell it. */
  readonly tls: string | undefined;
}

export type Told =
  | {
      readonly kind: 'agreements';
      /** The first of olcServerID; undefined where the tool does not tell it (generation A). */
      readonly serverId: number | undefined;
      /** In the order of olcSyncrepl. None: not replicating yet, or, from generation A, no master of several. */
      readonly agreements: readonly ToldAgreement[];
    }
  /** No server ID, so no multi-master server. */
  | { readonly kind: 'not-multi-master' }
  /** ldap_is_master is not true there: `zmldapmmrtool` prints its usage then, and hides why. */
  | { readonly kind: 'not-a-master' }
  /** The package with slapd is not installed. */
  | { readonly kind: 'no-openldap' }
  /** Anything else; `line` is the first that was not understood. */
  | { readonly kind: 'unreadable'; readonly line: string };

const AGREEMENT = /^rid: *(\d+) +URI: *(\S+)(?: +TLS: *(\S*))?$/;
const SERVER_ID = /^(?:Master Server ID|ServerID): *(\d+)$/;
const HEADING =
  /^(?:Server information|Master replication information|Master replica \d+|Master replication agreement: \d+|)$/;

/** Lines that are all that a tool has to say. */
const VERDICTS: readonly (readonly [RegExp, Told['kind']])[] = [
  [/^Error: No Server ID found\./, 'not-multi-master'],
  [/^Error: Not a multi-master\.$/, 'not-multi-master'],
  [/^Not a master\.$/, 'not-a-master'],
  [/zmldapmmrtool \[-q\]/, 'not-a-master'],
  [/^ERROR: openldap does not appear to be installed/, 'no-openldap'],
];

/** From what the tool printed on stdout and, for its usage, stderr. Never throws. */
export function parseMmrTool(printed: string): Told {
  let serverId: number | undefined;
  const agreements: ToldAgreement[] = [];
  for (const raw of printed.split('\n')) {
    const line = raw.trim();
    const verdict = VERDICTS.find(([pattern]) => pattern.test(line))?.[1];
    if (verdict && verdict !== 'agreements' && verdict !== 'unreadable') return { kind: verdict };
    const [, id] = SERVER_ID.exec(line) ?? [];
    const [, rid, provider, tls] = AGREEMENT.exec(line) ?? [];
    if (id !== undefined) serverId = Number(id);
    else if (rid !== undefined && provider !== undefined)
      agreements.push({ rid: Number(rid), provider, tls });
    else if (!HEADING.test(line) && line !== 'Error: No sync replication entries found')
      return { kind: 'unreadable', line };
  }
  return { kind: 'agreements', serverId, agreements };
}
