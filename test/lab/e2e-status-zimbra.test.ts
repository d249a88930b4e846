/** `lockstep status` and `doctor` on two real masters of Zimbra with a replica and a mailstore: well, broken, and mended. */
import { beforeAll, describe, expect, test } from 'vitest';
import { lockstepFor } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';
import { asZimbra, makePair, modify, setKeys, url } from './zimbra-pair.ts';

const { run } = lockstepFor();
const lab = sharedLab('zimbra', {
  platform: 'zimbra',
  release: '10',
  nodes: 'master=1,bare=1,replica=1,mailstore=1',
});
const as = asZimbra(lab);

beforeAll(() => makePair(lab));

interface Finding {
  readonly code: string;
  readonly severity: string;
  readonly where: readonly string[];
  readonly what: string;
  readonly fix: string;
}

async function doctor(): Promise<{
  readonly code: number;
  readonly findings: readonly Finding[];
}> {
  const { code, stdout, stderr } = await run(['doctor', '-i', lab.inventory, '--json']);
  expect(stderr).toBe('');
  return { code, findings: JSON.parse(stdout).findings };
}

const graves = (findings: readonly Finding[]) => findings.filter(({ severity }) => severity !== 'info');

/** All of it, and nothing else. A slapd that was restarted needs a moment. */
async function finds(
  ...expected: readonly (readonly [code: string, ...hosts: string[]])[]
): Promise<readonly Finding[]> {
  let last: readonly Finding[] = [];
  const look = async () => {
    last = graves((await doctor()).findings);
    return last.map(({ code, where }) => [code, ...where]);
  };
  await expect.poll(look, { timeout: 20_000, interval: 500 }).toEqual(expected);
  return last;
}

test('a pool that is well is told to be, a mailstore is no directory server that is down, and no password is told', async () => {
  await finds();
  const { code, stdout } = await run(['status', '-i', lab.inventory]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Zimbra 10\.0 /);
  expect(stdout).toMatch(/ok: 3 servers/);
  for (const host of ['ldap1', 'ldap2'])
    expect(stdout).toMatch(new RegExp(`^${host} +master +2\\.5\\.\\d+ +[12] `, 'm'));
  expect(stdout).toMatch(/^replica1 +replica +2\.5\.\d+ +- /m);
  expect(stdout).toMatch(/^store1 +no directory +10\.0 +replica1 ldap1 ldap2 +ldap2 ldap1$/m);
  const json = (await run(['status', '-i', lab.inventory, '--json'])).stdout;
  for (const key of ['ldap_root_password', 'ldap_replication_password', 'zimbra_ldap_password']) {
    const password = (await as('ldap1', `zmlocalconfig -s -m nokey ${key}`)).trim();
    expect(password).not.toBe('');
    expect(json + stdout).not.toContain(password);
  }
});

/** A key of a node, and what it was before. */
async function other(host: string, key: string, value: string): Promise<() => Promise<string>> {
  const right = (await as(host, `zmlocalconfig -s -m nokey ${key}`)).trim();
  await setKeys(as, host, { [key]: value });
  return () => setKeys(as, host, { [key]: right });
}

/** Whatever comes of it, it is mended, and then nothing is wrong any more. */
async function meanwhile(mend: () => Promise<unknown>, look: () => Promise<unknown>): Promise<void> {
  try {
    await look();
  } finally {
    await mend();
  }
  await finds();
}

