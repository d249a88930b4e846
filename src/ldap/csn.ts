/**
 * Change sequence numbers: `YYYYmmddHHMMSS.uuuuuuZ#count#sid#mod` (OpenLDAP util-int.c, ldap_pvt_csnstr). The old form
 * of 2.3 has no fraction and a server ID of two digits.
 */

export interface Csn {
  /** 14 digits, UTC. */
  readonly second: string;
  /** 0 to 999,999. */
  readonly micros: number;
  /** Changes within the same microsecond. */
  readonly count: number;
  /** Server ID, 0 to 4095. 0 is no valid ID where several masters replicate. */
  readonly sid: number;
  readonly mod: number;
}

const CSN = /^(\d{14})(?:\.(\d{1,6}))?Z#([0-9a-fA-F]{6})#([0-9a-fA-F]{2,3})#([0-9a-fA-F]{6})$/;

/** Throws an Error that quotes the text. */
export function parseCsn(text: string): Csn {
  const match = CSN.exec(text);
  if (!match) throw new Error(`"${text}" is not a CSN (YYYYmmddHHMMSS.uuuuuuZ#count#sid#mod)`);
  const [, second = '', fraction = '', count = '', sid = '', mod = ''] = match;
  return {
    second,
    micros: Number(fraction.padEnd(6, '0')),
    count: Number.parseInt(count, 16),
    sid: Number.parseInt(sid, 16),
    mod: Number.parseInt(mod, 16),
  };
}

/** The form slapd writes since 2.4. Within one SID these compare as byte strings. */
export function formatCsn(csn: Csn): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const micros = String(csn.micros).padStart(6, '0');
  return `${csn.second}.${micros}Z#${hex(csn.count, 6)}#${hex(csn.sid, 3)}#${hex(csn.mod, 6)}`;
}

/** Negative when `a` is older. Meaningful between CSNs of one SID; across SIDs it compares clocks. */
export function compareCsn(a: Csn, b: Csn): number {
  const left = formatCsn(a);
  const right = formatCsn(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Milliseconds since the epoch, whole. */
export function csnTime(csn: Csn): number {
  const part = (from: number, to: number) => Number(csn.second.slice(from, to));
  return (
    Date.UTC(part(0, 4), part(4, 6) - 1, part(6, 8), part(8, 10), part(10, 12), part(12, 14)) +
    Math.floor(csn.micros / 1000)
  );
}

/** The three hex digits by which slapd's logs and CSNs name a server. */
export function formatSid(sid: number): string {
  return sid.toString(16).padStart(3, '0');
}

/** contextCSN has one value for each SID ever seen, in no order. The newest counts if one comes twice. */
export function latestPerSid(values: readonly string[]): ReadonlyMap<number, Csn> {
  const latest = new Map<number, Csn>();
  for (const csn of values.map(parseCsn)) {
    const known = latest.get(csn.sid);
    if (!known || compareCsn(known, csn) < 0) latest.set(csn.sid, csn);
  }
  return new Map([...latest].sort(([a], [b]) => a - b));
}
