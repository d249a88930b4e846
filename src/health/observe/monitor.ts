/** What cn=monitor says of each agreement: olmSyncReplInstance of 2.5 and later. */
import type { DirectoryReader, Entry } from '../../engine/ports.ts';
import { valuesOf } from '../../ldap/config-names.ts';
import { isUnder } from '../../ldap/dn.ts';
import { parseGeneralizedTime } from '../../ldap/generalized-time.ts';
import type { MonitorFacts } from '../facts.ts';

/** By RID as three digits. Rejects where there is no cn=monitor. */
export async function readMonitor(directory: DirectoryReader): Promise<ReadonlyMap<string, MonitorFacts>> {
  const [top] = await directory.search({ base: 'cn=Monitor', scope: 'base', attributes: ['1.1'] });
  if (!top) throw new Error('there is no cn=monitor: load back_monitor and add its database');
  const databases = await directory.search({
    base: 'cn=Databases,cn=Monitor',
    scope: 'one',
    attributes: ['namingContexts'],
  });
  const entries = await directory.search({
    base: 'cn=Databases,cn=Monitor',
    filter: '(objectClass=olmSyncReplInstance)',
    attributes: [
      'olmSRConnection',
      'olmSRSyncPhase',
      'olmSRNextConnect',
      'olmSRLastConnect',
      'olmSRLastContact',
      'olmSRLastCookieRcvd',
    ],
  });
  return new Map(entries.flatMap((entry) => factsOf(entry, databases)).map((facts) => [facts.rid, facts]));
}

function factsOf({ dn, attributes }: Entry, databases: readonly Entry[]): MonitorFacts[] {
  const rid = /^cn=Consumer (\d{3}),/i.exec(dn)?.[1];
  if (rid === undefined) return [];
  const first = (name: string) => valuesOf(attributes, name)[0] || undefined;
  const time = (name: string) => {
    const text = first(name);
    return text === undefined ? undefined : parseGeneralizedTime(text);
  };
  const database = databases.find((one) => isUnder(dn, one.dn));
  const [suffix] = valuesOf(database?.attributes ?? {}, 'namingContexts');
  return [
    {
      rid,
      ...(suffix !== undefined && { suffix }),
      phase: first('olmSRSyncPhase') ?? '',
      connection: first('olmSRConnection'),
      nextConnect: time('olmSRNextConnect'),
      lastConnect: time('olmSRLastConnect'),
      lastContact: time('olmSRLastContact'),
      cookieReceived: first('olmSRLastCookieRcvd'),
    },
  ];
}
