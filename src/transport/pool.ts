/** One connection a host, by the transport its target names; jump hosts are shared by all who go through them. */
import type { Duplex } from 'node:stream';
import { TransportError } from '../engine/ports.ts';
import { ShellConnection } from './connection.ts';
import type { FakeWorld } from './fake.ts';
import { localConnection } from './local.ts';
import type { Dial } from './reach.ts';
import { messageOf, Reach } from './reach.ts';
import { Semaphore } from './semaphore.ts';
import { ssh2Dial } from './ssh2.ts';
import type { Connection, Target, Transport, TransportOptions } from './transport.ts';

/** Makes the transport of a run. `fake` is the world that targets of transport `fake` live in. */
export function createTransport(options: TransportOptions, fake?: FakeWorld): Transport {
  const handshakes = new Semaphore(options.handshakes ?? 30);
  const connections = new Map<string, Connection>();
  const jumps = new Map<string, Reach>();

  const dialOf = (target: Target): Dial => {
    const path = target.jump ?? [];
    const last = path.at(-1);
    if (last === undefined) return ssh2Dial(target, { options, handshakes, through: undefined });
    const jump = jumpTo({ ...last, jump: path.slice(0, -1) });
    const through = async (): Promise<Duplex> => {
      const { link } = await jump.up();
      try {
        return await link.forwardTcp(target.address, target.port);
      } catch (error) {
        const message = `${target.name} cannot be reached through ${last.name}: ${messageOf(error)}`;
        throw new TransportError(
          'not-started',
          target.name,
          message,
          `Check ${target.address}:${target.port} from ${last.name}.`,
          {
            cause: error,
          },
        );
      }
    };
    return ssh2Dial(target, { options, handshakes, through });
  };

  const jumpTo = (target: Target): Reach => {
    const key = [...(target.jump ?? []), target]
      .map((hop) => `${hop.user}@${hop.address}:${hop.port}`)
      .join(' ');
    const known = jumps.get(key);
    if (known !== undefined) return known;
    const jump = new Reach(target, dialOf(target), options);
    jumps.set(key, jump);
    return jump;
  };

  const make = (target: Target): Connection => {
    if (target.transport === 'local') return localConnection(target, options);
    if (target.transport === 'ssh2') return new ShellConnection(target, dialOf(target), options);
    if (fake === undefined)
      throw new Error(`Bug: ${target.name} is a fake target, and there is no fake world`);
    return fake.connection(target);
  };

  return {
    connect(target) {
      const known = connections.get(target.name);
      if (known !== undefined) return known;
      const connection = make(target);
      connections.set(target.name, connection);
      return connection;
    },
    async closeAll() {
      const closing = [...connections.values()];
      connections.clear();
      await Promise.all(closing.map((connection) => connection.close()));
      await Promise.all([...jumps.values()].map((jump) => jump.close()));
      jumps.clear();
    },
  };
}
