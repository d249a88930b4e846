/** `wait.converged`: the servers hold the same data, by contextCSN and then entry by entry. */
import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import { contentGap, csnLag, csnTexts, type Reading } from '../ldap/convergence.ts';
import { readReplicas } from '../ldap/read-replicas.ts';
import { hostsParam } from './ldap-hosts-param.ts';
import { serverParam, sourcesOn } from './ldap-server.ts';
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
export const waitConverged: GateAction<Params, Reading> = {
  kind: 'gate',
  name: 'wait.converged',
  about:
    'Waits until the servers hold the same data. Clients may write meanwhile: what came after the look began does not count.',
  params,
  patience: DEFAULTS,
  patienceOf: (params) => patienceFrom(params, DEFAULTS),
  async read(params, ports) {
    const sources = await sourcesOn(params.servers, params.server, ports);
    const { suffix, deep = true } = params;
    return await readReplicas(sources, { suffix, deep, sleep: (ms) => ports.sleep(ms) });
  },
  lacking: (_, reading) => csnLag(reading) ?? contentGap(reading),
  result: (_, { replicas: [first] }) => {
    return {
      entries: first?.content?.count ?? 0,
      digest: first?.content?.digest ?? null,
      csns: first ? csnTexts(first) : [],
    };
  },
};
