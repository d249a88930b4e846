/**
 * Each runbook of Zimbra, interrupted at every step once and resumed, beside a site on which the same runbooks run whole: the
 * same end state, and tools that must run once ran as often as there. Part of `npm run matrix`, and the longest.
 */
import { describe } from 'vitest';
import { lockstepFor } from '../lab/lockstep.ts';
import { playBeside } from './beside.ts';
import { chainOf, SITE } from './mail-stages.ts';
import { mailLab } from './mail-world.ts';

const lockstep = lockstepFor();

describe('a site of zimbra 8.8 whose runs are interrupted at each step', () => {
  const calm = mailLab('calm', 'zimbra', '8.8', SITE);
  const struck = mailLab('struck', 'zimbra', '8.8', SITE);
  playBeside(calm, struck, chainOf('zimbra'), ['kill', 'cut', 'reboot'], lockstep);
});
