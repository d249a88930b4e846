import { describe, expect, test } from 'vitest';
import { PRODUCTS } from '../../src/localconfig/products.ts';
import { readLocalconfig, valueIn } from '../../src/localconfig/read.ts';
import { rootPasswords } from '../../src/localconfig/root-passwords.ts';
import type { Secret } from '../../src/secrets/secret.ts';
import { hostsWithLocalconfig, localconfigOf } from './hosts-with-localconfig.ts';

const [zimbra, carbonio] = PRODUCTS;
if (!zimbra || !carbonio) throw new Error('no products');

async function reading(host: string, file: string, text: string) {
  const hosts = await hostsWithLocalconfig();
  await hosts.put(host, file, text);
  return { hosts, read: () => readLocalconfig((command) => hosts.connection(host).probe(command), host) };
}

describe('the localconfig.xml of a host', () => {
  test.each([zimbra.file, carbonio.file])('is found where its product keeps it: %s', async (file) => {
    const { hosts, read } = await reading('ldap1', file, localconfigOf({ ldap_url: 'ldap://a b' }));
    const found = await read();
    expect(found).toMatchObject({ host: 'ldap1', file });
    expect(valueIn(found, 'ldap_url')).toBe('ldap://a b');
    expect(hosts.asked).toEqual(['ldap1 root']);
  });

  test('that is not there is told with both places', async () => {
    const hosts = await hostsWithLocalconfig();
    const read = readLocalconfig((command) => hosts.connection('ldap1').probe(command), 'ldap1');
    await expect(read).rejects.toThrow(
      'ldap1 has no /opt/zimbra/conf/localconfig.xml and no /opt/zextras/conf/localconfig.xml',
    );
  });

  test('that is no such file is told with the line, and none of its values', async () => {
    const { read } = await reading('ldap1', zimbra.file, localconfigOf({ a: 'hunter2 & more' }));
    await expect(read()).rejects.toThrow(
      '/opt/zimbra/conf/localconfig.xml on ldap1 cannot be understood: line 5: & that begins no entity',
    );
  });

  test.each([
    ['is not set', {}],
    ['is empty', { ldap_root_password: '' }],
  ])('may lack a key: it %s', async (how, values) => {
    const { read } = await reading('ldap1', zimbra.file, localconfigOf(values));
    const found = await read();
    expect(() => valueIn(found, 'ldap_root_password')).toThrow(
      `ldap_root_password ${how} in /opt/zimbra/conf/localconfig.xml on ldap1`,
    );
  });
});

describe('root passwords of a run', () => {
  async function withPassword(password: string) {
    const hosts = await hostsWithLocalconfig();
    const put = (value: string) =>
      hosts.put('ldap1', zimbra?.file ?? '', localconfigOf({ ldap_root_password: value }));
    await put(password);
    const heard: Secret[] = [];
    const passwords = rootPasswords(hosts.connection, (secret) => void heard.push(secret));
    return {
      hosts,
      put,
      heard,
      passwords: (refused?: Secret) => passwords('ldap1', zimbra as never, refused),
    };
  }

  test('are read once a host, however many ask, and heard before they are used', async () => {
    const { hosts, heard, passwords } = await withPassword('first');
    const found = await Promise.all([passwords(), passwords(), passwords()]);
    expect(found.map((one) => one.reveal())).toEqual(['first', 'first', 'first']);
    expect([hosts.asked, heard.map((one) => one.reveal())]).toEqual([['ldap1 root'], ['first']]);
    expect(String(found[0])).toBe('[ldap_root_password]');
  });

  test('are read anew once slapd refuses the one that is known, by one for all', async () => {
    const { hosts, put, passwords } = await withPassword('first');
    const first = await passwords();
    await put('second');
    const found = await Promise.all([passwords(first), passwords(first)]);
    expect(found.map((one) => one.reveal())).toEqual(['second', 'second']);
    expect(hosts.asked).toHaveLength(2);
  });

  test('that are not set are refused by name, and asked for again the next time', async () => {
    const { put, passwords } = await withPassword('');
    await expect(passwords()).rejects.toMatchObject({
      kind: 'refused',
      message: 'ldap_root_password is empty in /opt/zimbra/conf/localconfig.xml on ldap1',
    });
    await put('now');
    expect((await passwords()).reveal()).toBe('now');
  });
});
