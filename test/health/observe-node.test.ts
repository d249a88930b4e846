/** What a node of Zimbra tells of its localconfig, on a real slapd of that shape: fingerprints, logins, agreements, the log. */
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { DirectoryAddress, DirectoryReader, ReadPorts } from '../../src/engine/ports.ts';
import { readCatalogue } from '../../src/health/observe/config.ts';
import { nodeFacts } from '../../src/health/observe/node.ts';
import { type Server, serverOf } from '../../src/health/observe/server.ts';
import type { Sight } from '../../src/health/observe/sight.ts';
import { type OpenDirectory, openDirectory } from '../../src/ldap/directory.ts';
import { pipeTo } from '../slapd-ports.ts';
import {
  asRoot,
  enableMmr,
  REPLICATION_PASSWORD,
  REPLICATOR,
  ROOT_PASSWORD,
  zimbraSlapds,
} from '../zimbra-slapd.ts';
import { valueIn } from './site.ts';

const unknown = { unknown: 'it was not looked at' };

async function look(
  ports: ReadPorts,
  directory: DirectoryReader,
  keys: Readonly<Record<string, string>>,
): Promise<{ sight: Sight; server: Server }> {
  const file = '/opt/zimbra/conf/localconfig.xml';
  const sight: Sight = {
    host: ports.host.name,
    address: ports.host.address,
    ports,
    clock: unknown,
    installation: unknown,
    directory: { value: directory },
    catalogue: { value: await readCatalogue(directory) },
    monitor: unknown,
    product: { value: { product: { name: 'zimbra', control: 'tool' }, isDirectory: true } },
    localconfig: { value: { host: ports.host.name, file, values: new Map(Object.entries(keys)) } },
  };
  return { sight, server: serverOf(sight, '') };
}

test('a node tells its passwords by fingerprints, whether they are those of the accounts, and what its agreements hold', async () => {
  const { ldap1 } = await zimbraSlapds('ldap1');
  await enableMmr(ldap1, { sid: 1, provider: 'ldap://127.0.0.1:1/' });
  // One with a password is a new one each time, as of a real host.
  const opened: OpenDirectory[] = [];
  onTestFinished(() => Promise.all(opened.map((one) => one.close())).then(() => undefined));
  const ports = {
    ...ldap1.ports,
    async directory(address: DirectoryAddress) {
      const one = await openDirectory(address, pipeTo(ldap1.slapd), 'ldap1');
      opened.push(one);
      return one;
    },
  };
  const directory = await ports.directory(asRoot);
  const right = { ldap_root_password: ROOT_PASSWORD, ldap_replication_password: REPLICATION_PASSWORD };
  const key = randomBytes(32);
  const factsOf = async (keys: Readonly<Record<string, string>>) => {
    const { sight, server } = await look(ports, directory, keys);
    return await nodeFacts(sight, server, key);
  };

  const well = await factsOf({
    ...right,
    ldap_url: 'ldap://a',
    zimbra_ldap_password: '',
    secret_of_others: 'x',
  });
  const own = valueIn(well.localconfig);
  expect(own.values).toEqual({ ldap_url: 'ldap://a' });
  expect(Object.keys(own.prints)).toEqual(['ldap_root_password', 'ldap_replication_password']);
  expect(own.awkward).toEqual({});
  expect(valueIn(well.logins)).toEqual([{ key: 'ldap_replication_password', dn: REPLICATOR, outcome: 'ok' }]);
  expect([...well.credentials]).toEqual([['100', true]]);
  expect(well.logSids).toBeDefined();

  const wrong = await factsOf({ ...right, ldap_replication_password: "an o'ther" });
  const other = valueIn(wrong.localconfig);
  expect(other.prints.ldap_root_password).toBe(own.prints.ldap_root_password);
  expect(other.prints.ldap_replication_password).not.toBe(own.prints.ldap_replication_password);
  expect(other.awkward).toEqual({ ldap_replication_password: 'a quote' });
  expect(valueIn(wrong.logins)).toEqual([
    { key: 'ldap_replication_password', dn: REPLICATOR, outcome: 'refused' },
  ]);
  expect([...wrong.credentials]).toEqual([['100', false]]);

  for (const secret of [ROOT_PASSWORD, REPLICATION_PASSWORD])
    expect(JSON.stringify([well, wrong])).not.toContain(secret);
});
