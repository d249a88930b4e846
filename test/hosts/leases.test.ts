import { describe, expect, test } from 'vitest';
import type { LeaseTaken } from '../../src/engine/event.ts';
import { groundToTake, heldText } from '../../src/hosts/lease-rules.ts';
import { Leases } from '../../src/hosts/leases.ts';
import { FakeWorld } from '../../src/transport/fake.ts';
import type { HeldLease, LeaseTerms } from '../../src/transport/lease.ts';

const HOSTS = ['h1', 'h2', 'h3'];
const terms = (run: string): Omit<LeaseTerms, 'nonce'> => ({
  run,
  controller: `process of ${run}`,
  seconds: 60,
  since: '2026-11-25T01:02:11.000Z',
  who: `${run}@desk`,
  why: 'CHG-4211',
});

/** The leases of one run over hosts that several share. */
function leasesOf(run: string, world: FakeWorld, dead: readonly string[] = []) {
  const taken: LeaseTaken[] = [];
  const lost: string[] = [];
  const leases = new Leases({
    connection: (name) =>
      world.connection({
        name,
        address: name,
        port: 22,
        user: 'root',
        transport: 'fake',
        identityFiles: [],
        knownHostsFiles: [],
      }),
    terms: terms(run),
    isGone: (controller) => dead.includes(controller),
    taken: (one) => void taken.push(one),
    lost: (text) => void lost.push(text),
  });
  return { leases, taken, lost };
}

describe('the leases of a run', () => {
  test('are all or none: where another holds one, nothing stays taken', async () => {
    const world = new FakeWorld();
    await leasesOf('alice', world).leases.take(['h2']);
    const bob = leasesOf('bob', world);
    expect(await bob.leases.take(HOSTS)).toMatchObject([{ host: 'h2', held: { holder: terms('alice') } }]);
    for (const host of ['h1', 'h3']) expect(world.host(host).lease.answer({ act: 'look' }).kind).toBe('free');
  });

  test('are given back at the end, and then another’s to take', async () => {
    const world = new FakeWorld();
    const { leases } = leasesOf('alice', world);
    await leases.take(HOSTS);
    await leases.release();
    const bob = leasesOf('bob', world);
    expect(await bob.leases.take(HOSTS)).toEqual([]);
    expect(bob.taken).toEqual(HOSTS.map((host) => ({ host, epoch: 2 })));
  });

  test('are taken over for a typed reason, which is told with whose they were; the other can start nothing more', async () => {
    const world = new FakeWorld();
    const alice = leasesOf('alice', world);
    await alice.leases.take(['h1']);
    const lease = await alice.leases.lease('h1', undefined);
    const bob = leasesOf('bob', world);
    expect(await bob.leases.take(['h1'], 'alice went home')).toEqual([]);
    const { run, who, since, why } = terms('alice');
    expect(bob.taken).toEqual([
      { host: 'h1', epoch: 2, over: { run, who, since, why }, ground: 'person', because: 'alice went home' },
    ]);
    expect(world.host('h1').lease.isHeldBy(lease)).toBe(false);
    await expect(alice.leases.confirm('h1')).rejects.toMatchObject({
      kind: 'fenced',
      message: expect.stringContaining(
        'h1 is held by run bob of bob@desk since 2026-11-25 01:02:11Z: CHG-4211',
      ),
    });
  });

  test.each([
    ['has lapsed', [], true, 'lapsed'],
    ['is of a process that is dead', ['process of alice'], false, 'gone'],
  ] as const)('are taken without a person where the other’s %s', async (_what, dead, lapsed, ground) => {
    const world = new FakeWorld();
    await leasesOf('alice', world).leases.take(['h1']);
    world.host('h1').lease.lapsed = lapsed;
    const bob = leasesOf('bob', world, dead);
    expect(await bob.leases.take(['h1'])).toEqual([]);
    expect(bob.taken).toMatchObject([{ host: 'h1', epoch: 2, ground, over: { run: 'alice' } }]);
  });

  test('are not taken from a dead run whose command still runs there, but by its own resume', async () => {
    const world = new FakeWorld();
    await leasesOf('alice', world).leases.take(['h1']);
    world.host('h1').lease.running = ['load@h1.1'];
    const dead = ['process of alice'];
    const [conflict] = await leasesOf('bob', world, dead).leases.take(['h1']);
    expect(heldText('h1', conflict?.held as HeldLease)).toContain('still running there: load@h1.1');
    expect(await leasesOf('alice', world, dead).leases.take(['h1'])).toEqual([]);
  });

  test('one for each user that changes something, taken when it is first needed', async () => {
    const world = new FakeWorld();
    const { leases, taken } = leasesOf('alice', world);
    await leases.take(['h1']);
    await Promise.all([leases.lease('h1', undefined), leases.lease('h1', undefined)]);
    expect(taken).toEqual([{ host: 'h1', epoch: 1 }]);
  });

  test('that cannot be asked for now are left for the step that needs them', async () => {
    const world = new FakeWorld();
    const { leases } = leasesOf('alice', world);
    const broken = leasesOf('bob', world);
    await leases.release();
    expect(await broken.leases.take([])).toEqual([]);
    await expect(leases.lease('h9', undefined)).resolves.toMatchObject({ epoch: 1 });
  });
});

describe('a held lease', () => {
  const held: HeldLease = {
    kind: 'held',
    epoch: 3,
    holder: { ...terms('alice'), nonce: 'n' },
    agoSeconds: 4,
    lapsed: false,
    running: [],
  };

  test('is told in one line', () => {
    expect(heldText('ldap1', held)).toBe(
      'ldap1 is held by run alice of alice@desk since 2026-11-25 01:02:11Z: CHG-4211 (renewed 4 s ago, for 60 s)',
    );
    expect(
      heldText('ldap1', { ...held, agoSeconds: 400, lapsed: true, running: ['a@h.1', 'b@h.1'] }),
    ).toMatch(/\(it lapsed 6 min ago; still running there: a@h\.1, b@h\.1\)$/);
  });

  test('of the same run on another machine is not ours before it lapses', () => {
    expect(groundToTake(held, 'alice', () => false)).toBeUndefined();
    expect(groundToTake({ ...held, lapsed: true }, 'alice', () => false)).toBe('lapsed');
    expect(groundToTake(held, 'alice', () => true)).toBe('gone');
  });
});