describe('it finds', () => {
  test('a master that would listen at the address of the other one at its next start', async () => {
    const mend = await other('ldap2', 'ldap_url', `${url('ldap1')} ${url('ldap2')}`);
    await meanwhile(mend, async () => {
      const [finding] = await finds(['url-own-not-first', 'ldap2']);
      expect(finding?.fix).toContain('lockstep run zimbra/update-urls');
    });
  });

  test('lists of URLs that lack a master, name a stranger, or were broken over two lines', async () => {
    const mends = [
      await other('store1', 'ldap_url', url('ldap1')),
      await other('store1', 'ldap_master_url', `${url('ldap1')} ${url('ldap2')} ${url('ldap9')}`),
      await other('replica1', 'ldap_master_url', `${url('ldap1')} \n ${url('ldap2')}`),
    ];
    const mend = async () => {
      for (const one of mends) await one();
    };
    await meanwhile(mend, () =>
      finds(['url-master-missing', 'store1'], ['url-stranger', 'store1'], ['url-list-untidy', 'replica1']),
    );
  });

  test('passwords that are not those of their accounts, and who has another one', async () => {
    const mend = await other('ldap2', 'ldap_postfix_password', 'n0t-it-4711');
    await meanwhile(mend, async () => {
      const all = ['ldap1', 'replica1', 'store1', 'ldap2'];
      const [refused, differs] = await finds(['password-refused', 'ldap2'], ['password-differs', ...all]);
      expect(refused?.what).toMatch(
        /^ldap_postfix_password of ldap2 is not the password of uid=zmpostfix,.*\(49\)$/,
      );
      expect(differs?.what).toMatch(
        /^ldap_postfix_password is one on ldap1, replica1 and store1, another on ldap2; that of ldap1, replica1 and store1 /,
      );
    });
  });

  test('a replication password that zmldappasswd has changed for half of the agreements', async () => {
    const right = (await as('ldap1', 'zmlocalconfig -s -m nokey ldap_replication_password')).trim();
    await as('ldap1', 'zmldappasswd -l ch4nged-4711');
    await meanwhile(
      () => as('ldap1', `zmldappasswd -l ${right}`),
      async () => {
        const [refused] = await finds(
          ['replicator-refused', 'ldap1', 'ldap2', 'replica1'],
          ['password-refused', 'ldap2', 'replica1'],
          ['password-differs', 'ldap1', 'ldap2', 'replica1'],
          ['agreement-password-old', 'ldap1'],
        );
        expect(refused?.fix).toContain('lockstep run zimbra/rotate-replication-password');
      },
    );
  });

  test('that ldap_root_password is not the one slapd has: nothing is known of that server then', async () => {
    const mend = await other('ldap2', 'ldap_root_password', 'n0t-it-4711');
    await meanwhile(mend, async () => {
      const found = await finds(['password-differs', 'ldap1', 'replica1', 'ldap2'], ['not-seen', 'ldap2']);
      expect(found[1]?.what).toContain(
        'ldap_root_password in /opt/zimbra/conf/localconfig.xml of ldap2 is not the one slapd has',
      );
    });
  });

  test('a syncprov without its session log, and a master that is none for the tools', async () => {
    const syncprov = 'dn: olcOverlay={0}syncprov,olcDatabase={3}mdb,cn=config\nchangetype: modify';
    await modify(as, 'ldap1', `${syncprov}\ndelete: olcSpSessionlog`);
    const mend = await other('ldap2', 'ldap_is_master', 'false');
    await meanwhile(mend, async () => {
      const [equal, , missing] = await finds(
        ['url-lists-equal', 'ldap2'],
        ['is-master-contradicts', 'ldap2'],
        ['session-log-missing', 'ldap1'],
      );
      expect(equal?.severity).toBe('critical');
      // What it says can be pasted.
      await as('ldap1', /`([^`]*)` as zimbra/.exec(missing?.fix ?? '')?.[1] ?? 'false');
    });
  });

  test('a second agreement with one peer, and after its deletion that slapd has ended the other one', async () => {
    await as('ldap1', '/opt/zimbra/libexec/zmldapenable-mmr -r 101 -m ldap://ldap2.lab.example/');
    await meanwhile(
      () => as('ldap1', 'ldap restart'),
      async () => {
        const [twice] = await finds(['agreement-twice', 'ldap1']);
        expect(twice?.what).toContain(`ldap1 pulls from ldap2 by rid 1`);
        await as('ldap1', '/opt/zimbra/libexec/zmldapmmrtool -d -o 101');
        const [mistaken] = await finds(['consumer-mistaken', 'ldap1']);
        expect(mistaken?.what).toBe(
          'slapd on ldap1 runs RID 101, which cn=config does not have, and not RID 100, which cn=config has',
        );
        expect(mistaken?.fix).toContain("`su - zimbra -c 'ldap restart'`");
      },
    );
  });

  test('a server ID of the past, and calls it harmless', async () => {
    const sid = (id: number) =>
      modify(as, 'ldap1', `dn: cn=config\nchangetype: modify\nreplace: olcServerID\nolcServerID: ${id}`);
    await sid(9);
    await modify(
      as,
      'ldap1',
      'dn: cn=last,cn=zimbra\nchangetype: add\nobjectClass: organizationalRole\ncn: last',
    );
    await sid(1);
    await finds();
    const { findings } = await doctor();
    expect(findings).toContainEqual(expect.objectContaining({ code: 'sid-retired', severity: 'info' }));
  });
});
