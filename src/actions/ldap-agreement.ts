/** `ldap.agreement`: this server pulls from that provider; olcSyncrepl and olcMultiProvider in one modify. */
import type { Change, ChangeAction, DiffLine } from '../engine/action.ts';
import { configOn, DATA } from '../engine/place.ts';
import type { DirectoryReader, Entry } from '../engine/ports.ts';
import {
  type AgreementPlan,
  agreementModifications,
  type Consumer,
  duplicateRids,
  formatRid,
  nameOf,
  planAbsent,
  planPresent,
} from '../ldap/agreement.ts';
import { parseBoolean, valuesOf } from '../ldap/config-names.ts';
import { sameDn } from '../ldap/dn.ts';
import { readListeners, servesItself } from '../ldap/listeners.ts';
import { touchedPlaces } from '../ldap/places.ts';
import { definedNames } from '../ldap/schema-names.ts';
import { parseSyncrepl, ridOf, type Syncrepl, sameAgreement, showSyncrepl } from '../ldap/syncrepl.ts';
import { ActionError } from './action-error.ts';
import { type AgreementParams, agreementParams, syncreplOf } from './ldap-agreement-params.ts';
import { valuesBack } from './ldap-inverse.ts';
import { addressOf } from './ldap-server.ts';

interface Facts {
  readonly host: string;
  /** The entry of the database. */
  readonly own: Entry;
  readonly consumer: Consumer;
  readonly suffix: string;
  readonly hasRootDn: boolean;
  /** Every agreement of the server, all databases; credentials are Secrets. */
  readonly onServer: readonly Syncrepl[];
  readonly isItself: boolean;
}

/** What `result` gives: { rid } of the agreement, null when absent. */
export const ldapAgreement: ChangeAction<AgreementParams, Facts> = {
  kind: 'change',
  name: 'ldap.agreement',
  about: 'Makes a database pull from a provider, or stop it.',
  proof: 'readback',
  params: agreementParams,
  reads: (host) => [
    {
      ...configOn(host),
      attributes: ['olcsuffix', 'olcrootdn', 'olcsyncrepl', 'olcmultiprovider'],
    },
  ],
  // From then on this server's data is what the others hold.
  touches: (host, params) => [
    ...(params
      ? touchedPlaces(host, params.database, ['olcSyncrepl', 'olcMultiProvider'])
      : [configOn(host)]),
    DATA,
  ],
  async read(params, ports) {
    const directory = await ports.directory(addressOf(params.server));
    const host = ports.host.name;
    const database = await readDatabases(directory);
    const own = database.find((entry) => sameDn(entry.dn, params.database));
    if (!own) {
      throw new ActionError(`${host}: there is no database ${params.database}`, {
        next: 'Search cn=config for (olcSuffix=…): its number differs between systems.',
      });
    }
    const [schema] = await directory.search({
      base: 'cn=schema,cn=config',
      scope: 'base',
      attributes: ['olcAttributeTypes'],
    });
    const names = definedNames(valuesOf(schema?.attributes ?? {}, 'olcAttributeTypes'));
    const { attributes } = own;
    return {
      host,
      own,
      consumer: {
        syncrepls: valuesOf(attributes, 'olcSyncrepl').map(parseSyncrepl),
        multiProvider: parseBoolean(valuesOf(attributes, 'olcMultiProvider')[0]) === true,
        switchName: names.includes('olcmultiprovider') ? 'olcMultiProvider' : 'olcMirrorMode',
      },
      suffix: valuesOf(attributes, 'olcSuffix')[0] ?? '',
      hasRootDn: valuesOf(attributes, 'olcRootDN').length > 0,
      onServer: database.flatMap((entry) => valuesOf(entry.attributes, 'olcSyncrepl').map(parseSyncrepl)),
      isItself: servesItself(params.provider, ports.host, await readListeners(directory)),
    };
  },
  diff(params, facts) {
    const plan = planOf(params, facts);
    const modifications = agreementModifications(plan, facts.consumer.switchName);
    return modifications.length === 0 ? [] : [changeOf(params.database, facts, plan)];
  },
  async write(params, changes, ports) {
    const directory = await ports.directory(addressOf(params.server));
    for (const change of changes) {
      // Positions shift: whoever changed the list since it was approved, the plan must come out the same.
      const facts = await this.read(params, ports);
      const plan = planOf(params, facts);
      if (changeKey(changeOf(params.database, facts, plan)) !== changeKey(change)) {
        throw new ActionError(
          `${facts.host}: the agreements of ${params.database} changed after this step was shown`,
          {
            next: 'Run the step again and look at its new difference.',
          },
        );
      }
      await directory.modify(params.database, agreementModifications(plan, facts.consumer.switchName));
    }
    return {};
  },
  result(params, facts) {
    const found = facts.consumer.syncrepls.find((one) =>
      sameAgreement(one, syncreplOf(params, facts.suffix)),
    );
    return { rid: found ? ridOf(found) : null };
  },
  undo: {
    about:
      'The agreements and the switch of the database are as they were. The password of an agreement that was removed or ' +
      'replaced is not kept, unless it is the secret that the step was given.',
    inverse(params, _changes, facts) {
      const modifications = agreementModifications(planOf(params, facts), facts.consumer.switchName);
      return valuesBack(params, params.database, modifications, facts.own);
    },
  },
};

