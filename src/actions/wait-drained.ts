/** `wait.drained`: nobody but its peers uses a directory any more. */
import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import { formatDuration, parseDuration } from '../engine/duration.ts';
import type { DirectoryReader, ReadPorts } from '../engine/ports.ts';
import { valuesOf } from '../ldap/config-names.ts';
import { formatCsn } from '../ldap/csn.ts';
import { readListeners } from '../ldap/listeners.ts';
import { deadConnections } from '../ldap/outlived.ts';
import { readCsns } from '../ldap/read-csns.ts';
import { parseTcpTable } from '../ldap/tcp-table.ts';
import { durationParam } from './duration-param.ts';
import { commandFailed, exitedWith } from './exit-text.ts';
import { hostParam, hostsParam } from './ldap-hosts-param.ts';
import { addressOf, serverParam } from './ldap-server.ts';
import { ownServerId } from './own-server-id.ts';

const params = z.strictObject({
  server: serverParam.optional(),
  suffix: z.string().describe('The tree'),
  peers: hostsParam.describe('Hosts whose connections are replication, and do not count'),
  nodes: z
    .array(hostParam)
    .optional()
    .describe(
      'Hosts that may be its clients: a connection from before such a host was booted is dead, and does not count',
    ),
  for: durationParam.describe('How long nobody may have used it'),
  'own-programs': z
    .boolean()
    .optional()
    .describe(
      'Programs of the host itself may come and go over ldapi. cn=monitor counts these too, so its counter is not asked then: ' +
        'of other clients, those are seen that are connected when it looks (every 2s), or that write',
    ),
  within: durationParam.optional().describe('Give up after this long. Default: 5 times `for`, at least 60s.'),
});

type Params = z.infer<typeof params>;

export interface Use {
  /** Addresses of clients that were connected or came, each once. */
  readonly clients: readonly string[];
  /** Connections that came and went, by the counter of cn=monitor; 0 where there is none. */
  readonly came: number;
  /** The newest change that was written here meanwhile. */
  readonly wrote: string | undefined;
}

export const waitDrained: GateAction<Params, Use> = {
  kind: 'gate',
  name: 'wait.drained',
  about:
    'Waits until nobody uses a directory but its peers: no connection to its ports, no new one in slapd’s log or in the ' +
    'counters of cn=monitor, where there are any, and no change that was written there.',
  params,
  patience: { withinMs: 60_000, everyMs: 0, times: 1 },
  patienceOf: (params) => ({
    withinMs: params.within ? parseDuration(params.within) : Math.max(60_000, 5 * parseDuration(params.for)),
    // One look takes `for` itself.
    everyMs: 0,
    times: 1,
  }),
  read: watch,
  lacking(params, { clients, came, wrote }) {
    const within = `within ${formatDuration(parseDuration(params.for))}`;
    if (clients.length > 0)
      return `it has clients: ${clients.slice(0, 5).join(', ')}${clients.length > 5 ? ', …' : ''}`;
    if (wrote !== undefined) return `it took a change of its own ${within}: ${wrote}`;
    return came > 0 ? `${came} connections came and went ${within}, says cn=monitor` : undefined;
  },
  result: (_, { clients }) => ({ clients }),
};

/** Most time between two looks at the connections, in ms. */
const LOOK_EVERY_MS = 2000;

async function watch(params: Params, ports: ReadPorts): Promise<Use> {
  const directory = await ports.directory(addressOf(params.server));
  const listeners = await readListeners(directory);
  const own = listeners.length > 0 ? listeners.map(({ port }) => port) : [389, 636];
  const seen = () => standing(directory, params.suffix, ports.host.name);
  const before = await seen();
  const began = await look(params, ports, '');
  const until = ports.now() + parseDuration(params.for);
  for (let now = began; ; now = await look(params, ports, began.time)) {
    const connected = parseTcpTable(now.table).filter(({ localPort }) => own.includes(localPort));
    const counts = (one: string) => !now.peers.includes(one) && !LOOPBACK.test(one);
    const others = connected.filter(({ remote }) => counts(remote));
    const dead = await deadConnections(others, params.nodes ?? [], Number(now.time), directory, ports);
    const alive = others.filter((one) => !dead.has(one)).map(({ remote }) => remote);
    const clients = [...new Set([...alive, ...now.accepted.filter(counts)])];
    if (clients.length > 0) return { clients, came: 0, wrote: undefined };
    const after = await seen();
    const wrote = after.csn === before.csn ? undefined : after.csn;
    const came = params['own-programs'] ? 0 : Math.max(0, after.connections - before.connections);
    if (wrote !== undefined || came > 0 || ports.now() >= until) return { clients, came, wrote };
    await ports.sleep(Math.min(LOOK_EVERY_MS, Math.max(0, until - ports.now())));
  }
}

const LOOPBACK = /^(?:127\.[\d.]+|::1)$/;

/** The newest change that this server has taken itself, and how many connections it has had. */
async function standing(directory: DirectoryReader, suffix: string, host: string) {
  const csn = (await readCsns(directory, suffix)).get(await ownServerId(directory, host, 'changes'));
  const [total] = await directory
    .search({ base: 'cn=Total,cn=Connections,cn=Monitor', scope: 'base', attributes: ['monitorCounter'] })
    .catch(() => []);
  const connections = Number(valuesOf(total?.attributes ?? {}, 'monitorCounter')[0] ?? 0);
  return { csn: csn && formatCsn(csn), connections };
}

const SCRIPT = `
date +%s
cat /proc/net/tcp
[ ! -r /proc/net/tcp6 ] || cat /proc/net/tcp6
echo ==peers
for peer in $LOCKSTEP_PEERS; do getent ahosts "$peer" | cut -d' ' -f1; done
echo ==accepted
[ -z "$LOCKSTEP_SINCE" ] || ! command -v journalctl >/dev/null ||
  journalctl -q --since "@$LOCKSTEP_SINCE" -t slapd -o cat | sed -n 's/.* ACCEPT from IP=\\(.*\\):[0-9]* (IP=.*/\\1/p'
exit 0
`;

async function look(params: Params, ports: ReadPorts, since: string) {
  const peers = params.peers.flatMap((peer) => [peer.name, ports.on(peer.name).host.address]);
  const env = { LC_ALL: 'C', LOCKSTEP_PEERS: peers.join(' '), LOCKSTEP_SINCE: since };
  const told = await ports.probe({ script: SCRIPT, env });
  const [table, addresses, accepted] = told.stdout.split(/^==.*\n/m);
  if (!exitedWith(told.exit, [0]) || accepted === undefined)
    throw commandFailed('listing the connections', told);
  return {
    time: table?.split('\n')[0] ?? '',
    table: table ?? '',
    peers: linesOf(addresses),
    accepted: linesOf(accepted).map((one) => one.replace(/^\[|\]$/g, '')),
  };
}

function linesOf(text = ''): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
