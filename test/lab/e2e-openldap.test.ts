/**
 * The runbooks of OpenLDAP, played while clients write. All of them on all releases, whole and interrupted, is
 * `npm run matrix`; this is a part of it that has each runbook once.
 */
import { beforeAll, describe } from 'vitest';
import { playChain } from '../matrix/chain.ts';
import { makeLikeRhel } from '../matrix/like-rhel.ts';
import { openldapWorld } from '../matrix/openldap-world.ts';
import { BARE, PAIR, POOL } from '../matrix/stages.ts';
import { lockstepFor } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';

const lockstep = lockstepFor();

describe('a pool of slapd 2.5 grows from one master to four, shrinks to three, and has one loaded again', () => {
  const grows = ['enable-mmr', 'add-master', 'reload', 'delete-node', 'converge', 'promote-replica'];
  const until = POOL.findIndex(({ runbook }) => runbook === 'openldap/promote-replica') + 1;
  const stages = POOL.slice(0, until).filter(({ runbook }) =>
    grows.includes(runbook.replace('openldap/', '')),
  );
  playChain([openldapWorld(sharedLab('pool', { debian: 12, hosts: 5 }), 12)], stages, 'whole', lockstep);
});

describe('a pair of slapd 2.6 changes how it replicates, by runs that are killed and resumed', () => {
  playChain([openldapWorld(sharedLab('pair', { debian: 13 }), 13)], PAIR, 'interrupted', lockstep);
});

describe('a bare host becomes a second master of slapd 2.4', () => {
  playChain([openldapWorld(sharedLab('bare', { debian: 11, bare: 1 }), 11)], BARE, 'whole', lockstep);
});

describe('a pair that is set up as RHEL does it', () => {
  const lab = sharedLab('rhel', { debian: 12 });
  beforeAll(() => makeLikeRhel(lab));
  playChain([openldapWorld(lab, 12)], PAIR.slice(0, 1), 'whole', lockstep);
});
