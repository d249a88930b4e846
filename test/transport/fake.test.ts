import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/secrets/secret.ts';
import { FakeWorld } from '../../src/transport/fake.ts';
import type { Target } from '../../src/transport/transport.ts';
import { transportContract } from './contract.ts';

const target: Target = {
  name: 'ldap1',
  address: 'ldap1.example.org',
  port: 22,
  user: 'root',
  transport: 'fake',
  identityFiles: [],
  knownHostsFiles: [],
};
const token = { run: 'r1', task: 'restart@ldap1', attempt: 1 };

transportContract('fake', async () => {
  const world = new FakeWorld();
  const host = world.host('ldap1');
  return {
    connection: world.transport().connect(target),
    prime(kind, command, reply) {
      if (kind === 'probe') host.expectProbe(command, reply);
      else if (kind === 'change') host.expectChange(command, reply);
      else host.expectStream(command, reply);
    },
    end: async () => world.assertDone(),
  };
});

describe('a fake host', () => {
  test('fails on a command that nobody expected, and says what was', async () => {
    const world = new FakeWorld();
    world.host('ldap1').expectProbe(['slapcat']);
    const connection = world.transport().connect(target);
    await expect(connection.probe({ argv: ['rm', '-rf', '/'] })).rejects.toThrow('expects probe ["slapcat"]');
    expect(() => world.assertDone()).toThrow('was asked for probe {"argv":["rm","-rf","/"]}');
  });

  test('does not take a change for the probe that it expects', async () => {
    const world = new FakeWorld();
    world.host('ldap1').expectProbe(['true']);
    await expect(
      world
        .transport()
        .connect(target)
        .execute(token, { argv: ['true'] }),
    ).rejects.toThrow('for change');
  });

  test('fails on an expected command that never came', () => {
    const world = new FakeWorld();
    world.host('ldap1').expectChange(['systemctl', 'restart', 'slapd']);
    expect(() => world.assertDone()).toThrow('was never asked for change ["systemctl","restart","slapd"]');
  });

  test('answers a command of always as often as it is asked, between the expected ones', async () => {
    const world = new FakeWorld();
    world.host('ldap1').expectProbe('uptime', { stdout: 'up\n' }).always(['true']);
    const connection = world.transport().connect(target);
    for (let i = 0; i < 3; i++) await connection.probe({ argv: ['true'] });
    expect((await connection.probe({ script: 'uptime' })).stdout).toBe('up\n');
    world.assertDone();
  });

  test('compares secrets in clear but shows their names', async () => {
    const world = new FakeWorld();
    world.host('ldap1').expectProbe({ stdin: new Secret('pw', 'hunter2') });
    const connection = world.transport().connect(target);
    const wrong = connection.probe({ argv: ['x'], stdin: new Secret('pw', 'other') });
    await expect(wrong).rejects.toThrow('"$secret":"pw"');
    await expect(wrong).rejects.not.toThrow('hunter2');
    expect((await connection.probe({ argv: ['x'], stdin: 'hunter2' })).exit).toEqual({
      kind: 'exited',
      code: 0,
    });
  });

  test.each([
    ['before-start', 'never-started', 'never-started'],
    ['while-running', 'running', 'ended'],
    ['after-end', 'ended', 'ended'],
    ['vanished', 'vanished', 'vanished'],
  ] as const)(
    'whose link drops %s is lost; its receipt says %s, and %s to the next controller',
    async (drop, kind, last) => {
      const world = new FakeWorld();
      world.host('ldap1').expectChange(['true'], { drop, stdout: 'x' });
      const first = world.transport().connect(target);
      await expect(first.execute(token, { argv: ['true'] })).rejects.toMatchObject({ kind: 'lost' });
      const next = world.transport().connect(target);
      expect((await next.receipt(token)).kind).toBe(kind);
      expect((await next.reattach(token)).kind).toBe(last);
    },
  );

  test('forgets what ran when it reboots, and has another boot', async () => {
    const world = new FakeWorld();
    const host = world.host('ldap1').expectChange(['true'], { drop: 'while-running' });
    const connection = world.transport().connect(target);
    await expect(connection.execute(token, { argv: ['true'] })).rejects.toMatchObject({ kind: 'lost' });
    host.reboot('boot-2');
    expect((await connection.identity()).bootId).toBe('boot-2');
    expect((await connection.receipt(token)).kind).toBe('vanished');
  });

  test('kills a command that waits when it is aborted', async () => {
    const world = new FakeWorld();
    world.host('ldap1').expectChange(['sleep', '9'], { until: new Promise(() => {}) });
    const abort = new AbortController();
    const running = world
      .transport()
      .connect(target)
      .execute(token, { argv: ['sleep', '9'] }, {}, abort.signal);
    abort.abort();
    expect((await running).exit).toEqual({ kind: 'killed', signal: 'SIGTERM' });
  });

  test('that is unreachable proves that nothing started', async () => {
    const world = new FakeWorld();
    world.host('ldap1').expectChange(['true'], { unreachable: true });
    const connection = world.transport().connect(target);
    await expect(connection.execute(token, { argv: ['true'] })).rejects.toMatchObject({
      kind: 'not-started',
    });
    expect(world.host('ldap1').tokens.size).toBe(0);
  });
});
