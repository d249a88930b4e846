/** The whole contract of a release's stand-ins, on a lab of its own: two fresh masters, a bare host, a replica of the first. */
import { beforeAll, describe } from 'vitest';
import { sharedLab } from '../lab/shared-lab.ts';
import { controlFacts } from './control-facts.ts';
import { dumpFacts, noAccesslogFacts } from './dump-facts.ts';
import { enableMmrFacts } from './enable-mmr-facts.ts';
import { localconfigFacts } from './localconfig-facts.ts';
import { mmrtoolFacts, singleMasterFacts } from './mmrtool-facts.ts';
import { passwordFacts } from './password-facts.ts';
import { productHost } from './product-host.ts';
import { releaseOf } from './release.ts';
import { fooledFacts, replchkFacts } from './replchk-facts.ts';
import { enableReplicaFacts, promoteFacts } from './replica-facts.ts';
import { setUpFacts, tooEarlyFacts } from './set-up-facts.ts';
import { zmconfigdFacts } from './zmconfigd-facts.ts';

/** A tool's time to start is a JVM's; here it would be most of the test's. */
const hurry = `sed -i 's/"latency_ms": [0-9]*/"latency_ms": 10/' /usr/local/lib/lockstep-stand-in/product.json`;

export function standInContract(product: 'zimbra' | 'carbonio', version: string): void {
  describe(`the stand-ins of ${product} ${version}`, { timeout: 120_000 }, () => {
    const release = releaseOf(product, version);
    const word = `${product}-${version.replaceAll('.', '')}`;
    const lab = sharedLab(word, { platform: product, release: version, nodes: 'master=2,bare=1,replica=1' });
    const followed = () => productHost(lab, 'ldap1', release);
    const fresh = () => productHost(lab, 'ldap2', release);
    const bare = () => productHost(lab, 'ldap3', release);
    const replica = () => productHost(lab, 'replica1', release);

    beforeAll(() => Promise.all([followed, fresh, bare, replica].map((host) => host().root(hurry))));

    localconfigFacts(fresh);
    controlFacts(fresh, release);
    tooEarlyFacts(bare, fresh, release);
    singleMasterFacts(fresh, release);
    noAccesslogFacts(fresh);
    enableMmrFacts(fresh, release);
    mmrtoolFacts(fresh, release);
    passwordFacts(fresh);
    zmconfigdFacts(fresh, release);
    setUpFacts(bare, fresh, release);
    dumpFacts(fresh, release);
    enableReplicaFacts(followed, replica, release);
    replchkFacts(followed);
    promoteFacts(followed, replica, release);
    if (release.generation.promote === 'works') fooledFacts(followed, replica);
  });
}
