/** Lines of slapd's log that tell of something. */
import type { Breakage } from './breakage.ts';
import { healthySite, withLog } from './site.ts';

export const BROKEN_LOGS: readonly Breakage[] = [
  ...(
    [
      [
        'newer-than-provider',
        'critical',
        'syncprov_op_search: consumer sid 0x001 state 2026 is newer than provider 0x002 state 2025',
      ],
      [
        'schema-refused',
        'critical',
        'syncrepl_message_to_entry: rid=001 mods check (objectClass: value #2 invalid per syntax)',
      ],
      ['uuid-not-unique', 'critical', 'syncrepl_entry: rid=001 entryUUID is not unique'],
      ['write-conflict', 'warning', 'dn_callback : new entry is older than ours uid=a ours 2026, new 2025'],
      [
        'delta-lost-sync',
        'warning',
        'do_syncrep2: rid=001 delta-sync lost sync on (reqStart=1,cn=accesslog), switching to REFRESH',
      ],
      ['cookie-lacks-sid', 'info', 'syncprov_op_search: consumer cookie is missing a csn we track'],
      ['csn-too-old', 'info', 'do_syncrep2: rid=001 CSN too old, ignoring 2026 (uid=a)'],
    ] as const
  ).map(
    ([code, severity, text]): Breakage => ({
      code,
      when: 'slapd wrote so',
      site: () => withLog(healthySite(), 'ldap2', text, text),
      severity,
      where: ['ldap2'],
      what: `wrote, 2 times within a day: ${text}`,
    }),
  ),
];
