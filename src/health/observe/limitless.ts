/**
 * A directory whose limits do not keep root from seeing all of a tree: Debian's slapd stops everybody but the rootDN at 500
 * entries, whatever the paging. What is stopped is read by slapcat, which no limit and no access rule binds.
 */
import { gunzipSync } from 'node:zlib';
import type { DirectoryReader, Entry, Search } from '../../engine/ports.ts';
import { LdapError } from '../../ldap/ldap-error.ts';
import { type Asked, ask } from './ask.ts';
import { SLAPD_PATH } from './slapd-path.ts';

/** timeLimitExceeded, sizeLimitExceeded, adminLimitExceeded. */
const LIMITS: readonly number[] = [3, 4, 11];

/** `conf`: the configuration directory; without it there is no slapcat. */
export function limitless(
  directory: DirectoryReader,
  ports: Asked,
  conf: string | undefined,
): DirectoryReader {
  const stopped = new Set<string>();
  const keyOf = ({ base, filter, attributes }: Search) => JSON.stringify([base, filter, attributes]);
  return {
    async search(search) {
      if (conf === undefined || search.scope === 'base') return await directory.search(search);
      if (!stopped.has(keyOf(search))) {
        try {
          return await directory.search(search);
        } catch (error) {
          if (!(error instanceof LdapError) || !LIMITS.includes(error.failure.code)) throw error;
          stopped.add(keyOf(search));
        }
      }
      return await dump(search, ports, conf);
    },
  };
}

/**
 * An online dump is one snapshot (slapcat(8), mdb). The last line says that slapcat came to its end. Packed, since a probe
 * hands on 16 MiB: so some 400,000 entries have room, where 100,000 had.
 */
const SCRIPT = `${SLAPD_PATH}
set -- -F "$LOCKSTEP_CONF" -b "$LOCKSTEP_SUFFIX" -o ldif-wrap=no
[ -z "$LOCKSTEP_FILTER" ] || set -- "$@" -a "$LOCKSTEP_FILTER"
{ slapcat "$@" && echo "# whole"; } | awk -v names="$LOCKSTEP_NAMES" '
  /^dn:/ { n++; dn = $0; uuid = csn = "" }
  /^entryUUID: / { uuid = $2 }
  /^entryCSN: / { csn = $2 }
  /^$/ { if (dn != "" && names != "") print uuid "\\t" csn "\\t" dn; dn = "" }
  /^# whole$/ { print "whole " n + 0 }' | gzip -1 | base64
`;

const PATIENCE_MS = 120_000;

async function dump(
  { base, filter, attributes = [] }: Search,
  ports: Asked,
  conf: string,
): Promise<readonly Entry[]> {
  const names = attributes.includes('entryUUID');
  const env = {
    LOCKSTEP_CONF: conf,
    LOCKSTEP_SUFFIX: base,
    LOCKSTEP_FILTER: filter ?? '',
    LOCKSTEP_NAMES: names ? 'yes' : '',
  };
  const printed = await ask(ports, 'slapcat', { script: SCRIPT, env, timeoutMs: PATIENCE_MS });
  const lines = unpacked(printed, base).trimEnd().split('\n');
  const [, whole] = /^whole (\d+)$/.exec(lines.at(-1) ?? '') ?? [];
  if (whole === undefined) throw new Error(`slapcat of ${base} did not come to its end`);
  // Only their number is asked for: nobody needs their names.
  if (!names) return Array.from({ length: Number(whole) }, () => ({ dn: '', attributes: {} }));
  return lines.slice(0, -1).map(parseLine);
}

function unpacked(printed: string, base: string): string {
  try {
    return gunzipSync(Buffer.from(printed, 'base64')).toString('utf8');
  } catch (error) {
    const why = 'it is too large for what a host hands on, or was cut off';
    throw new Error(`slapcat of ${base} cannot be read: ${why}`, { cause: error });
  }
}

function parseLine(line: string): Entry {
  const [uuid = '', csn = '', name = ''] = line.split('\t');
  const [, encoded, text = ''] = /^dn:(:?) *(.*)$/.exec(name) ?? [];
  const dn = encoded === ':' ? Buffer.from(text, 'base64').toString('utf8') : text;
  return { dn, attributes: { entryUUID: [uuid], entryCSN: [csn] } };
}
