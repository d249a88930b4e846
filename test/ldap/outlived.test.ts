import { connect } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { deadConnections } from '../../src/ldap/outlived.ts';
import { parseTcpTable } from '../../src/ldap/tcp-table.ts';
import { localPorts } from '../actions/local-ports.ts';
import { oneSlapd } from '../one-slapd.ts';
import { obtainSlapd } from '../slapd.ts';

beforeAll(obtainSlapd, 300_000);

test('a real slapd and a real host tell which connection began before the boot of its client', async () => {
  const server = await oneSlapd({ monitor: true });
  const client = connect(server.slapd.port, '127.0.0.1');
  await new Promise((resolve) => client.once('connect', resolve));
  const ports = localPorts();
  const { stdout } = await ports.probe({ script: 'hostname -I; cat /proc/net/tcp' });
  const connections = parseTcpTable(stdout).filter(({ localPort }) => localPort === server.slapd.port);
  expect(connections).toHaveLength(1);
  // `hostname -I` leaves loopback out; so this host tells that it has that address, too.
  const node = {
    ...ports,
    probe: async (command: Parameters<typeof ports.probe>[0]) => {
      const told = await ports.probe(command);
      return { ...told, stdout: told.stdout.replace(/(\n.*)\n$/, '$1 127.0.0.1\n') };
    },
  };
  const now = Math.floor(Date.now() / 1000);
  const deadAt = async (time: number) =>
    [
      ...(await deadConnections(connections, [{ name: 'store1' }], time, await server.asRoot(), {
        ...ports,
        on: () => node,
      })),
    ].length;
  expect(await deadAt(now)).toBe(0);
  // As if it were two years later, and this host booted as long ago as it did.
  expect(await deadAt(now + 2 * 365 * 86_400)).toBe(1);
  client.destroy();
});
