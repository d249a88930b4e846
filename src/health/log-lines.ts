/** What slapd says of its agreements in its log (syncrepl.c of 2.4 to 2.6). */
import type { LogLine } from './facts.ts';

export interface LinkError {
  /** Milliseconds since the epoch, of the consumer's clock. */
  readonly at: number;
  /** LDAP result code, or a negative one of libldap. */
  readonly rc: number;
  /** slapd has stopped trying. */
  readonly gaveUp: boolean;
  /** Tries that are left before the pause gets longer; undefined where they are endless. */
  readonly left: number | undefined;
  /** In our words, with the code. */
  readonly text: string;
}

/** Of an agreement of its own: in lines of syncprov the RID is one of the consumer. */
const RID = /\b(?:do_)?syncrep\w*: rid=(\d{3})\b/;
const FAILED = /\bdo_syncrepl: rid=\d{3} rc (-?\d+) (retrying|quitting)/;
/** The provider ended the search; what follows is the rc -101 of FAILED, which says nothing. */
const ENDED = /\bLDAP_RES_SEARCH_RESULT \((\d+)\)/;

export function ridOfLine({ text }: LogLine): string | undefined {
  return RID.exec(text)?.[1];
}

/** The last word of the log on one agreement; undefined when it has none, or when the last one is no error. */
export function lastError(lines: readonly LogLine[], rid: string): LinkError | undefined {
  const own = lines.filter((line) => ridOfLine(line) === rid);
  const line = own.at(-1);
  const found = line && FAILED.exec(line.text);
  if (!line || !found) return undefined;
  const before = ENDED.exec(own.at(-2)?.text ?? '')?.[1];
  const rc = Number(found[1]) === -101 && before !== undefined ? Number(before) : Number(found[1]);
  const [, left] = /\((\d+) retries left\)/.exec(line.text) ?? [];
  return {
    at: line.at,
    rc,
    gaveUp: found[2] === 'quitting',
    left: left === undefined ? undefined : Number(left),
    text: `${meaningOf(rc)} (${rc})`,
  };
}

const MEANINGS: Readonly<Record<number, string>> = {
  [-1]: 'the provider cannot be reached',
  [-2]: 'something went wrong on this side',
  [-5]: 'the provider did not answer in time',
  [-11]: 'the connection, or its TLS, could not be made',
  [-101]: 'the provider ended the search',
  4: 'the provider stopped at its size limit',
  8: 'the provider wants stronger authentication',
  12: 'the provider knows no syncprov',
  13: 'the provider wants TLS',
  32: 'the provider shows no such entry: it is not there, or the replicator may not see it',
  49: 'the password of the replicator is wrong',
  50: 'the replicator may not',
  51: 'the provider is busy',
  52: 'the provider is not available',
  53: 'the provider is unwilling: it may be older than the consumer',
  80: 'the database could not take it',
  4096: 'all entries must be compared again',
};

export function meaningOf(rc: number): string {
  return MEANINGS[rc] ?? 'it failed';
}
