import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Use, waitDrained } from '../../src/actions/wait-drained.ts';
import type { Command, ReadPorts } from '../../src/engine/ports.ts';
import { fakeDirectory, fakeHost, fakePorts, type Tree } from '../ldap/fake-directory.ts';
import { add, inOrder, load, modify, oneSlapd, overlay, suffix } from '../one-slapd.ts';
import { obtainSlapd } from '../slapd.ts';
import { localPorts } from './local-ports.ts';
import { answer } from './ports.ts';

const params = { suffix, peers: ['ldap2', 'ldap3'].map(fakeHost), for: '5s' };
const csn = (second: number, sid: number) => `202611220100${second}0.000000Z#000000#00${sid}#000000`;

/** An established connection of an address to a port of the host, as the kernel lists it. */
function connection(remote: string, port = 389): string {
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
  const address = remote
    .split('.')
    .reverse()
    .map((byte) => hex(Number(byte), 2))
    .join('');
  return `   1: 0100000A:${hex(port, 4)} ${address}:C001 01 00000000:00000000 00:00000000 00000000\n`;
}

const peers = ({ env }: Command) =>
  `${env?.['LOCKSTEP_PEERS']}`.replaceAll(/ldap\d ?/g, '').replaceAll(/ |$/g, '\n');

interface Host {
  /** By seconds since the look began: the connections at that time. */
  readonly table?: (second: number) => string;
  /** Addresses that slapd's log has since the look began. */
  readonly accepted?: (second: number) => string;
  readonly change?: (second: number, tree: Tree) => void;
  readonly tree?: Tree;
}

/** Two peers at 10.0.0.2 and .3; time moves by sleeping. */
function host({ table = () => '', accepted = () => '', change, tree = {} }: Host) {
  const directory = fakeDirectory({
    'cn=config': { olcServerID: ['1'] },
    [suffix]: { contextCSN: [csn(1, 1), csn(1, 2)] },
    ...tree,
  });
  const asked: (Command['env'] & object)[] = [];
  let began: number | undefined;
  const slept: number[] = [];
  const away = { ldap2: fakeDirectory({}), ldap3: fakeDirectory({}) };
  const fake = fakePorts({ ldap1: directory, ...away });
  const second = () => (fake.now() - (began ?? fake.now())) / 1000;
  const ports: ReadPorts = {
    ...fake,
    sleep: async (ms) => {
      slept.push(ms);
      await fake.sleep(ms);
      change?.(second(), directory.tree);
    },
    probe: async (command) => {
      began ??= fake.now();
      asked.push(command.env ?? {});
      const stdout = `1795664000\n${table(second())}==peers\n${peers(command)}==accepted\n${accepted(second())}`;
      return answer({ stdout });
    },
  };
  return { ports, asked, slept };
}

type More = Partial<typeof params> & { 'own-programs'?: boolean; nodes?: (typeof params)['peers'] };

/** `node`: what ldap3 says when it is asked for its age. */
async function look(one: Host, more: More = {}, node = '') {
  const { ports: plain, ...seen } = host(one);
  const ports: ReadPorts = {
    ...plain,
    on: (name) => ({ ...plain.on(name), probe: async () => answer({ stdout: node }) }),
  };
  const checked = waitDrained.params.parse({ ...params, ...more });
  const use: Use = await waitDrained.read(checked, ports);
  return { lacking: waitDrained.lacking(checked, use), result: waitDrained.result(checked, use), ...seen };
}

