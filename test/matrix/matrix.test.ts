/** All runbooks of OpenLDAP x all releases x whole and interrupted: `npm run matrix`, some twenty minutes. */
import { beforeAll, describe } from 'vitest';
import { lockstepFor } from '../lab/lockstep.ts';
import { sharedLab } from '../lab/shared-lab.ts';
import { type Mode, playChain } from './chain.ts';
import { makeLikeRhel } from './like-rhel.ts';
import { openldapWorld } from './openldap-world.ts';
import { BARE, PAIR, POOL } from './stages.ts';

const lockstep = lockstepFor();
const releases = [11, 12, 13];

describe.each<Mode>(['whole', 'interrupted'])('%s runs', (mode) => {
  const worlds = (word: string, hosts: number, bare = 0) =>
    releases.map((debian) =>
      openldapWorld(sharedLab(`${word}${debian}-${mode.slice(0, 1)}`, { debian, hosts, bare }), debian),
    );
  describe('on a pool', () => playChain(worlds('pool', 5), POOL, mode, lockstep));
  describe('on a bare host', () => playChain(worlds('bare', 2, 1), BARE, mode, lockstep));
  describe('on a pair that is set up as RHEL does it', () => {
    const pairs = worlds('rhel', 2).slice(1);
    beforeAll(async () => {
      await Promise.all(pairs.map(({ lab }) => makeLikeRhel(lab)));
    });
    playChain(pairs, PAIR.slice(0, 2), mode, lockstep);
  });
});
