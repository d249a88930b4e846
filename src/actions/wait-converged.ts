/** `wait.converged`: the servers hold the same data, by contextCSN and then entry by entry. */
import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import type { ReadPorts } from '../engine/ports.ts';
import { contentGap, csnLag, csnTexts, type Replica } from '../ldap/convergence.ts';
import { digestStamps, STAMP_ATTRIBUTES, stampOf } from '../ldap/digest.ts';
import { readCsns } from '../ldap/read-csns.ts';
import { hostsParam } from './ldap-hosts-param.ts';
import { addressOf, serverParam } from './ldap-server.ts';
import { patienceFields, patienceFrom } from './patience-fields.ts';

const params = z.strictObject({
  suffix: z.string().describe('The tree that is replicated'),
  servers: hostsParam.describe('The servers that must agree'),
  server: serverParam.optional().describe('How to reach the directory on each of them'),
  deep: z
    .boolean()
    .optional()
    .describe('Default true: compare every entry; equal contextCSN alone proves nothing'),
  ...patienceFields,
});

type Params = z.infer<typeof params>;

const DEFAULTS = { withinMs: 60_000, everyMs: 1000, times: 1 };

/** `result`: { entries, digest, csns }: entry count, SHA-256 over entryUUID and entryCSN (null if not deep), CSN texts. */
export const waitConverged: GateAction<Params, readonly Replica[]> = {
  kind: 'gate',
  name: 'wait.converged',
  about: 'Waits until the servers hold the same data.',
  params,
  patience: DEFAULTS,
  patienceOf: (params) => patienceFrom(params, DEFAULTS),
  async read(params, ports) {
    const shallow = await Promise.all(
      params.servers.map(async ({ name }) => await readShallow(name, params, ports)),
    );
    // Content is worth reading only when the CSNs agree; while writes go on, it may differ for a moment.
    if (csnLag(shallow) !== undefined) return shallow;
    return await Promise.all(shallow.map(async (replica) => await readContent(replica, params, ports)));
  },
  lacking: (_, replicas) => csnLag(replicas) ?? contentGap(replicas),
  result: (_, replicas) => {
    const [first] = replicas;
    return {
      entries: first?.content?.count ?? 0,
      digest: first?.content?.digest ?? null,
      csns: first ? csnTexts(first) : [],
    };
  },
};

async function readShallow(host: string, params: Params, ports: ReadPorts): Promise<Replica> {
  const directory = await ports.on(host).directory(addressOf(params.server));
  return { host, csns: await readCsns(directory, params.suffix) };
}

async function readContent(replica: Replica, params: Params, ports: ReadPorts): Promise<Replica> {
  const directory = await ports.on(replica.host).directory(addressOf(params.server));
  const deep = params.deep ?? true;
  const entries = await directory.search({
    base: params.suffix,
    scope: 'sub',
    attributes: deep ? STAMP_ATTRIBUTES : ['1.1'],
    manageDsaIt: true,
  });
  if (!deep) return { ...replica, content: { count: entries.length } };
  const stamps = entries.map(stampOf);
  return { ...replica, content: { count: stamps.length, digest: digestStamps(stamps), stamps } };
}
