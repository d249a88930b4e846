/** A lab of each release that `npm test` leaves out: its nodes are well when it is up, and after their plugs were pulled. */
import { describe, expect, it } from 'vitest';
import { inflict } from '../../src/lab/fault.ts';
import { standInRelease } from '../../src/lab/platforms/stand-ins.ts';
import { labStatus } from '../../src/lab/status.ts';
import { sharedLab } from '../lab/shared-lab.ts';

const releases = [
  ['zimbra', '8.0.6'],
  ['zimbra', '8.6'],
  ['zimbra', '10'],
  ['carbonio', '23'],
  ['carbonio', '24'],
] as const;

describe.each(releases)('a lab of %s %s', { timeout: 60_000 }, (platform, release) => {
  const nodes = 'master=1,bare=1,replica=1,mailstore=1,mta=1,proxy=1';
  const lab = sharedLab(`${platform}-up`, { platform, release, nodes });
  const { user, home } = standInRelease(platform, release);
  const furnished = () => lab.record().hosts.filter(({ kind }) => kind !== 'bare');
  const allWell = async () => {
    const { hosts } = await labStatus(lab.name);
    expect(hosts.flatMap(({ faults }) => faults)).toEqual([]);
    for (const { name } of furnished()) {
      const told = await lab.inside(name, `su - ${user} -c 'zmcontrol status'`);
      expect(told).toMatch(/ Running$/m);
      expect(told).not.toContain('Stopped');
    }
  };

  it('has all of its nodes set up and well, and people on the replica, too', async () => {
    await allWell();
    const url = 'ldap://replica1.lab.example:389';
    const count = `su - ${user} -c 'ldapsearch -LLL -x -H ${url} -b dc=com 1.1' | grep -c ^dn`;
    expect(Number(await lab.inside('replica1', count))).toBeGreaterThan(200);
    expect(await lab.inside('ldap2', `ls ${home}/data`)).toBe('');
  });

  it('has all of its nodes well again after their plugs were pulled', async () => {
    for (const { name } of furnished()) await inflict(lab.name, name, { kind: 'reboot' });
    await allWell();
  });
});
