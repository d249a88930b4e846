/**
 * Connections that their client has not outlived. A host that lost its power said no farewell, so the server has its connections as
 * established for hours: until keepalive finds out (tcp(7): 2 h), or it writes there.
 */
import type { DirectoryReader, ReadPorts } from '../engine/ports.ts';
import { valuesOf } from './config-names.ts';
import { parseGeneralizedTime } from './generalized-time.ts';
import type { Connection } from './tcp-table.ts';

/** Seconds since process 1 began, also in a container, whose /proc/uptime is the machine's; then its addresses. */
const SCRIPT = `
awk -v hz="$(getconf CLK_TCK)" 'NR == FNR { up = $1; next } { sub(/^.*\\) /, ""); print int(up - $20 / hz) }' /proc/uptime /proc/1/stat
hostname -I
`;

/**
 * Those of `connections` that come from one of `nodes` and began before it was booted. `time`: the server's own clock before this,
 * in s since the epoch. A node that does not answer, and a server without cn=monitor, tell of none.
 */
export async function deadConnections(
  connections: readonly Connection[],
  nodes: readonly { readonly name: string }[],
  time: number,
  directory: DirectoryReader,
  ports: ReadPorts,
): Promise<ReadonlySet<Connection>> {
  if (connections.length === 0 || nodes.length === 0) return new Set();
  const [began, ...boots] = await Promise.all([
    beginnings(directory),
    ...nodes.map(({ name }) => bootOf(ports.on(name), time)),
  ]);
  const isDead = ({ remote, remotePort }: Connection) => {
    const start = began.get(`${remote} ${remotePort}`);
    return boots.some((boot) => start !== undefined && boot?.addresses.includes(remote) && start < boot.at);
  };
  return new Set(connections.filter(isDead));
}

/** Address and port → when slapd accepted it, s since the epoch. */
async function beginnings(directory: DirectoryReader): Promise<ReadonlyMap<string, number>> {
  const attributes = ['monitorConnectionPeerAddress', 'monitorConnectionStartTime'];
  const entries = await directory
    .search({ base: 'cn=Connections,cn=Monitor', scope: 'one', attributes })
    .catch(() => []);
  return new Map(
    entries.flatMap(({ attributes }): [string, number][] => {
      const [, address, port] =
        PEER.exec(valuesOf(attributes, 'monitorConnectionPeerAddress')[0] ?? '') ?? [];
      const at = parseGeneralizedTime(valuesOf(attributes, 'monitorConnectionStartTime')[0] ?? NEVER);
      return at === undefined ? [] : [[`${address} ${port}`, at / 1000]];
    }),
  );
}

const PEER = /^IP=\[?([^\]]*?)\]?:(\d+)$/;
const NEVER = '00000101000000Z';

/** By the server's clock, and rather too early than too late: the node is asked after the server was. */
async function bootOf(node: ReadPorts, time: number) {
  const told = await node.probe({ script: SCRIPT, env: { LC_ALL: 'C' } }).catch(() => undefined);
  const [up = '', addresses = ''] = told?.stdout.split('\n') ?? [];
  return /^\d+$/.test(up) ? { at: time - Number(up), addresses: addresses.split(' ') } : undefined;
}
