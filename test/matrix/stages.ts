/** What is played, in these orders, each on what the one before has left. */
import { giveCertificates } from './certificates.ts';
import { loseAnEntry, makeReplica, ruin } from './damage.ts';
import type { World } from './world.ts';

export interface Stage<W extends World = World> {
  readonly runbook: string;
  /** Inputs, as `--set` takes them. */
  readonly set: Readonly<Record<string, string>>;
  /** Who holds the same data afterwards, and takes writes. */
  readonly masters: readonly string[];
  /** Who holds it, too, and takes none. */
  readonly replicas?: readonly string[];
  /** To whom clients write meanwhile. */
  readonly writers?: readonly string[];
  /** Servers that are there before and after, and are restarted once; or not at all where nothing of theirs is changed. */
  readonly restarted?: readonly string[];
  /** Those that are not restarted at all. */
  readonly kept?: readonly string[];
  /** Replicas that lack something, by which the run holds until they are loaded. */
  readonly loads?: readonly string[];
  /** Makes that which the runbook is for. */
  readonly prepare?: (world: W) => Promise<void>;
  /** What else must hold when it is done. */
  readonly afterwards?: (world: W) => Promise<void>;
  /** Words of every call, beyond those of the world: passwords. */
  readonly env?: Readonly<Record<string, string>>;
  /** What holds for all later stages. */
  readonly leaves?: Readonly<Record<string, string>>;
  /** Host → the group of the inventory to which it belongs from then on. */
  readonly regroups?: Readonly<Record<string, string>>;
}

const two = ['ldap1', 'ldap2'];
const three = [...two, 'ldap3'];
const four = [...three, 'ldap4'];
const promoted = [...three, 'ldap5'];

const enable: Stage = {
  runbook: 'openldap/enable-mmr',
  set: { first: 'ldap1', newcomer: 'ldap2' },
  masters: two,
  writers: ['ldap1'],
  restarted: ['ldap1'],
};

const changeAgreement = (masters: readonly string[], consumer: string, provider: string): Stage => ({
  runbook: 'openldap/change-agreement',
  set: { consumer, provider, rid: '77' },
  masters,
  restarted: [consumer],
});

const rotate = (pool: readonly string[]): Stage => ({
  runbook: 'openldap/rotate-replicator-password',
  set: { pool: pool.join(',') },
  env: { LDAP_REPLICATOR_NEXT_PASSWORD: 'rotated-in-the-lab' },
  leaves: { LDAP_REPLICATOR_PASSWORD: 'rotated-in-the-lab' },
  masters: pool,
  restarted: pool,
});

const deltaSync = (pool: readonly string[]): Stage => ({
  runbook: 'openldap/enable-delta-sync',
  set: { pool: pool.join(',') },
  masters: pool,
  restarted: pool,
});

/** With an accesslog by then. */
const reloadDiffering = (masters: readonly string[], bad: string): Stage => ({
  runbook: 'openldap/reload',
  set: { good: 'ldap1', bad },
  prepare: (world) => loseAnEntry(world, bad),
  masters,
  writers: two.filter((host) => host !== bad),
});

const tls = (pool: readonly string[]): Stage => ({
  runbook: 'openldap/enable-tls',
  set: { pool: pool.join(',') },
  prepare: (world) => giveCertificates(world, pool),
  masters: pool,
  restarted: pool,
});

/** A pool on five hosts. */
export const POOL: readonly Stage[] = [
  enable,
  {
    runbook: 'openldap/add-master',
    set: { pool: two.join(','), newcomer: 'ldap3' },
    masters: three,
    writers: two,
    restarted: two,
  },
  {
    runbook: 'openldap/add-master',
    set: { pool: three.join(','), newcomer: 'ldap4' },
    masters: four,
    writers: three,
    restarted: three,
  },
  {
    runbook: 'openldap/reload',
    // What a server that does not run had, nobody can tell.
    set: { good: 'ldap1', bad: 'ldap4', lossy: 'true' },
    prepare: (world) => ruin(world, 'ldap4'),
    masters: four,
    writers: three,
  },
  {
    runbook: 'openldap/delete-node',
    set: { pool: four.join(','), leaver: 'ldap4', quiet: '3s' },
    masters: three,
    writers: three,
    restarted: three,
  },
  { runbook: 'openldap/converge', set: { pool: three.join(',') }, masters: three },
  changeAgreement(three, 'ldap3', 'ldap2'),
  rotate(three),
  {
    runbook: 'openldap/promote-replica',
    set: { pool: three.join(','), replica: 'ldap5' },
    prepare: (world) => makeReplica(world, 'ldap5', 'ldap1'),
    masters: promoted,
    writers: three,
    restarted: promoted,
  },
  deltaSync(promoted),
  reloadDiffering(promoted, 'ldap3'),
  tls(promoted),
];

/** Two hosts, of which the second has no slapd. */
export const BARE: readonly Stage[] = [{ ...enable, runbook: 'openldap/install-secondary' }];

/** Two hosts: what changes how a pool replicates, in less time than on five. */
export const PAIR: readonly Stage[] = [
  enable,
  changeAgreement(two, 'ldap2', 'ldap1'),
  rotate(two),
  deltaSync(two),
  reloadDiffering(two, 'ldap2'),
  tls(two),
];
