/** `openldap/enable-mmr` on fresh hosts of three Debian releases, which are three release lines of OpenLDAP. */
import { describe, expect, test } from 'vitest';
import { lockstepFor, outcomes } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';
import {
  agreedContents,
  contextCsns,
  delay,
  search,
  serves,
  sidOf,
  suffix,
  values,
  write,
} from './two-masters.ts';

const { run } = lockstepFor();
const both = [
  ['ldap1', 'ldap2'],
  ['ldap2', 'ldap1'],
] as const;

describe.each([
  { debian: 12, slapd: '2.5', multi: 'olcMultiProvider', log: ['1000'] },
  // The session log of 2.4 loses deletions: see the step `syncprov`.
  { debian: 11, slapd: '2.4', multi: 'olcMirrorMode', log: [] },
  { debian: 13, slapd: '2.6', multi: 'olcMultiProvider', log: ['1000'] },
])('on Debian $debian with slapd $slapd', ({ debian, slapd, multi, log }) => {
  const lab = sharedLab(`mmr${debian}`, { debian });
  const enable = (...words: readonly string[]) =>
    run(['run', 'openldap/enable-mmr', '-i', lab.inventory, '--yes=typed', ...words]);
  const database = (host: string) => search(lab, host, 'cn=config', `'(olcSuffix=${suffix})'`);

  test('one run makes two masters', async () => {
    const { code, stdout, stderr } = await enable('--plain');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^done: \d+ changed, \d+ unchanged, 2 skipped$/m);
    expect(code).toBe(0);
    expect(await lab.inside('ldap1', 'slapd -VV 2>&1 || :')).toContain(`slapd ${slapd}.`);
  });

  test('a write on either is on the other within two seconds', async () => {
    for (const [from, to] of both) {
      const ms = await delay(lab, from, to, `seen-from-${from}`);
      expect(ms, `from ${from} to ${to}`).toBeLessThan(2000);
    }
    await write(lab, 'ldap2', `dn: cn=seen-from-ldap1,${suffix}\nchangetype: delete\n`);
    await write(lab, 'ldap1', `dn: cn=seen-from-ldap2,${suffix}\nchangetype: delete\n`);
  });

  test('both hold the same entries, passwords included', async () => {
    // 1,023 that the lab made, and the replicator.
    expect((await agreedContents(lab)).entries).toBe(1024);
    const hash = (host: string) => search(lab, host, `uid=user0042,ou=people,${suffix}`, 'userPassword');
    expect(await hash('ldap2')).toMatch(/userPassword:: \S+/);
    expect(await hash('ldap2')).toBe(await hash('ldap1'));
  });

  test('server IDs are plain numbers, and each stamps its own on what it writes', async () => {
    const ids: string[] = [];
    for (const [host] of both) {
      const given = values(await search(lab, host, 'cn=config', '-s base olcServerID'), 'olcServerID');
      expect(given).toEqual([expect.stringMatching(/^[1-9]\d*$/)]);
      await write(
        lab,
        host,
        `dn: cn=by-${host},${suffix}\nchangetype: add\nobjectClass: organizationalRole\n`,
      );
      const [csn = ''] = values(await search(lab, host, `cn=by-${host},${suffix}`, 'entryCSN'), 'entryCSN');
      expect(String(sidOf(csn))).toBe(given[0]);
      ids.push(...given);
    }
    expect(new Set(ids).size).toBe(2);
  });

  test('contextCSN names both servers once, and is the same on both', async () => {
    await agreedContents(lab);
    const csns = await contextCsns(lab, 'ldap1');
    // 0 is of before the first server had an ID.
    expect(csns.map(sidOf).sort()).toEqual([0, 1, 2]);
    await expect.poll(() => contextCsns(lab, 'ldap2'), { timeout: 3000 }).toEqual(csns);
  });

  test('each server has all that the usual how-to leaves out', async () => {
    const other = { ldap1: 'ldap2', ldap2: 'ldap1' };
    for (const [host] of both) {
      const config = await database(host);
      expect(values(config, 'dn'), 'mdb, not hdb').toEqual(['olcDatabase={1}mdb,cn=config']);
      expect(values(config, multi)).toEqual(['TRUE']);
      const modules = await search(lab, host, 'cn=config', "'(olcModuleLoad=*)' olcModuleLoad");
      expect(values(modules, 'olcModuleLoad')).toContainEqual(expect.stringMatching(/^\{\d+\}syncprov/));
      const overlay = await search(lab, host, 'cn=config', "'(olcOverlay=syncprov)'");
      expect(values(overlay, 'olcSpCheckpoint')).toEqual(['100 10']);
      expect(values(overlay, 'olcSpSessionlog')).toEqual(log);

      const [agreement = '', ...more] = values(config, 'olcSyncrepl');
      expect(more).toEqual([]);
      expect(agreement).toContain(`provider=ldap://${other[host]}.lab.example:389`);
      expect(agreement).toContain(`binddn=cn=replicator,${suffix}`);
      expect(agreement, 'the rootDN stays at home').not.toContain(values(config, 'olcRootDN')[0]);
      expect(agreement).toMatch(/ keepalive=\d+:\d+:\d+ /);
      expect(agreement, 'tries for ever').toMatch(/ retry="[^"]* \+"/);

      expect(values(config, 'olcLimits')[0]).toMatch(/^\{0\}dn.exact="cn=replicator,.*size.hard=unlimited/);
      expect(values(config, 'olcAccess')[0]).toMatch(/^\{0\}to \* by dn.exact="cn=replicator,[^"]*" read /);
      expect(values(config, 'olcDbIndex')).toEqual(expect.arrayContaining(['entryCSN eq', 'entryUUID eq']));
    }
  });

  test('each survives a restart, and what was missed meanwhile arrives', async () => {
    for (const [host, other] of both) {
      await lab.inside(host, 'systemctl stop slapd');
      const entry = `dn: cn=while-${host}-was-away,${suffix}\n`;
      await write(lab, other, `${entry}changetype: add\nobjectClass: organizationalRole\n`);
      await lab.inside(host, 'systemctl start slapd');
      await serves(lab, host);
      await agreedContents(lab);
      await write(lab, host, `${entry}changetype: delete\n`);
    }
    await agreedContents(lab);
  });

  test('a second run finds nothing to do, though data was written in between', async () => {
    const { code, stdout } = await enable('--ndjson');
    expect(code).toBe(0);
    const found = outcomes(stdout);
    expect(Object.keys(found).length).toBeGreaterThan(40);
    expect(Object.entries(found).filter(([, outcome]) => outcome !== 'unchanged')).toEqual([
      // A pool of one agrees with itself, and a fresh server has nothing to be compared.
      ['join.pool-converged@ldap1', 'skipped'],
      ['join.up-to-date@ldap2', 'skipped'],
    ]);
  });
});
