/** What is played on sites of Zimbra and Carbonio, in these orders, each on what the one before has left. */
import { changeRootPassword, loseAnEntry, ruin, setKey } from './mail-damage.ts';
import { expectUrls } from './mail-urls.ts';
import type { MailWorld } from './mail-world.ts';
import type { Stage } from './stages.ts';

export type MailStage = Stage<MailWorld>;

/** On which `chainOf` is played: two hosts with the software alone, and each other kind of node. */
export const SITE = 'master=1,bare=2,replica=1,mailstore=2,mta=1,proxy=1';

const one = ['ldap1'];
const two = [...one, 'ldap2'];
const three = [...two, 'ldap3'];
const four = [...three, 'replica1'];
const left = [...two, 'replica1'];

/** What every node must know afterwards. */
const knowing = (masters: readonly string[], replicas: readonly string[] = []) => ({
  masters,
  replicas,
  afterwards: (world: MailWorld) => expectUrls(world, { masters, replicas }),
});

/** `replicas`: read-only servers that there are until one is promoted. */
const growing = (replicas: readonly string[]): readonly MailStage[] => [
  {
    runbook: 'enable-mmr',
    set: { first: 'ldap1', second: 'ldap2' },
    masters: one,
    replicas,
    writers: one,
    restarted: one,
  },
  {
    runbook: 'install-secondary',
    set: { first: 'ldap1', newcomer: 'ldap2' },
    ...knowing(two, replicas),
    writers: one,
    kept: one,
    regroups: { ldap2: 'masters' },
  },
  {
    runbook: 'add-master',
    set: { pool: two.join(','), newcomer: 'ldap3' },
    ...knowing(three, replicas),
    writers: two,
    kept: two,
    regroups: { ldap3: 'masters' },
  },
];

const stages: readonly MailStage[] = [
  ...growing(['replica1']),
  {
    runbook: 'promote-replica',
    set: { pool: three.join(','), replica: 'replica1' },
    ...knowing(four),
    writers: three,
    restarted: ['replica1'],
    kept: three,
    regroups: { replica1: 'masters' },
  },
  {
    runbook: 'delete-node',
    set: { pool: four.join(','), leaver: 'ldap3', quiet: '3s' },
    ...knowing(left),
    writers: left,
    restarted: left,
    regroups: { ldap3: 'bare' },
  },
  {
    runbook: 'reload',
    set: { good: 'ldap1', bad: 'ldap2' },
    prepare: (world) => loseAnEntry(world, 'ldap2'),
    ...knowing(left),
    writers: ['ldap1', 'replica1'],
    kept: ['ldap1', 'replica1'],
  },
  {
    runbook: 'reload',
    // What a server that does not run had, nobody can tell.
    set: { good: 'ldap1', bad: 'replica1', lossy: 'true' },
    prepare: (world) => ruin(world, 'replica1'),
    ...knowing(left),
    writers: two,
    kept: two,
  },
  {
    runbook: 'change-agreement',
    set: { consumer: 'replica1', provider: 'ldap2', rid: '177' },
    ...knowing(left),
    writers: left,
    restarted: ['replica1'],
    kept: two,
  },
  {
    runbook: 'rotate-replication-password',
    set: { pool: left.join(',') },
    env: { LDAP_REPLICATION_NEXT_PASSWORD: 'rotated-in-the-lab' },
    ...knowing(left),
    writers: left,
    restarted: left,
  },
  {
    runbook: 'update-passwords',
    set: { pool: left.join(',') },
    prepare: async (world) => {
      await setKey(world, 'store1', 'zimbra_ldap_password', 'of-another-day');
      await setKey(world, 'ldap2', 'ldap_postfix_password', 'of-another-day');
      await changeRootPassword(world, 'replica1', 'of-another-day');
    },
    ...knowing(left),
    writers: left,
    kept: left,
  },
  {
    runbook: 'update-urls',
    set: { masters: left.join(',') },
    prepare: async (world) => {
      await setKey(world, 'mta1', 'ldap_url', 'ldap://ldap3.lab.example:389 ldap://ldap1.lab.example:389');
      await setKey(world, 'ldap2', 'ldap_url', 'ldap://ldap1.lab.example:389 ldap://ldap2.lab.example:389');
    },
    ...knowing(left),
    writers: left,
    kept: left,
  },
  {
    runbook: 'converge',
    set: { pool: left.join(',') },
    ...knowing(left),
    writers: left,
    kept: left,
  },
];

const of = (product: string, list: readonly MailStage[]): readonly MailStage[] =>
  list.map((stage) => ({ ...stage, runbook: `${product}/${stage.runbook}` }));

/** From one master to two, three and four; then to three again, and all that may be done to these. */
export const chainOf = (product: string): readonly MailStage[] => of(product, stages);

/** On one host with the software, and no replica. */
export const SMALL_SITE = 'master=1,bare=1,mailstore=1,mta=1';

/** From one master to two. */
export const smallChainOf = (product: string): readonly MailStage[] => of(product, growing([]).slice(0, 2));

/** Two masters, and a replica that has pulled from the first alone. */
export const FOLLOWED = 'master=1,bare=1,replica=1';

export function secondProviderOf(product: string): readonly MailStage[] {
  const add: MailStage = {
    runbook: 'add-provider-to-replica',
    set: { replica: 'replica1', provider: 'ldap2' },
    masters: two,
    replicas: ['replica1'],
    writers: two,
    kept: [...two, 'replica1'],
  };
  const mend: MailStage = {
    runbook: 'converge',
    set: { pool: two.join(',') },
    prepare: (world) => loseAnEntry(world, 'replica1'),
    loads: ['replica1'],
    masters: two,
    replicas: ['replica1'],
    writers: two,
    kept: two,
  };
  return of(product, [...atOnce(['replica1']), add, mend]);
}

/** A second master without the stage that prepares the first for it. */
const atOnce = (replicas: readonly string[]): readonly MailStage[] =>
  growing(replicas)
    .slice(1, 2)
    .map((stage) => ({ ...stage, kept: [], restarted: one }));

export const secondMasterOf = (product: string): readonly MailStage[] => of(product, atOnce([]));