describe('wait.drained', () => {
  it('holds when nobody but its peers and the host itself was there all the time', async () => {
    const table = () =>
      ['10.0.0.2', '10.0.0.3', '127.0.0.1', '127.1.2.3'].map((one) => connection(one)).join('');
    const { lacking, result, slept, asked } = await look({
      table,
      accepted: () => '10.0.0.2\n::1\n127.0.0.1\n',
    });
    expect(lacking).toBeUndefined();
    expect(result).toEqual({ clients: [] });
    expect(slept).toEqual([2000, 2000, 1000]);
    // The first look has nothing behind it; the others ask the log for what came since then.
    expect(asked.map((env) => env['LOCKSTEP_SINCE'])).toEqual(['', '1795664000', '1795664000', '1795664000']);
    expect(asked[0]?.['LOCKSTEP_PEERS']).toBe('ldap2 10.0.0.2 ldap3 10.0.0.3');
  });

  it('names clients at once, each once, five of them at most', async () => {
    const clients = [1, 2, 3, 4, 5, 6].map((at) => `10.0.1.${at}`);
    const { lacking, result, slept } = await look({
      table: () => [...clients, '10.0.1.1', '10.0.0.2'].map((one) => connection(one)).join(''),
    });
    expect(lacking).toBe('it has clients: 10.0.1.1, 10.0.1.2, 10.0.1.3, 10.0.1.4, 10.0.1.5, …');
    expect([result, slept]).toEqual([{ clients }, []]);
  });

  it('finds who comes later, and who came and went between two looks', async () => {
    const later = await look({ table: (second) => (second >= 4 ? connection('10.0.1.1') : '') });
    expect([later.lacking, later.slept]).toEqual(['it has clients: 10.0.1.1', [2000, 2000]]);
    const between = await look({ accepted: (second) => (second >= 2 ? '10.0.1.2\n[2001:db8::1]\n' : '') });
    expect(between.lacking).toBe('it has clients: 10.0.1.2, 2001:db8::1');
  });

  it('looks at the ports of its listeners only, 389 and 636 where they are not known', async () => {
    const table = () => connection('10.0.1.1', 22) + connection('10.0.1.2', 1389);
    expect((await look({ table })).lacking).toBeUndefined();
    expect((await look({ table: () => connection('10.0.1.3', 636) })).lacking).toBe(
      'it has clients: 10.0.1.3',
    );
    const listeners = { 'cn=Listener 0,cn=Listeners,cn=Monitor': { labeledURI: ['ldap://:1389/'] } };
    const tree = { 'cn=Listeners,cn=Monitor': {}, ...listeners };
    expect((await look({ table, tree })).lacking).toBe('it has clients: 10.0.1.2');
    expect((await look({ table: () => connection('10.0.1.3'), tree })).lacking).toBeUndefined();
  });

  describe('a connection that its client has not outlived', () => {
    // The look began at 1795664000 s, which is 2026-11-26 03:33:20 UTC; 49153 is the port of `connection`.
    const monitored = (address: string, began: string) => ({
      'cn=Connections,cn=Monitor': {},
      'cn=Connection 7,cn=Connections,cn=Monitor': {
        monitorConnectionPeerAddress: [`IP=${address}:49153`],
        monitorConnectionStartTime: [began],
      },
    });
    const from = (upSeconds: string, began: string, address = '10.0.0.3') => {
      const one = { table: () => connection('10.0.0.3'), tree: monitored(address, began) };
      return look(
        one,
        { peers: [fakeHost('ldap2')], nodes: [fakeHost('ldap3')] },
        `${upSeconds}\n10.0.0.3 \n`,
      );
    };

    it('does not count: it began before the node was booted', async () => {
      expect((await from('60', '20261126033200Z')).lacking).toBeUndefined();
    });

    it('counts where it began later, is another one, or nobody can tell', async () => {
      const has = 'it has clients: 10.0.0.3';
      expect((await from('60', '20261126033221Z')).lacking).toBe(has);
      expect((await from('3600', '20261126033200Z')).lacking).toBe(has);
      expect((await from('60', '20261126033200Z', '10.0.0.4')).lacking).toBe(has);
      expect((await from('', '20261126033200Z')).lacking).toBe(has);
    });
  });

  it('counts what cn=monitor saw come and go', async () => {
    const total = 'cn=Total,cn=Connections,cn=Monitor';
    const change = (second: number, tree: Tree) => {
      tree[total] = { monitorCounter: [String(second >= 4 ? 103 : 100)] };
    };
    const { lacking, slept } = await look({ tree: { [total]: { monitorCounter: ['100'] } }, change });
    expect([lacking, slept]).toEqual([
      '3 connections came and went within 5s, says cn=monitor',
      [2000, 2000],
    ]);
    const own = { tree: { [total]: { monitorCounter: ['100'] } }, change };
    expect((await look(own, { 'own-programs': true })).lacking).toBeUndefined();
    const connected = { ...own, table: (second: number) => (second >= 4 ? connection('10.0.1.1') : '') };
    expect((await look(connected, { 'own-programs': true })).lacking).toBe('it has clients: 10.0.1.1');
  });

  it('sees a change of its own, and none of those that replication brings', async () => {
    const writes = (sid: number) => (_: number, tree: Tree) => {
      tree[suffix] = { contextCSN: [csn(sid === 1 ? 2 : 1, 1), csn(2, 2)] };
    };
    expect((await look({ change: writes(2) })).lacking).toBeUndefined();
    expect((await look({ change: writes(1) })).lacking).toBe(
      `it took a change of its own within 5s: ${csn(2, 1)}`,
    );
  });

  it('does not pass where it cannot tell: URLs as server ID, a command that fails', async () => {
    const urls = { 'cn=config': { olcServerID: ['1 ldap://a/', '2 ldap://b/'] } };
    await expect(look({ tree: urls })).rejects.toThrow('ldap1: olcServerID has the URL form');
    const { ports } = host({});
    const broken = { ...ports, probe: async () => answer({ code: 1, stderr: 'date: no' }) };
    await expect(waitDrained.read(waitDrained.params.parse(params), broken)).rejects.toThrow(
      'listing the connections exited 1; stderr: date: no',
    );
    const short = { ...ports, probe: async () => answer({ stdout: '1795664000\n' }) };
    await expect(waitDrained.read(waitDrained.params.parse(params), short)).rejects.toThrow(
      /listing the connections/,
    );
  });

  it.each([
    ['5s', undefined, 60_000],
    ['30s', undefined, 150_000],
    ['30s', '40s', 40_000],
  ])('for %s within %s gives up after %d ms', (time, within, withinMs) => {
    const checked = waitDrained.params.parse({ ...params, for: time, ...(within && { within }) });
    expect(waitDrained.patienceOf?.(checked)).toEqual({ withinMs, everyMs: 0, times: 1 });
  });

  it('takes durations with a unit, and at least one peer', () => {
    const message = (wrong: object) =>
      waitDrained.params.safeParse({ ...params, ...wrong }).error?.issues[0]?.message ?? '';
    expect(message({ for: '5' })).toMatch(/must be a duration such as 500ms/);
    expect(message({ peers: [] })).not.toBe('');
  });
});

