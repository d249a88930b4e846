import type { NodeKind } from '../nodes.ts';

interface MailPassword {
  /** What a runbook calls it. */
  readonly secret: string;
  /** The file under `secrets/` that holds it. */
  readonly file: string;
  /** Its key in the file of the set-up. */
  readonly key: string;
}

const passwords: readonly MailPassword[] = [
  { secret: 'root', file: 'ldap-root-password', key: 'LDAPROOTPASS' },
  { secret: 'replication', file: 'ldap-replication-password', key: 'LDAPREPPASS' },
  { secret: 'zimbra', file: 'zimbra-ldap-password', key: 'LDAPADMINPASS' },
  { secret: 'postfix', file: 'ldap-postfix-password', key: 'LDAPPOSTPASS' },
  { secret: 'amavis', file: 'ldap-amavis-password', key: 'LDAPAMAVISPASS' },
  { secret: 'nginx', file: 'ldap-nginx-password', key: 'ldap_nginx_password' },
  { secret: 'bes-searcher', file: 'ldap-bes-searcher-password', key: 'ldap_bes_searcher_password' },
];

/** The passwords of a product; Carbonio has no BlackBerry server to let in. */
export function mailPasswords(product: string): readonly MailPassword[] {
  return passwords.filter(({ secret }) => product === 'zimbra' || secret !== 'bes-searcher');
}

/** What of the product is installed on a node, by the names of its packages. */
export const nodePackages: Readonly<Record<NodeKind, readonly string[]>> = {
  master: ['core', 'ldap'],
  bare: ['core', 'ldap'],
  replica: ['core', 'ldap'],
  mailstore: ['core', 'store'],
  mta: ['core', 'mta'],
  proxy: ['core', 'proxy'],
};

/** Whose directory holds these people, of whom the others have none until they replicate. */
export const peopled = { host: 'ldap1', people: 200 } as const;

/** The program that sets a node up, in the host. */
export function setUpProgram(product: string): string {
  return product === 'zimbra' ? '/opt/zimbra/libexec/zmsetup.pl' : '/opt/zextras/bin/carbonio-bootstrap';
}

/**
 * argv that runs argv as a unit of the host's own systemd. What is left running afterwards stays in the host's cgroups,
 * where whoever comes in by nsenter(1) is not.
 */
export function inHost(argv: readonly string[]): readonly string[] {
  return [
    'systemd-run',
    '--quiet',
    '--collect',
    '--wait',
    '--pipe',
    '--property=KillMode=process',
    '--',
    ...argv,
  ];
}
