/** zmslapcat and zmslapadd, on a multi-master. */
import { expect, it } from 'vitest';
import { type ProductHost, says, silent } from './product-host.ts';
import type { Release } from './release.ts';

const folder = '/tmp/dump';

/** Before `enableMmrFacts`. */
export function noAccesslogFacts(host: () => ProductHost): void {
  it('zmslapcat -a where there is no accesslog writes nothing and ends 0', async () => {
    expect(await host().tool('libexec/zmslapcat -a /tmp')).toEqual(silent);
    expect(await host().root('ls /tmp')).not.toContain('ldap-accesslog');
  });
}

export function dumpFacts(host: () => ProductHost, release: Release): void {
  const { home, user } = release;

  it('zmslapcat writes a dated dump and a copy of it by a fixed name, without a word', async () => {
    await host().as(user, `mkdir ${folder}`);
    expect(await host().tool(`libexec/zmslapcat ${folder}`)).toEqual(silent);
    expect(await host().tool(`libexec/zmslapcat -c ${folder}`)).toEqual(silent);
    expect(await host().tool(`libexec/zmslapcat -a ${folder}`)).toEqual(silent);
    const names = (await host().root(`ls ${folder}`)).trim().split('\n');
    expect(names.map((name) => name.replace(/\d{14}$/, 'TIME'))).toEqual([
      'ldap-accesslog.bak',
      'ldap-accesslog.bak.TIME',
      'ldap-config.bak',
      'ldap-config.bak.TIME',
      'ldap.bak',
      'ldap.bak.TIME',
    ]);
    expect(await host().root(`stat -c '%a %U' ${folder}/ldap.bak`)).toBe(`640 ${user}\n`);
  });

  it('zmslapcat without a folder ends 1', async () => {
    expect((await host().tool('libexec/zmslapcat')).status).toBe(1);
  });

  it('zmslapadd wants a file that is there', async () => {
    const told = await host().tool('libexec/zmslapadd /tmp/no-such-file');
    expect(told).toEqual(says('Error: Input file does not exist\n', 1));
  });

  it('zmslapadd does not ask whether slapd runs and the database is empty: slapadd fails', async () => {
    const told = await host().tool(`libexec/zmslapadd ${folder}/ldap.bak`);
    expect(told.status).toBe(1);
    expect(told.err).toMatch(/txn_aborted! MDB_KEYEXIST/);
  });

  it('a dump loads into an emptied database, with a contextCSN of server ID 000 and of now', async () => {
    await host().stopSlapd();
    await host().as(
      user,
      `cd ${home}/data/ldap && mv mdb mdb.old && mkdir -p mdb/db && rm -f accesslog/db/*`,
    );
    await host().as(user, `gzip -k ${folder}/ldap.bak`);
    expect(await host().tool(`libexec/zmslapadd ${folder}/ldap.bak.gz`)).toMatchObject({ status: 0 });
    await host().tool(`libexec/zmslapcat ${folder}`);
    const dump = await host().root(`cat ${folder}/ldap.bak`);
    await host().startSlapd();
    await host().root(`rm -r ${folder} ${home}/data/ldap/mdb.old`);
    const [, written = ''] = /^contextCSN: (\d{14})\.\d+Z#000000#000#000000$/m.exec(dump) ?? [];
    expect(ageInSeconds(written)).toBeLessThan(120);
  });
}

function ageInSeconds(stamp: string): number {
  const [, year, month, day, hour, minute, second] = /(....)(..)(..)(..)(..)(..)/.exec(stamp) ?? [];
  return (Date.now() - Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)) / 1000;
}
