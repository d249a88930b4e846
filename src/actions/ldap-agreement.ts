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
import type { Trap } from '../ldap/config-traps.ts';
import { sameDn } from '../ldap/dn.ts';
import { isLoop, readListeners, servesItself } from '../ldap/listeners.ts';
import { touchedPlaces } from '../ldap/places.ts';
import { definedNames } from '../ldap/schema-names.ts';
import {
  parseSyncrepl,
  printSyncrepl,
  ridOf,
  type Syncrepl,
  sameAgreement,
  showSyncrepl,
} from '../ldap/syncrepl.ts';
import { syncreplTrap } from '../ldap/syncrepl-traps.ts';
import { modifyEntry } from '../ldap/whole-agreements.ts';
import { ActionError } from './action-error.ts';
import { type AgreementParams, agreementParams, mergedWith, syncreplOf } from './ldap-agreement-params.ts';
import { valuesBack } from './ldap-inverse.ts';
import { addressOf } from './ldap-server.ts';
import { refuseServerTrap } from './ldap-traps.ts';

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
      attributes: ['olcsuffix', 'olcrootdn', 'olcsyncrepl', 'olcmultiprovider', 'olcupdateref'],
    },
  ],
  // From then on this server's data is what the others hold.
  touches: (host, params) => [
    ...(params
      ? touchedPlaces(host, params.database, ['olcSyncrepl', 'olcMultiProvider', 'olcUpdateRef'])
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
    const syncrepls = valuesOf(attributes, 'olcSyncrepl').map(parseSyncrepl);
    const listeners = await readListeners(directory);
    return {
      host,
      own,
      consumer: {
        syncrepls,
        loops: syncrepls.filter((one) => isLoop(one, ports.host, listeners)),
        multiProvider: parseBoolean(valuesOf(attributes, 'olcMultiProvider')[0]) === true,
        updateRefs: valuesOf(attributes, 'olcUpdateRef'),
        switchName: names.includes('olcmultiprovider') ? 'olcMultiProvider' : 'olcMirrorMode',
      },
      suffix: valuesOf(attributes, 'olcSuffix')[0] ?? '',
      hasRootDn: valuesOf(attributes, 'olcRootDN').length > 0,
      onServer: database.flatMap((entry) => valuesOf(entry.attributes, 'olcSyncrepl').map(parseSyncrepl)),
      isItself: servesItself(params.provider, ports.host, listeners),
    };
  },
  diff(params, facts) {
    const plan = planOf(params, facts);
    const modifications = agreementModifications(plan, facts.consumer.switchName);
    return modifications.length === 0 ? [] : [changeOf(params.database, facts, plan)];
  },
  async write(params, changes, ports) {
    const directory = await ports.directory(addressOf(params.server));
    // Two at once would both find the same RID free, whichever databases they are for.
    await inTurn(ports.host.name, async () => {
      for (const change of changes) {
        // Positions shift: whoever changed the list since it was approved, the plan must come out the same.
        const facts = await this.read(params, ports);
        const plan = planOf(params, facts);
        if (changeKey(changeOf(params.database, facts, plan)) !== changeKey(change)) {
          throw new ActionError(
            `${facts.host}: the agreements of ${params.database} changed after this step was shown`,
            { next: 'Run the step again and look at its new difference.' },
          );
        }
        const mods = agreementModifications(plan, facts.consumer.switchName);
        await refuseServerTrap(directory, ports.host, { dn: params.database, mods });
        await modifyEntry(directory, params.database, mods);
      }
    });
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
      'The agreements, the switch and the referrals of the database are as they were. The password of an agreement that was removed or ' +
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
    attributes: [
      'olcSuffix',
      'olcRootDN',
      'olcSyncrepl',
      'olcMultiProvider',
      'olcMirrorMode',
      'olcUpdateRef',
    ],
  });
}

function planOf(params: AgreementParams, facts: Facts): AgreementPlan {
  const wanted = syncreplOf(params, facts.suffix);
  if (params.state === 'absent') {
    const plan = planAbsent(facts.consumer, wanted);
    if (params['keep-last'] && plan.removed.length > 0 && plan.last)
      throw new ActionError(`${facts.host}: the agreement with ${params.provider} is the last one there`, {
        next: 'Give this server another provider first, or take it out of the pool whole.',
      });
    return plan;
  }
  const rid = params.rid === 'free' ? undefined : params.rid;
  const was = params.was === undefined ? undefined : replacedBy(wanted, params.was);
  refuse(params, facts, wanted, was);
  const multiProvider = params['multi-provider'] ?? true;
  const wish = {
    wanted,
    was,
    rid,
    multiProvider,
    merge: (there: Syncrepl) => mergedOf(params, there, wanted),
  };
  const plan = planPresent(facts.consumer, wish, facts.onServer.map(ridOf));
  const trap = plan?.added && newTrap(plan.added, plan.removed);
  if (trap) throw new ActionError(`${facts.host}: ${trap.fact}`, { next: trap.next });
  if (plan) return plan;
  throw new ActionError(`${facts.host}: all 999 RIDs are in use`, {
    next: 'Remove agreements that nobody needs.',
  });
}

/** What is kept of an agreement is not the fault of this step. */
function newTrap(added: Syncrepl, removed: readonly Syncrepl[]): Trap | undefined {
  const trapOf = (one: Syncrepl) => syncreplTrap(printSyncrepl(one));
  const trap = trapOf(added);
  return removed.some((one) => trapOf(one)?.next === trap?.next) ? undefined : trap;
}

/** TLS is never turned off by a step that does not say so. */
function mergedOf(params: AgreementParams, there: Syncrepl, wanted: Syncrepl): Syncrepl {
  if (params['keep-words']) return mergedWith(there, wanted, params);
  if (params.starttls !== 'as-is') return wanted;
  const tls = there.words.filter(({ key }) => /^(?:starttls|tls_)/i.test(key));
  const given = new Set(wanted.words.map(({ key }) => key.toLowerCase()));
  return { words: [...wanted.words, ...tls.filter(({ key }) => !given.has(key.toLowerCase()))] };
}

/** The same tree from another provider. */
function replacedBy(wanted: Syncrepl, provider: string): Syncrepl {
  return {
    words: wanted.words.map((word) =>
      word.key === 'provider' ? { key: 'provider', value: provider } : word,
    ),
  };
}

function refuse(params: AgreementParams, facts: Facts, wanted: Syncrepl, was: Syncrepl | undefined): void {
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
  const holder = facts.onServer.find(
    (one) => ridOf(one) === params.rid && !sameAgreement(one, wanted) && !(was && sameAgreement(one, was)),
  );
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
  for (const url of plan.unrefer ? (facts.consumer.updateRefs ?? []) : [])
    lines.push({ op: '-', text: `olcUpdateRef: ${url}` });
  return { what: database, lines, data: null };
}

const turns = new Map<string, Promise<unknown>>();

/** One after the other, on each server of this process. */
async function inTurn(host: string, act: () => Promise<void>): Promise<void> {
  const turn = (turns.get(host) ?? Promise.resolve()).then(act);
  turns.set(
    host,
    turn.catch(() => undefined),
  );
  await turn;
}

function changeKey(change: Change): string {
  return JSON.stringify([change.what, change.lines]);
}
