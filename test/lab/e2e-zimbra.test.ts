/**
 * Runbooks of Zimbra and Carbonio, played while clients write. All of them on all releases, and interrupted at every step, is
 * `npm run matrix`; this is a part of it.
 */
import { describe } from 'vitest';
import { playChain } from '../matrix/chain.ts';
import { SMALL_SITE, secondMasterOf, smallChainOf } from '../matrix/mail-stages.ts';
import { mailLab } from '../matrix/mail-world.ts';
import { lockstepFor } from './lockstep.ts';

const lockstep = lockstepFor();

describe('a site of zimbra 8.8 gets its second master by runs that are killed and resumed', () => {
  playChain([mailLab('grows', 'zimbra', '8.8', SMALL_SITE)], smallChainOf('zimbra'), 'interrupted', lockstep);
});

describe('carbonio 24 gets its second master', () => {
  playChain(
    [mailLab('grows', 'carbonio', '24', 'master=1,bare=1')],
    secondMasterOf('carbonio'),
    'whole',
    lockstep,
  );
});
