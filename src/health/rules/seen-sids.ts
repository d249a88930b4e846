/** Server IDs of contextCSN that belong to no server any more. */
import { csnTime, formatSid } from '../../ldap/csn.ts';
import { and } from '../words.ts';
import { type Found, type Rule, rule } from './rule.ts';

export const seenSidRules: readonly Rule[] = [
  rule({
    code: 'sid-retired',
    severity: ['info', 'warning'],
    about: 'contextCSN has a server ID that no server has any more. Harmless where it is equal everywhere.',
    why: 'it is what stays of a server that was removed; slapd never drops it',
    mends: 'Nothing to do; never give this ID to another server.',
    find: ({ sids, servers }) =>
      sids.flatMap((state): Found[] => {
        if (state.kind !== 'retired' || !state.newest) return [];
        const lacking = servers
          .filter(({ name }) => state.at.get(name)?.kind === 'behind')
          .map(({ name }) => name);
        const last = new Date(csnTime(state.newest)).toISOString().slice(0, 10);
        const what = `SID ${formatSid(state.sid)} belongs to no server any more; its last change is of ${last}`;
        if (lacking.length === 0)
          return [
            {
              where: servers.map(({ name }) => name),
              what: `${what}, and every server that was seen has it`,
            },
          ];
        return [
          {
            severity: 'warning',
            where: lacking,
            what: `${what}, and ${and(lacking)} never got it`,
            fix: 'Compare all entries with `lockstep status --deep`, and load again with openldap/reload what lacks some.',
          },
        ];
      }),
  }),
  rule({
    code: 'sid-zero-left',
    severity: 'info',
    about:
      'contextCSN has server ID 0, from changes made before the servers had IDs. Harmless where it is equal everywhere.',
    why: 'it is history, and slapd never drops it',
    mends: 'Nothing to do.',
    find: ({ sids, servers }) =>
      sids.flatMap((state) =>
        state.kind === 'zero' && state.newest
          ? [
              {
                where: servers
                  .filter(({ facts }) => 'value' in facts.csns && facts.csns.value.has(0))
                  .map(({ name }) => name),
                what: `contextCSN has SID 000, last changed ${new Date(csnTime(state.newest)).toISOString().slice(0, 10)}`,
              },
            ]
          : [],
      ),
  }),
];
