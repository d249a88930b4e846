/** `lockstep status` of eight masters in full mesh with 10,000 entries each: what it takes is printed. */
import { beforeAll, expect, test } from 'vitest';
import { lockstepFor } from '../lab/lockstep.ts';
import { makePool, people, settled } from '../lab/pool.ts';
import { sharedLab } from '../lab/shared-lab.ts';

const { run } = lockstepFor();
const hosts = Array.from({ length: 8 }, (_, at) => `ldap${at + 1}`);
const lab = sharedLab('large', { hosts: hosts.length });
/** The lab has 1,023 of its own, and the replicator comes with the pool. */
const ENTRIES = 10_000;

beforeAll(async () => {
  await makePool(lab, hosts, await lab.secret('replicator-password'), people(ENTRIES - 1024));
  await settled(lab, hosts);
});

test.each([
  ['status', []],
  ['status --deep', ['--deep']],
])(
  '%s looks at all of it',
  async (what, words) => {
    const seconds: number[] = [];
    for (let round = 0; round < 3; round++) {
      const begun = performance.now();
      const { stdout, stderr } = await run(['status', '-i', lab.inventory, '--json', ...words]);
      seconds.push((performance.now() - begun) / 1000);
      expect(stderr).toBe('');
      const { servers } = JSON.parse(stdout) as { servers: readonly { entries: number }[] };
      expect(servers.map(({ entries }) => entries)).toEqual(hosts.map(() => ENTRIES));
    }
    process.stdout.write(`${what} of 8 x ${ENTRIES}: ${seconds.map((one) => one.toFixed(1)).join(', ')} s\n`);
  },
  120_000,
);
