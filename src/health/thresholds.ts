/** From when on something is worth a finding. docs/doctor.md tells them. */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A clock that is off by so much lets the older of two changes win, now and then. */
export const CLOCK_WARNING_MS = 100;
export const CLOCK_CRITICAL_MS = SECOND_MS;

/** Shorter than this, a server that is behind is at work. */
export const BEHIND_WARNING_MS = 30 * SECOND_MS;
export const BEHIND_CRITICAL_MS = 5 * MINUTE_MS;

/**
 * Zimbra and Carbonio write retry="60 +" into each agreement: when a server was away, the next try may be so far off, and nothing is
 * wrong until then.
 */
export const PRODUCT_RETRY_MS = 70 * SECOND_MS;

/** Without a change for so long, two servers that were read one after the other can be compared by their counts. */
export const QUIET_MS = MINUTE_MS;

/** A comparison of all entries that takes longer is one that does not come to its end. */
export const REFRESH_WARNING_MS = 10 * MINUTE_MS;

export const CANARY_SLOW_MS = 5 * SECOND_MS;

/** Shares of the map: data.mdb against olcDbMaxSize. */
export const MAP_WARNING = 0.8;
export const MAP_CRITICAL = 0.95;

const MIB = 1024 * 1024;
export const DISK_WARNING_BYTES = 500 * MIB;
export const DISK_CRITICAL_BYTES = 100 * MIB;

export const CERTIFICATE_WARNING_DAYS = 30;
export const CERTIFICATE_CRITICAL_DAYS = 7;

/** A consumer that is away for longer than the log reaches back compares all entries. */
export const LOG_KEPT_MS = DAY_MS;

/** What slapd wrote longer ago is history. */
export const LOG_RECENT_MS = DAY_MS;

/** With n masters, each change is sent n times (n - 1). */
export const MANY_MASTERS = 4;
