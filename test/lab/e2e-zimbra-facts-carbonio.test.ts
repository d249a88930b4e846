/** What is different where systemd controls Carbonio: seen by hand, and its runbooks on the very same hosts. */
import { beforeAll, describe, expect, it } from 'vitest';
import { complains } from '../stand-ins/product-host.ts';
import { releaseOf } from '../stand-ins/release.ts';
import { lockstepFor, outcomes } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';
import { handsOn, takeInHand, urlOf } from './zimbra-hands.ts';

const { run } = lockstepFor();
const release = releaseOf('carbonio', '24');

describe('a master and a mailstore of Carbonio, with systemd', () => {
  const lab = sharedLab('zcarb', {
    platform: 'carbonio',
    release: '24',
    nodes: 'master=1,bare=1,mailstore=1',
  });
  const master = handsOn(lab, 'ldap1', release);
  const other = handsOn(lab, 'ldap2', release);
  const store = handsOn(lab, 'store1', release);
  const runs = (runbook: string, ...settings: readonly string[]) => {
    const inputs = settings.flatMap((setting) => ['--set', setting]);
    return run(['run', `carbonio/${runbook}`, '-i', lab.inventory, '--yes=typed', '--ndjson', ...inputs]);
  };
  /** When the unit was started last, µs of the host's own clock. */
  const started = async (host = master, unit = 'carbonio-openldap') =>
    Number(await host.root(`systemctl show -P ActiveEnterTimestampMonotonic ${unit}`));
  const refusal = { out: expect.stringContaining('Services are now handled by systemd.'), status: 1 };

  beforeAll(() => takeInHand(lab, ['ldap1', 'store1']));

  it('13: zmldapenablereplica is for root, and the other tools are for zextras', async () => {
    const before = await master.config();
    expect(await master.tool('libexec/zmldapenablereplica')).toEqual(
      complains('Error: must be run as root user\n', 1),
    );
    const enable = `${release.home}/libexec/zmldapenable-mmr -s 1 -m ${urlOf(other)}/`;
    expect(await master.as('root', enable)).toEqual(complains('Error: must be run as zextras user\n', 1));
    expect(await master.config()).toEqual(before);
  });

  it('12: ldap restart says that it leaves it to systemd, and restarts nothing', async () => {
    const before = await started();
    expect(await master.tool('bin/ldap restart')).toMatchObject(refusal);
    expect(await started()).toBe(before);
  });

  it('12, 13: enable-mmr runs the tool as zextras, and restarts slapd by systemd', async () => {
    const before = await started();
    const { code, stdout } = await runs('enable-mmr', 'first=ldap1', 'second=ldap2');
    expect(code, stdout).toBe(0);
    expect(outcomes(stdout)).toMatchObject({
      'mmr.pull.enable[ldap2]@ldap1': 'changed',
      'mmr.restart.restart@ldap1': 'changed',
    });
    expect(await started()).toBeGreaterThan(before);
    expect(await master.serves()).toBe(true);
    expect(await master.values('olcDatabase={3}mdb,cn=config', 'olcSyncrepl')).toHaveLength(1);
  });

  it('12: zmcontrol restart restarts nothing, either; update-urls does', async () => {
    const appserver = () => started(store, 'carbonio-appserver');
    const before = await appserver();
    await store.tool(`bin/zmlocalconfig -e ldap_url=${urlOf(other)}`);
    expect(await store.tool('bin/zmcontrol restart')).toMatchObject(refusal);
    expect(await appserver()).toBe(before);
    const { code, stdout } = await runs('update-urls', 'masters=ldap1');
    expect(code, stdout).toBe(0);
    expect(await appserver()).toBeGreaterThan(before);
  });
});
