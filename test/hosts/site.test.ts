import { describe, expect, test } from 'vitest';
import type { DirectoryAddress, DirectoryWriter } from '../../src/engine/ports.ts';
import { measureSkew } from '../../src/hosts/clock-skew.ts';
import { Leases } from '../../src/hosts/leases.ts';
import { Site } from '../../src/hosts/site.ts';
import { FakeWorld } from '../../src/transport/fake.ts';
import type { HostIdentity, Target } from '../../src/transport/transport.ts';

const LDAPI: DirectoryAddress = { kind: 'ldapi', path: 'auto' };

function leasesIn(world: FakeWorld): Leases {
  const terms = { run: 'r1', controller: 'me', seconds: 60, since: '', who: 'alice@desk', why: 'CHG-1' };
  return new Leases({
    connection: (name) => world.connection({ ...TARGET, name, address: name }),
    terms,
    isGone: () => false,
    taken: () => undefined,
    lost: () => undefined,
  });
}

const TARGET: Target = {
  name: '',
  address: '',
  port: 22,
  user: 'root',
  transport: 'fake',
  identityFiles: [],
  knownHostsFiles: [],
};

function siteOf(world = new FakeWorld()) {
  const met: string[] = [];
  const opened: string[] = [];
  const closed: string[] = [];
  let refuse = false;
  const site = new Site({
    host: (name) => ({ name, address: name, platform: 'openldap', groups: [], vars: {} }),
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
    openDirectory: async (host) => {
      if (refuse) throw new Error('refused');
      const id = `${host}#${opened.push(host)}`;
      return { close: async () => void closed.push(id) } as DirectoryWriter & { close(): Promise<void> };
    },
    now: () => 0,
    sleep: async () => undefined,
    met: (host: string, { bootId }: HostIdentity) => void met.push(`${host} ${bootId}`),
    leases: leasesIn(world),
  });
  const setRefuse = (value: boolean): void => {
    refuse = value;
  };
  return { site, world, met, opened, closed, setRefuse };
}

const errand = (signal = new AbortController().signal) => ({ signal, note: () => undefined });

describe('a site', () => {
  test('tells once who a host is', async () => {
    const { site, met } = siteOf();
    await Promise.all([site.meet('h1'), site.meet('h1'), site.meet('h2')]);
    expect(met).toEqual(['h1 boot-1', 'h2 boot-1']);
  });

  test('opens one directory a host and address, and closes it at the end', async () => {
    const { site, opened, closed } = siteOf();
    const ports = site.reading('h1', errand());
    await Promise.all([ports.directory(LDAPI), ports.directory(LDAPI), ports.on('h2').directory(LDAPI)]);
    await site.close();
    expect([opened, closed]).toEqual([
      ['h1', 'h2'],
      ['h1#1', 'h2#2'],
    ]);
  });

  test('does not remember an opening that failed', async () => {
    const { site, setRefuse, opened } = siteOf();
    setRefuse(true);
    await expect(site.reading('h1', errand()).directory(LDAPI)).rejects.toThrow('refused');
    setRefuse(false);
    await site.reading('h1', errand()).directory(LDAPI);
    expect(opened).toEqual(['h1']);
  });

  test('shares no connection that a password opened, and closes each', async () => {
    const { site, opened, closed } = siteOf();
    const address: DirectoryAddress = {
      kind: 'tcp',
      host: 'x',
      port: 389,
      tls: 'none',
      bindDn: 'cn=a',
      password: 'p',
    };
    const ports = site.reading('h1', errand());
    await ports.directory(address);
    await ports.directory(address);
    await site.close();
    expect([opened.length, closed.length]).toEqual([2, 2]);
  });

  test('lets go of a look, but never of a command that changes something', async () => {
    const { site, world } = siteOf();
    let finish: (value?: unknown) => void = () => undefined;
    const until = new Promise((resolve) => {
      finish = resolve;
    });
    world.host('h1').expectProbe(['look'], { until }).expectChange(['act'], { until });
    const abort = new AbortController();
    const ports = site.writing('h1', {
      ...errand(abort.signal),
      token: () => ({ run: 'r', task: 'a@h1', attempt: 1 }),
    });
    const looking = ports.probe({ argv: ['look'] });
    const acting = ports.execute({ argv: ['act'] });
    abort.abort();
    expect((await looking).exit).toEqual({ kind: 'killed', signal: 'SIGTERM' });
    finish();
    expect((await acting).exit).toEqual({ kind: 'exited', code: 0 });
  });

  test('carries the bytes of a transfer, and fails when either end does', async () => {
    const { site, world } = siteOf();
    const ports = () =>
      site.writing('h1', { ...errand(), token: () => ({ run: 'r', task: 'a@h1', attempt: 1 }) });
    const ends = [
      { host: 'h1', command: { argv: ['read'] } },
      { host: 'h2', command: { argv: ['write'] } },
    ] as const;
    world.host('h1').expectStream(['read'], { stdout: 'hello' });
    world.host('h2').expectStream(['write']);
    expect(await ports().transfer(...ends)).toEqual({ bytes: 5 });
    expect(Buffer.concat(world.host('h2').received).toString()).toBe('hello');

    world.host('h1').expectStream(['read'], { stdout: 'x' });
    world.host('h2').expectStream(['write'], { code: 1, stderr: 'no space\n' });
    await expect(ports().transfer(...ends)).rejects.toThrow('h2: the transfer failed (exit 1): no space');
    world.assertDone();
  });

  test('says why a port cannot be reached, from the host that was asked', async () => {
    const { site, world } = siteOf();
    expect(await site.reading('h1', errand()).reaches('ldap2', 389)).toBe(
      'h1 cannot connect to ldap2:389: connection refused',
    );
    world.host('h1').onForward = () => ({ destroy: () => undefined }) as never;
    expect(await site.reading('h1', errand()).reaches('ldap2', 389)).toBe(true);
  });
});

describe('the skew of a clock', () => {
  /** Each sample takes that long; the host's clock is ahead by so much when the answer is made, half way. */
  function clock(trips: readonly number[], aheadMs: number, show: (ms: number) => string) {
    let now = 1_000_000;
    let sample = 0;
    return measureSkew(
      async () => {
        const trip = trips[sample++] ?? 0;
        const stdout = show(now + trip / 2 + aheadMs);
        now += trip;
        return { exit: { kind: 'exited', code: 0 }, stdout, stderr: '', truncated: false, durationMs: trip };
      },
      () => now,
    );
  }
  const fine = (ms: number) =>
    `${Math.floor(ms / 1000)}.${String(Math.round((ms % 1000) * 1e6)).padStart(9, '0')}\n`;

  test('is that of the shortest round trip, with half of it as uncertainty', async () => {
    expect(await clock([400, 100, 20, 300], 750, fine)).toEqual({ skewMs: 750, uncertaintyMs: 10 });
  });

  test('is uncertain by half a second more where date knows no fractions', async () => {
    expect((await clock([20, 20, 20, 20], 0, (ms) => `${Math.floor(ms / 1000)}.%N\n`)).uncertaintyMs).toBe(
      510,
    );
  });

  test('is not made up of what is no date', async () => {
    await expect(clock([1], 0, () => 'not found\n')).rejects.toThrow('date printed "not found\\n"');
  });
});
