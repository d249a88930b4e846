/**
 * Each runbook of Zimbra, interrupted at every step once and resumed, beside a site on which the same runbooks run whole: the
 * same end state, and tools that must run once ran as often as there. Part of `npm run matrix`, and the longest: some 15 min a part.
 */
import { describe } from 'vitest';
import { lockstepFor } from '../lab/lockstep.ts';
import { playBeside } from './beside.ts';
import { chainOf, FOLLOWED, SITE, secondProviderOf } from './mail-stages.ts';
import { mailLab } from './mail-world.ts';

const lockstep = lockstepFor();

/** Each on sites of its own, so that several may be played at a time (`-t`); what comes before is run whole. */
const PARTS = [
  { part: 'to two masters', from: 'enable-mmr', stages: 2 },
  { part: 'to three masters', from: 'add-master', stages: 1 },
  { part: 'to four masters', from: 'promote-replica', stages: 1 },
  { part: 'back to three masters', from: 'delete-node', stages: 1 },
  { part: 'servers that are loaded again', from: 'reload', stages: 2 },
  { part: 'what may be done to three masters', from: 'change-agreement', stages: 5 },
  {
    part: 'a second provider',
    from: 'add-provider-to-replica',
    stages: 1,
    nodes: FOLLOWED,
    chain: secondProviderOf('zimbra'),
  },
];

describe.each(PARTS)('runs on zimbra 8.8 that are interrupted at each step: $part', (one) => {
  const { from, stages, nodes = SITE, chain = chainOf('zimbra') } = one;
  const site = (word: string) => mailLab(`${word}${PARTS.indexOf(one)}`, 'zimbra', '8.8', nodes);
  const at = chain.findIndex(({ runbook }) => runbook === `zimbra/${from}`);
  const [before, struck] = [chain.slice(0, at), chain.slice(at, at + stages)];
  playBeside(site('calm'), site('struck'), before, struck, ['kill', 'cut', 'reboot'], lockstep);
});