describe('on this machine', () => {
  beforeAll(obtainSlapd, 300_000);

  it('a connection over loopback is in the kernel’s table, and nobody’s but its own', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => listener.once('listening', resolve));
    const { port } = listener.address() as { port: number };
    const client = connect(port, '127.0.0.1');
    await new Promise((resolve) => client.once('connect', resolve));
    const { ports } = host({});
    const local = localPorts();
    const told: string[] = [];
    const probe: ReadPorts['probe'] = async (command) => {
      const result = await local.probe(command);
      told.push(result.stdout);
      return result;
    };
    const checked = waitDrained.params.parse({ ...params, peers: [fakeHost('ldap2')], for: '100ms' });
    const use = await waitDrained.read(checked, { ...ports, probe });
    expect(use).toEqual({ clients: [], came: 0, wrote: undefined });
    expect(told[0]).toContain(`:${port.toString(16).toUpperCase().padStart(4, '0')} `);
    expect(told[0]?.match(/local_address/g)).toHaveLength(existsSync('/proc/net/tcp6') ? 2 : 1);
    client.destroy();
    listener.close();
  });

  it('the log is asked for what slapd accepted since the first look, by TCP', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'lockstep-journal-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const lines = [
      'conn=1000 fd=12 ACCEPT from IP=10.0.1.1:46820 (IP=0.0.0.0:389)',
      'conn=1001 fd=13 ACCEPT from IP=[2001:db8::1]:46821 (IP=[::]:389)',
      'conn=1002 fd=14 ACCEPT from PATH=/var/run/slapd/ldapi (PATH=/var/run/slapd/ldapi)',
      'conn=1000 op=0 BIND dn="cn=ACCEPT from IP" method=128',
    ];
    const script = `#!/bin/sh\necho "$@" >>${dir}/asked\ncat <<'END'\n${lines.join('\n')}\nEND\n`;
    writeFileSync(join(dir, 'journalctl'), script, { mode: 0o755 });
    const local = localPorts();
    const { ports } = host({});
    const probe: ReadPorts['probe'] = (command) =>
      local.probe({ ...command, env: { ...command.env, PATH: `${dir}:${process.env.PATH}` } });
    const checked = waitDrained.params.parse({ ...params, peers: [fakeHost('ldap2')], for: '100ms' });
    const { clients } = await waitDrained.read(checked, { ...ports, probe });
    expect(clients).toEqual(['10.0.1.1', '2001:db8::1']);
    expect(readFileSync(join(dir, 'asked'), 'utf8')).toMatch(/^-q --since @\d{10} -t slapd -o cat\n$/);
  });

  it('a real slapd counts who came and went, and what was written', async () => {
    const server = await oneSlapd({ monitor: true });
    await modify('cn=config', add('olcServerID', '1'))(server);
    const nobody = { suffix, peers: [fakeHost('ldap1')], for: '100ms', server: { url: 'ldap://localhost' } };
    await expect(waitDrained.read(nobody, server.ports)).rejects.toThrow(
      /cn=config is hidden from this account/,
    );
    const local = localPorts();
    const checked = waitDrained.params.parse({ suffix, peers: [fakeHost('ldap1')], for: '100ms' });
    const whileOthers = async (act: () => Promise<void>) => {
      let acted = false;
      const probe: ReadPorts['probe'] = async (command) => {
        const told = await local.probe(command);
        if (!acted) await act();
        acted = true;
        return told;
      };
      return await waitDrained.read(checked, { ...server.ports, probe });
    };
    expect(await whileOthers(async () => {})).toEqual({ clients: [], came: 0, wrote: undefined });
    const visit = async () => {
      const socket = connect(server.slapd.port, '127.0.0.1');
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.destroy();
    };
    expect(await whileOthers(visit)).toMatchObject({ clients: [], came: 1 });
    await inOrder(load('syncprov'), overlay('syncprov', 'olcSyncProvConfig'))(server);
    const directory = await server.asRoot();
    const write = (value: string) =>
      directory.modify(suffix, [{ op: 'replace', attribute: 'description', values: [value] }]);
    await write('before');
    expect(await whileOthers(async () => {})).toEqual({ clients: [], came: 0, wrote: undefined });
    expect(await whileOthers(() => write('meanwhile'))).toMatchObject({
      wrote: expect.stringMatching(/^\d{14}\.\d{6}Z#000000#001#000000$/),
    });
  });
});
