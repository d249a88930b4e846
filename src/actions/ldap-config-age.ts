/** `ldap.config-age`: when was cn=config last changed? For deciding whether a restart is due. */
import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import type { Entry } from '../engine/ports.ts';
import { valuesOf } from '../ldap/config-names.ts';
import { csnTime, parseCsn } from '../ldap/csn.ts';
import { formatGeneralizedTime, parseGeneralizedTime } from '../ldap/generalized-time.ts';
import { ActionError } from './action-error.ts';
import { addressOf, serverParam } from './ldap-server.ts';
import { once } from './patience-fields.ts';

const params = z.strictObject({ server: serverParam.optional() });

type Params = z.infer<typeof params>;

/** `result`: { changed: ms since the epoch, time: GeneralizedTime, dn } of the entry that changed last, by that server's clock. */
export const ldapConfigAge: GateAction<Params, readonly Entry[]> = {
  kind: 'gate',
  name: 'ldap.config-age',
  about: 'Reads when the configuration of a directory was last changed.',
  params,
  patience: once,
  async read({ server }, ports) {
    const directory = await ports.directory(addressOf(server));
    const entries = await directory.search({
      base: 'cn=config',
      attributes: ['modifyTimestamp', 'entryCSN'],
    });
    if (entries.length > 0) return entries;
    throw new ActionError(`${ports.host.name}: cn=config cannot be read`, {
      next: 'Bind as an account that may: root over ldapi.',
    });
  },
  lacking: () => undefined,
  result: (_, entries) => {
    const [newest] = entries
      .map((entry) => ({ dn: entry.dn, at: changedAt(entry) }))
      .sort((a, b) => b.at - a.at);
    const changed = newest?.at ?? 0;
    return { changed, time: formatGeneralizedTime(changed), dn: newest?.dn ?? '' };
  },
};

/** entryCSN has microseconds, modifyTimestamp whole seconds; built-in entries have neither. */
function changedAt(entry: Entry): number {
  const csns = valuesOf(entry.attributes, 'entryCSN').map((text) => csnTime(parseCsn(text)));
  const stamps = valuesOf(entry.attributes, 'modifyTimestamp').map((text) => parseGeneralizedTime(text) ?? 0);
  return Math.max(0, ...csns, ...stamps);
}
