import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startProxy, type TcpProxy } from './proxy.ts';

let echo: Server;
let proxy: TcpProxy;
/** What the server has got, over all connections. */
let got = '';

beforeEach(async () => {
  got = '';
  echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      got += chunk;
      socket.write(chunk);
    });
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startProxy((echo.address() as AddressInfo).port);
});
afterEach(async () => {
  await proxy.stop();
  echo.close();
});

async function dial(): Promise<Socket> {
  const socket = createConnection({ host: '127.0.0.1', port: proxy.port });
  await once(socket, 'connect');
  return socket;
}

/** What comes back until the socket is closed by the other side, and how it was. */
async function endOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const how = await new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    socket.once('end', () => resolve('end'));
  });
  return `${text} ${how}`;
}

test('a proxy passes both directions and counts them', async () => {
  const socket = await dial();
  socket.write('hello');
  expect(`${(await once(socket, 'data'))[0]}`).toBe('hello');
  expect([proxy.connections, proxy.bytes.up, proxy.bytes.down]).toEqual([1, 5, 5]);
  socket.destroy();
});

test.each([0, 1, 4, 5])(
  'reset after byte %i upward: so many arrive, and the client gets RST',
  async (afterBytes) => {
    proxy.arm({ direction: 'up', afterBytes, mode: 'reset' });
    const socket = await dial();
    const end = endOf(socket);
    socket.write('hello');
    expect(await end).toMatch(/ECONNRESET$/);
    expect(proxy.fired).toBe(true);
    expect([proxy.bytes.up, got.length <= afterBytes]).toEqual([afterBytes, true]);
  },
);

test('reset after a byte downward: the client gets that many, and the next connection is whole', async () => {
  proxy.arm({ direction: 'down', afterBytes: 3, mode: 'reset' });
  const socket = await dial();
  const end = endOf(socket);
  socket.write('hello');
  expect(await end).toBe('hel ECONNRESET');
  const next = await dial();
  next.write('again');
  expect(`${(await once(next, 'data'))[0]}`).toBe('again');
  next.destroy();
});

test('what is swallowed never arrives; healing resets it, and takes connections again', async () => {
  const socket = await dial();
  socket.write('before');
  await once(socket, 'data');
  proxy.cut('swallow');
  const late = await dial();
  const ends = [endOf(socket), endOf(late)];
  socket.write('lost');
  late.end('lost too');
  await new Promise((resolve) => setImmediate(resolve));
  proxy.heal();
  expect(await Promise.all(ends)).toEqual([' ECONNRESET', ' ECONNRESET']);
  expect(got).toBe('before');
  const next = await dial();
  next.write('after');
  expect(`${(await once(next, 'data'))[0]}`).toBe('after');
  expect(got).toBe('beforeafter');
  next.destroy();
});
