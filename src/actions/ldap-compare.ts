/** `ldap.compare`: how two servers differ in a tree. It never fails for what it finds: later steps decide by it. */
import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import { contentGap, csnLag, lackingSids, type Reading } from '../ldap/convergence.ts';
import { readReplicas } from '../ldap/read-replicas.ts';
import { hostParam } from './ldap-hosts-param.ts';
import { serverParam, sourcesOn } from './ldap-server.ts';
import { once } from './patience-fields.ts';

const params = z.strictObject({
  suffix: z.string().describe('The tree'),
  left: hostParam.describe('One server'),
  right: hostParam.describe('The other'),
  server: serverParam.optional().describe('How to reach the directory on each of them'),
});

type Params = z.infer<typeof params>;

/**
 * `result`: { same, why, left_lacks, right_lacks, only_left, only_right, differ }: whether they hold the same; in words how
 * they do not; server IDs of which one lacks the newest change; numbers of entries.
 */
export const ldapCompare: GateAction<Params, Reading> = {
  kind: 'gate',
  name: 'ldap.compare',
  about: 'Compares two servers, entry by entry. Whatever it finds, it holds; later steps decide by it.',
  params,
  patience: once,
  async read({ suffix, left, right, server }, ports) {
    const sources = await sourcesOn([left, right], server, ports);
    const sleep = (ms: number) => ports.sleep(ms);
    return await readReplicas(sources, { suffix, deep: true, always: true, sleep });
  },
  lacking: () => undefined,
  result(_, reading) {
    const why = [csnLag(reading), contentGap(reading)].filter((text) => text !== undefined).join('; ');
    const [left, right] = reading.replicas;
    const lacks = (one: typeof left) => (one ? [...lackingSids(one, reading.target)] : []);
    const only = (side: 'onLeft' | 'onRight') => reading.gaps.filter((gap) => gap[side] === undefined).length;
    const [onlyLeft, onlyRight] = [only('onRight'), only('onLeft')];
    return {
      same: why === '',
      why,
      left_lacks: lacks(left),
      right_lacks: lacks(right),
      only_left: onlyLeft,
      only_right: onlyRight,
      differ: reading.gaps.length - onlyLeft - onlyRight,
    };
  },
};