async function readDatabases(directory: DirectoryReader) {
  return await directory.search({
    base: 'cn=config',
    filter: '(objectClass=olcDatabaseConfig)',
    attributes: ['olcSuffix', 'olcRootDN', 'olcSyncrepl', 'olcMultiProvider', 'olcMirrorMode'],
  });
}

function planOf(params: AgreementParams, facts: Facts): AgreementPlan {
  const wanted = syncreplOf(params, facts.suffix);
  if (params.state === 'absent') return planAbsent(facts.consumer, wanted);
  refuse(params, facts, wanted);
  const rid = params.rid === 'free' ? undefined : params.rid;
  const plan = planPresent(
    facts.consumer,
    wanted,
    rid,
    facts.onServer.map(ridOf),
    params['multi-provider'] ?? true,
  );
  if (plan) return plan;
  throw new ActionError(`${facts.host}: all 999 RIDs are in use`, {
    next: 'Remove agreements that nobody needs.',
  });
}

function refuse(params: AgreementParams, facts: Facts, wanted: Syncrepl): void {
  const { host } = facts;
  if (facts.isItself) {
    throw new ActionError(`${host}: the provider ${params.provider} is this server itself`, {
      next: 'Run this step on the other masters only, or name another provider.',
    });
  }
  if (!facts.hasRootDn) {
    throw new ActionError(`${host}: ${params.database} has no olcRootDN, as which the consumer writes`, {
      next: 'Set olcRootDN first, with ldap.modify.',
    });
  }
  const [twice] = duplicateRids(facts.onServer);
  if (twice !== undefined) {
    throw new ActionError(`${host}: RID ${formatRid(twice)} is used by more than one agreement`, {
      next: 'slapd does not refuse that but cannot tell them apart: remove one of them first.',
    });
  }
  const holder = facts.onServer.find((one) => ridOf(one) === params.rid && !sameAgreement(one, wanted));
  if (holder) {
    throw new ActionError(`${host}: RID ${params.rid} is in use: ${nameOf(holder)}`, {
      next: 'Say rid: free.',
    });
  }
}

function changeOf(database: string, facts: Facts, plan: AgreementPlan): Change {
  const lines: DiffLine[] = plan.removed.map((one) => ({
    op: '-',
    text: `olcSyncrepl: ${showSyncrepl(one)}`,
  }));
  if (plan.added) lines.push({ op: '+', text: `olcSyncrepl: ${showSyncrepl(plan.added)}` });
  if (plan.turn)
    lines.push({ op: plan.turn === 'on' ? '+' : '-', text: `${facts.consumer.switchName}: TRUE` });
  return { what: database, lines, data: null };
}

function changeKey(change: Change): string {
  return JSON.stringify([change.what, change.lines]);
}
