/** Ways to break a pool of masters for real, and to mend it again, with what `lockstep doctor` must say meanwhile. */
import type { Fault } from '../../src/lab/fault-kinds.ts';
import { certify } from './lab-certificate.ts';
import { agreement, apply, database, modify, replicator } from './pool.ts';
import { suffix } from './two-masters.ts';

export interface World {
  inside(host: string, script: string, stdin?: string): Promise<string>;
  fault(host: string, fault: Fault): Promise<unknown>;
  /** Of the replicator. */
  readonly password: string;
}

export interface Breakage {
  /** Completes "it finds …". */
  readonly name: string;
  /** What must be found, and about which hosts. */
  readonly finds: readonly (readonly [code: string, ...hosts: string[]])[];
  readonly verdict: 0 | 1 | 2 | 3;
  /** What else may come of it; anything else that is critical or a warning is a false alarm. */
  readonly besides?: readonly string[];
  readonly words?: readonly string[];
  readonly breaks: (world: World) => Promise<unknown>;
  readonly mends: (world: World) => Promise<unknown>;
}

const config = 'cn=config';
const sid = (world: World, host: string, value: string) =>
  apply(world, host, modify(`replace: olcServerID\nolcServerID: ${value}`, config));
const of = (world: World, host: string, changes: string) => apply(world, host, modify(changes));

/** Words of the agreement of ldap2 with ldap1, in place of those it has. */
const reworded = (world: World, change: (value: string) => string) => {
  const value = change(agreement(1, 'ldap1', world.password));
  const other = agreement(3, 'ldap3', world.password);
  // By a replace of both: a value that is deleted ends another consumer (docs/openldap-notes.md).
  return of(world, 'ldap2', `replace: olcSyncrepl\nolcSyncrepl: ${value}\nolcSyncrepl: ${other}`);
};
const asBefore = (world: World) => reworded(world, (value) => value);

/** Nothing goes from one to the other, though both can be reached. */
const hole = (verb: 'add' | 'del', other: string) =>
  `ip route ${verb} blackhole "$(getent hosts ${other}.lab.example | cut -d' ' -f1)"/32`;

/** Loads the data anew from a dump that `edit`, a sed script, has changed, as if it had always been so. */
const reload = (from: string, edit: string) => `set -e
systemctl stop slapd
[ -s /root/whole ] || slapcat -n 1 -o ldif-wrap=no >/root/whole
sed '${edit}' ${from} >/root/edited
rm -f /var/lib/ldap/*.mdb; slapadd -q -n 1 -l /root/edited; chown openldap:openldap /var/lib/ldap/*
systemctl start slapd`;
const asItWas = `${reload('/root/whole', '')}; rm -f /root/whole`;

const limits = (dn: string) =>
  `replace: olcLimits\nolcLimits: {0}dn.exact="${dn}" time.soft=unlimited time.hard=unlimited size.soft=unlimited size.hard=unlimited`;
const access = (who: string) =>
  `delete: olcAccess\nolcAccess: {0}\n-\nadd: olcAccess\nolcAccess: {0}to * by dn.exact="${who}" read by dn.exact="gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth" manage by * break`;
const password = (value: string) =>
  `dn: ${replicator}\nchangetype: modify\nreplace: userPassword\nuserPassword: ${value}\n`;

/** ldap1 gets a certificate, and ldap2 wants it. */
async function withTls(world: World, name: string, until: '2021' | 'next-year'): Promise<void> {
  const { certificate, key, authority } = certify(name, until);
  const put = (host: string, file: string, text: string) =>
    world.inside(
      host,
      `mkdir -p /etc/ldap/tls; cat >/etc/ldap/tls/${file}; chown openldap /etc/ldap/tls/${file}`,
      text,
    );
  await put('ldap1', 'own.pem', `${certificate}${key}`);
  for (const host of ['ldap1', 'ldap2']) await put(host, 'ca.pem', authority);
  const lines = Object.entries({
    CACertificateFile: 'ca',
    CertificateFile: 'own',
    CertificateKeyFile: 'own',
  }).map(([attribute, file]) => `replace: olcTLS${attribute}\nolcTLS${attribute}: /etc/ldap/tls/${file}.pem`);
  await apply(world, 'ldap1', modify(lines.join('\n-\n'), config));
  await reworded(world, (value) => `${value} starttls=critical tls_cacert=/etc/ldap/tls/ca.pem`);
}

