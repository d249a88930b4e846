/** What every node of a site of Zimbra or Carbonio knows of the LDAP servers, and what its services really use. */
import { expect } from 'vitest';
import type { MailWorld } from './mail-world.ts';

export interface Servers {
  readonly masters: readonly string[];
  readonly replicas: readonly string[];
}

/** Each node names the servers that it is to name, in its order; its services were started with that, and are connected. */
export async function expectUrls(world: MailWorld, servers: Servers): Promise<void> {
  for (const { name, kind } of world.lab.record().hosts) {
    const own = [...servers.masters, ...servers.replicas].includes(name);
    if (!own && !['mailstore', 'mta', 'proxy'].includes(kind)) continue;
    const wanted = urlsOf(name, servers);
    expect(await localconfigOf(world, name), `URLs of ${name}`).toEqual(wanted);
    if (!own) await expectServices(world, name, wanted);
  }
}

interface Urls {
  readonly ldap_url: string;
  readonly ldap_master_url: string;
}

function urlsOf(host: string, { masters, replicas }: Servers): Urls {
  const first = (names: readonly string[]) =>
    names.includes(host) ? [host, ...names.filter((name) => name !== host)] : names;
  const ldap = masters.includes(host)
    ? first(masters)
    : replicas.includes(host)
      ? [host, ...masters]
      : [...replicas, ...masters];
  return { ldap_url: listed(ldap), ldap_master_url: listed(first(masters)) };
}

const listed = (hosts: readonly string[]) => hosts.map((name) => `ldap://${name}.lab.example:389`).join(' ');

async function localconfigOf(world: MailWorld, host: string): Promise<Urls> {
  const xml = await world.product(host).root(`cat ${world.release.home}/conf/localconfig.xml`);
  const value = (key: string) =>
    new RegExp(`<key name="${key}">\\s*<value>([^<]*)</value>`).exec(xml)?.[1] ?? '';
  return { ldap_url: value('ldap_url'), ldap_master_url: value('ldap_master_url') };
}

async function expectServices(world: MailWorld, host: string, wanted: Urls): Promise<void> {
  const { home } = world.release;
  const { root } = world.product(host);
  const postfix = await root(`cat ${home}/conf/ldap-*.cf 2>/dev/null | grep ^server_host || :`);
  for (const line of postfix.split('\n').filter(Boolean))
    expect(line, `a lookup file of postfix on ${host}`).toBe(`server_host = ${wanted.ldap_url}`);
  const services = (await root(`cd ${home}/log; ls *.pid`)).split('\n').filter(Boolean);
  expect(services.length, `services of ${host}`).toBeGreaterThan(0);
  for (const service of services.map((file) => file.replace('.pid', ''))) {
    const urls = service === 'zmconfigd' ? wanted.ldap_master_url : wanted.ldap_url;
    const log = async () => (await root(`cat ${home}/log/${service}.log`)).trimEnd().split('\n');
    const started = (await log()).findLast((line) => line.includes(' started with '));
    expect(started?.replace(/.* started with /, ''), `${service} of ${host}`).toBe(urls);
    await expect
      .poll(async () => (await log()).at(-1)?.replace(/.* connected to /, ''), {
        timeout: 15_000,
        message: `whom ${service} of ${host} is connected to`,
      })
      .toSatisfy((url: string) => urls.split(' ').includes(url));
  }
}
