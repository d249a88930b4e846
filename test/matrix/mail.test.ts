/** All runbooks of Zimbra and Carbonio x all releases, whole, while clients write: part of `npm run matrix`. */
import { describe } from 'vitest';
import { lockstepFor } from '../lab/lockstep.ts';
import { playChain } from './chain.ts';
import { chainOf, FOLLOWED, SITE, secondProviderOf } from './mail-stages.ts';
import { mailLab } from './mail-world.ts';

const lockstep = lockstepFor();

// Two at a time: most of a run is waiting for agreements that try again after 60 s.
describe.each([
  ['zimbra', ['8.6', '8.8']],
  ['zimbra', ['10']],
  ['carbonio', ['23', '24']],
])('a site of %s %j', (product, releases) => {
  const worlds = releases.map((release) => mailLab('m', product, release, SITE));
  playChain(worlds, chainOf(product), 'whole', lockstep);
});

describe('a replica of two masters pulls from both', () => {
  const releases = [
    ['zimbra', '8.8'],
    ['carbonio', '24'],
  ] as const;
  for (const [product, release] of releases)
    describe(`${product} ${release}`, () =>
      playChain([mailLab('f', product, release, FOLLOWED)], secondProviderOf(product), 'whole', lockstep));
});