/** slapd does not let go of a certificate while it runs. */
async function withoutTls(world: World): Promise<void> {
  await asBefore(world);
  const files = ['CACertificateFile', 'CertificateFile', 'CertificateKeyFile'];
  const lines = files.map((file) => `delete: olcTLS${file}`).join('\n-\n');
  await world.inside(
    'ldap1',
    'systemctl stop slapd; slapmodify -n 0 -F /etc/ldap/slapd.d && chown -R openldap:openldap /etc/ldap/slapd.d; systemctl start slapd',
    modify(lines, config),
  );
}

/** Nobody hears anybody, while each writes; as if two halves of a site were cut off from each other. */
const everyWay = ['ldap1', 'ldap2', 'ldap3'].flatMap((from) =>
  ['ldap1', 'ldap2', 'ldap3'].filter((to) => to !== from).map((to) => [from, to] as const),
);

export const breakages: readonly Breakage[] = [
  {
    name: 'two masters with one server ID',
    finds: [['sid-duplicate', 'ldap1', 'ldap2']],
    verdict: 2,
    breaks: (world) => sid(world, 'ldap2', '1'),
    mends: (world) => sid(world, 'ldap2', '2'),
  },
  {
    name: 'a master without a server ID',
    finds: [['sid-zero', 'ldap3']],
    verdict: 2,
    breaks: (world) => apply(world, 'ldap3', modify('delete: olcServerID', config)),
    mends: (world) => sid(world, 'ldap3', '3'),
  },
  {
    name: 'a server ID of which no URL is a listener, while slapd still runs with it',
    finds: [['sid-no-listener', 'ldap3']],
    verdict: 2,
    breaks: (world) => sid(world, 'ldap3', '3 ldap://10.0.0.1/'),
    async mends(world) {
      await apply(world, 'ldap3', modify('delete: olcServerID', config));
      await sid(world, 'ldap3', '3');
    },
  },
  {
    name: 'equal contextCSN with different data, by comparing every entry',
    finds: [['data-differs', 'ldap1', 'ldap2']],
    verdict: 2,
    words: ['--deep'],
    breaks: (world) =>
      world.inside(
        'ldap2',
        reload('/root/whole', '/^dn: uid=user0500,/,/^$/ s/^entryCSN: ....\\(.*\\)/entryCSN: 2020\\1/'),
      ),
    mends: (world) => world.inside('ldap2', asItWas),
  },
  {
    name: 'a clock that is an hour ahead',
    finds: [['clock-skew', 'ldap3']],
    verdict: 2,
    breaks: (world) => world.fault('ldap3', { kind: 'clock', offsetS: 3600 }),
    mends: (world) => world.fault('ldap3', { kind: 'heal' }),
  },
  {
    name: 'a replicator that is stopped at 500 entries',
    finds: [
      ['replicator-limited', 'ldap2', 'ldap1'],
      ['replicator-limited', 'ldap3', 'ldap1'],
    ],
    verdict: 2,
    breaks: (world) => of(world, 'ldap1', limits(`cn=other,${suffix}`)),
    mends: (world) => of(world, 'ldap1', limits(replicator)),
  },
  {
    name: 'access rules that hide passwords from the replicator',
    finds: [
      ['passwords-hidden', 'ldap1', 'ldap2'],
      ['passwords-hidden', 'ldap3', 'ldap2'],
    ],
    verdict: 2,
    breaks: (world) => of(world, 'ldap2', access(`cn=other,${suffix}`)),
    mends: (world) => of(world, 'ldap2', access(replicator)),
  },
  {
    name: 'an agreement with a wrong password',
    finds: [['replicator-refused', 'ldap2', 'ldap1']],
    verdict: 2,
    breaks: (world) => reworded(world, (value) => value.replace(world.password, 'not-the-password')),
    mends: asBefore,
  },
  {
    name: 'a password that was changed in the tree alone',
    finds: ['ldap1', 'ldap2', 'ldap3'].flatMap((consumer) =>
      ['ldap1', 'ldap2', 'ldap3'].flatMap((provider) =>
        consumer === provider ? [] : [['replicator-refused', consumer, provider] as const],
      ),
    ),
    verdict: 2,
    breaks: (world) => apply(world, 'ldap1', password('changed')),
    mends: (world) => apply(world, 'ldap1', password(world.password)),
  },
  {
    name: 'a host whose cable is pulled',
    finds: [['host-unreachable', 'ldap3']],
    verdict: 2,
    breaks: (world) => world.fault('ldap3', { kind: 'cut' }),
    mends: (world) => world.fault('ldap3', { kind: 'heal' }),
  },
  {
    name: 'a way between two servers that is lost, though both can be reached',
    finds: [
      ['provider-unreachable', 'ldap1', 'ldap2'],
      ['provider-unreachable', 'ldap2', 'ldap1'],
    ],
    verdict: 2,
    breaks: (world) => world.inside('ldap1', hole('add', 'ldap2')),
    mends: (world) => world.inside('ldap1', hole('del', 'ldap2')),
  },
  {
    name: 'a slapd that is down',
    finds: [['slapd-down', 'ldap2']],
    verdict: 2,
    breaks: (world) => world.fault('ldap2', { kind: 'kill-slapd' }),
    mends: (world) => world.fault('ldap2', { kind: 'heal' }),
  },
  {
    name: 'a map that is nearly full',
    finds: [['map-filling', 'ldap3']],
    verdict: 2,
    // Another map closes the database for a moment, and with it every search that waits for changes.
    besides: ['map-sizes-differ', 'agreement-down'],
    breaks: (world) => of(world, 'ldap3', 'replace: olcDbMaxSize\nolcDbMaxSize: 2000000'),
    mends: (world) => of(world, 'ldap3', 'replace: olcDbMaxSize\nolcDbMaxSize: 1073741824'),
  },
  {
    name: 'a certificate that has expired, and the agreement that needs it',
    finds: [
      ['certificate-expired', 'ldap1'],
      ['tls-refused', 'ldap2', 'ldap1'],
    ],
    verdict: 2,
    besides: ['certificate-renewed', 'agreement-down'],
    breaks: (world) => withTls(world, 'ldap1.lab.example', '2021'),
    mends: withoutTls,
  },
  {
    name: 'a certificate for another name',
    finds: [['tls-refused', 'ldap2', 'ldap1']],
    verdict: 2,
    besides: ['certificate-renewed', 'agreement-down'],
    breaks: (world) => withTls(world, 'other.lab.example', 'next-year'),
    mends: withoutTls,
  },
  {
    name: 'an agreement that gives up some day and cannot tell a dead connection',
    finds: [
      ['retry-ends', 'ldap2'],
      ['keepalive-missing', 'ldap2'],
    ],
    verdict: 1,
    breaks: (world) =>
      reworded(world, (value) =>
        value.replace(/keepalive=\S+ /, '').replace('retry="1 10 5 +"', 'retry="5 5 300 5"'),
      ),
    mends: asBefore,
  },
  {
    name: 'a configuration that was edited by hand',
    finds: [['config-edited', 'ldap3']],
    verdict: 1,
    breaks: (world) =>
      world.inside(
        'ldap3',
        `echo '# by hand' >>'/etc/ldap/slapd.d/cn=config/${database.split(',')[0]}.ldif'`,
      ),
    mends: (world) =>
      world.inside(
        'ldap3',
        `sed -i '/^# by hand/d' '/etc/ldap/slapd.d/cn=config/${database.split(',')[0]}.ldif'`,
      ),
  },
  {
    name: 'a master that takes no writes',
    finds: [['database-read-only', 'ldap3']],
    verdict: 1,
    breaks: (world) => of(world, 'ldap3', 'replace: olcReadOnly\nolcReadOnly: TRUE'),
    mends: (world) => of(world, 'ldap3', 'delete: olcReadOnly'),
  },
  {
    name: 'a change that was lost between two masters with one server ID, though contextCSN is equal',
    finds: [['data-differs', 'ldap1', 'ldap2']],
    verdict: 2,
    words: ['--deep'],
    async breaks(world) {
      const add = (host: string, name: string) =>
        apply(world, host, `dn: cn=${name},${suffix}\nchangetype: add\nobjectClass: organizationalRole\n`);
      await sid(world, 'ldap2', '1');
      for (const [from, to] of everyWay) await world.inside(from, hole('add', to));
      await add('ldap1', 'earlier');
      await add('ldap2', 'later');
      for (const [from, to] of everyWay) await world.inside(from, hole('del', to));
      await sid(world, 'ldap2', '2');
    },
    // Whoever lacks it cannot get it by replication any more.
    mends: (world) =>
      apply(
        world,
        'ldap1',
        `dn: cn=earlier,${suffix}\nchangetype: modify\nreplace: description\ndescription: again\n`,
      ),
  },
  {
    name: 'a server that was loaded with data of its own',
    finds: [['independent-data', 'ldap1', 'ldap2', 'ldap3']],
    verdict: 2,
    breaks: (world) =>
      world.inside(
        'ldap3',
        reload('/root/whole', `/^dn: ${suffix}$/,/^$/ s/^entryUUID: ....\\(.*\\)/entryUUID: 0000\\1/`),
      ),
    mends: (world) => world.inside('ldap3', asItWas),
  },
  {
    name: 'an agreement that was deleted by its position, by which slapd ends another one',
    finds: [['consumer-mistaken', 'ldap2']],
    verdict: 2,
    breaks: (world) => of(world, 'ldap2', 'delete: olcSyncrepl\nolcSyncrepl: {1}'),
    mends: async (world) => {
      await asBefore(world);
      await world.inside('ldap2', 'systemctl restart slapd');
    },
  },
  {
    name: 'a last agreement that was deleted, with which slapd does not start again',
    finds: [
      ['start-fails', 'ldap3'],
      ['change-not-reaching', 'ldap1', 'ldap2', 'ldap3'],
    ],
    verdict: 2,
    // slapcat does not start with it either.
    besides: ['not-seen'],
    breaks: (world) => of(world, 'ldap3', 'delete: olcSyncrepl'),
    mends: (world) =>
      of(
        world,
        'ldap3',
        `add: olcSyncrepl\nolcSyncrepl: ${agreement(1, 'ldap1', world.password)}\nolcSyncrepl: ${agreement(2, 'ldap2', world.password)}`,
      ),
  },
  {
    name: 'an agreement that has given up',
    finds: [
      ['agreement-gave-up', 'ldap2'],
      ['replicator-refused', 'ldap2', 'ldap1'],
      ['retry-ends', 'ldap2'],
    ],
    verdict: 2,
    breaks: (world) =>
      reworded(world, (value) =>
        value.replace(world.password, 'not-it').replace('retry="1 10 5 +"', 'retry="1 1"'),
      ),
    mends: asBefore,
  },
  {
    name: 'an overlay that one server alone has',
    finds: [['overlays-differ', 'ldap1', 'ldap2', 'ldap3']],
    verdict: 1,
    besides: ['memberof-replicated'],
    async breaks(world) {
      await apply(
        world,
        'ldap3',
        modify('add: olcModuleLoad\nolcModuleLoad: memberof', 'cn=module{0},cn=config'),
      );
      const overlay = `dn: olcOverlay=memberof,${database}\nchangetype: add\nobjectClass: olcMemberOf\nolcOverlay: memberof\n`;
      await apply(world, 'ldap3', overlay);
    },
    mends: (world) => apply(world, 'ldap3', `dn: olcOverlay={1}memberof,${database}\nchangetype: delete\n`),
  },
  {
    name: 'a database that keeps no account of its changes',
    finds: [['lastmod-off', 'ldap3']],
    verdict: 2,
    besides: ['not-seen'],
    breaks: (world) => of(world, 'ldap3', 'replace: olcLastMod\nolcLastMod: FALSE'),
    mends: (world) => of(world, 'ldap3', 'delete: olcLastMod'),
  },
  {
    name: 'parents that were lost',
    finds: [['glue-entries', 'ldap2']],
    verdict: 1,
    breaks: (world) =>
      world.inside(
        'ldap2',
        reload(
          '/root/whole',
          '/^dn: ou=groups,/,/^$/ { s/^objectClass: organizationalUnit/objectClass: glue/; s/^structuralObjectClass: .*/structuralObjectClass: glue/; /^ou: /d }',
        ),
      ),
    mends: (world) => world.inside('ldap2', asItWas),
  },
];
