/** A host of Zimbra or Carbonio: what its localconfig.xml says, and whether its passwords are those of the accounts. */
import type { ReadPorts } from '../../engine/ports.ts';
import { formatRid } from '../../ldap/agreement.ts';
import { valuesOf } from '../../ldap/config-names.ts';
import { LdapError } from '../../ldap/ldap-error.ts';
import { readCsns } from '../../ldap/read-csns.ts';
import { ridOf, wordOf } from '../../ldap/syncrepl.ts';
import type { HostLocalconfig } from '../../localconfig/read.ts';
import { fingerprint } from '../../secrets/fingerprint.ts';
import { Secret } from '../../secrets/secret.ts';
import type { Seen } from '../facts.ts';
import {
  type LocalconfigFacts,
  type Login,
  type NodeFacts,
  PASSWORD_KEYS,
  type PasswordKey,
  PLAIN_KEYS,
} from '../node-facts.ts';
import { known } from '../seen.ts';
import { readOn, reasonOf, seen } from './seen.ts';
import { agreementsOf, type Server } from './server.ts';
import type { Sight } from './sight.ts';

/** `key`: of the fingerprints, one for all nodes of a look. Never rejects. */
export async function nodeFacts(sight: Sight, server: Server | undefined, key: Buffer): Promise<NodeFacts> {
  const { host, address, unreachable, product, localconfig } = sight;
  const passwords = passwordsOf(known(localconfig));
  const [logins, logSids] = await Promise.all([
    seen(() => tryAccounts(sight, passwords)),
    readLogSids(sight, server),
  ]);
  return {
    host,
    address,
    ...(unreachable !== undefined && { unreachable }),
    product: readOn(product, (found) => found?.product ?? missing()),
    isDirectory: readOn(product, (found) => found?.isDirectory ?? missing()),
    localconfig: readOn(localconfig, ({ values }) => localconfigFacts(values, passwords, key)),
    logins,
    credentials: credentialsOf(server, passwords.get('ldap_replication_password')),
    ...(logSids && { logSids }),
  };
}

function missing(): never {
  throw new Error('neither Zimbra nor Carbonio is there');
}

/** Those that are set; an empty one is none. */
export function passwordsOf(localconfig: HostLocalconfig | undefined): ReadonlyMap<PasswordKey, Secret> {
  return new Map(
    PASSWORD_KEYS.flatMap((key) => {
      const value = localconfig?.values.get(key);
      return value ? [[key, new Secret(key, value)] as const] : [];
    }),
  );
}

function localconfigFacts(
  values: HostLocalconfig['values'],
  passwords: ReadonlyMap<PasswordKey, Secret>,
  key: Buffer,
): LocalconfigFacts {
  const plain = PLAIN_KEYS.flatMap((name) => {
    const value = values.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const prints = [...passwords].map(([name, secret]) => [name, fingerprint(key, secret)] as const);
  const awkward = [...passwords.keys()].flatMap((name) => {
    const what = awkwardIn(name, values.get(name) ?? '');
    return what === undefined ? [] : [[name, what] as const];
  });
  return {
    values: Object.fromEntries(plain),
    prints: Object.fromEntries(prints),
    awkward: Object.fromEntries(awkward),
  };
}

/** zmsetvars loses a `'`; an agreement ends its credentials at a blank, and takes a `"` for a quote. */
function awkwardIn(key: PasswordKey, value: string): string | undefined {
  if (value.includes("'")) return 'a quote';
  if (key !== 'ldap_replication_password') return undefined;
  return /\s/.test(value) ? 'a blank' : value.includes('"') ? 'a quote' : undefined;
}

const ACCOUNTS: Readonly<Partial<Record<PasswordKey, string>>> = {
  zimbra_ldap_password: 'zimbra',
  ldap_replication_password: 'zmreplica',
  ldap_postfix_password: 'zmpostfix',
  ldap_amavis_password: 'zmamavis',
  ldap_nginx_password: 'zmnginx',
  ldap_bes_searcher_password: 'zmbes-searcher',
};

/** Rejects where there is no slapd to ask. */
async function tryAccounts(
  { ports, directory }: Sight,
  passwords: ReadonlyMap<PasswordKey, Secret>,
): Promise<readonly Login[]> {
  if ('unknown' in directory) throw new Error(directory.unknown);
  const uids = Object.values(ACCOUNTS);
  // Releases differ in where they keep them below it.
  const found = await directory.value.search({
    base: 'cn=zimbra',
    filter: `(|${uids.map((uid) => `(uid=${uid})`).join('')})`,
    attributes: ['uid'],
  });
  const dnOf = (uid: string | undefined) =>
    found.find(({ attributes }) => valuesOf(attributes, 'uid').includes(uid ?? ''))?.dn;
  const tried = await Promise.all(
    [...passwords].map(async ([key, password]): Promise<Login[]> => {
      const dn = dnOf(ACCOUNTS[key]);
      return dn === undefined ? [] : [{ key, dn, outcome: await tryLogin(ports, dn, password) }];
    }),
  );
  return tried.flat();
}

const INVALID_CREDENTIALS = 49;

async function tryLogin(ports: ReadPorts, bindDn: string, password: Secret): Promise<Login['outcome']> {
  try {
    await ports.directory({ kind: 'ldapi', path: 'auto', bindDn, password });
    return 'ok';
  } catch (error) {
    if (error instanceof LdapError && error.failure.code === INVALID_CREDENTIALS) return 'refused';
    return { untried: reasonOf(error) };
  }
}

async function readLogSids(
  { directory }: Sight,
  server: Server | undefined,
): Promise<Seen<readonly number[]> | undefined> {
  const log = server && known(server.config)?.log;
  if (!log || 'unknown' in directory) return undefined;
  return await seen(async () => [...(await readCsns(directory.value, log.suffix)).keys()]);
}

function credentialsOf(
  server: Server | undefined,
  password: Secret | undefined,
): ReadonlyMap<string, boolean> {
  const agreements = server && password ? agreementsOf(server) : [];
  return new Map(
    agreements.flatMap((agreement) => {
      const held = wordOf(agreement, 'credentials');
      return held instanceof Secret && password
        ? [[formatRid(ridOf(agreement)), held.equals(password)] as const]
        : [];
    }),
  );
}
