/** Passwords in localconfig.xml of the nodes of Zimbra and Carbonio: told apart by fingerprints alone. */
import { runCommand } from '../commands.ts';
import { isDirectoryNode, type Node } from '../node.ts';
import { PASSWORD_KEYS, type PasswordKey } from '../node-facts.ts';
import type { Pool } from '../pool.ts';
import { known } from '../seen.ts';
import { linkName } from '../topology.ts';
import { and } from '../words.ts';
import { type Found, type Rule, rule } from './rule.ts';

const UPDATE = 'Put the right ones everywhere: `lockstep run zimbra/update-passwords`.';

/** What only directory servers need: on other nodes they are left over from their installation. */
const OF_DIRECTORIES: readonly PasswordKey[] = ['ldap_root_password', 'ldap_replication_password'];

export const localconfigPasswordRules: readonly Rule[] = [
  rule({
    code: 'password-refused',
    severity: 'critical',
    about: 'slapd does not take a password that its own localconfig.xml has for an account.',
    why: 'what logs in with it stops working at its next start, and the tools give the wrong one to the next server',
    mends: UPDATE,
    find: (pool) =>
      PASSWORD_KEYS.flatMap((key): Found[] => {
        const refused = pool.nodes.flatMap((node) => {
          const login = known(node.facts.logins)?.find((one) => one.key === key);
          return login?.outcome === 'refused' ? [{ name: node.name, dn: login.dn }] : [];
        });
        const [first] = refused;
        if (!first) return [];
        const names = refused.map(({ name }) => name);
        return [
          {
            where: names,
            what: `${key} of ${and(names)} is not the password of ${first.dn} (49)`,
            ...update(pool),
          },
        ];
      }),
  }),
  rule({
    code: 'password-differs',
    severity: ['warning', 'critical'],
    about:
      'Nodes have different passwords for one account. Critical where one of them is proven, and a node without a directory has another.',
    why: 'the tree is the same everywhere: where the wrong one stands nobody can log in with it, and each tool that reads it fails there',
    mends: UPDATE,
    find: (pool) => PASSWORD_KEYS.flatMap((key) => differing(key, pool)),
  }),
  rule({
    code: 'agreement-password-old',
    severity: 'warning',
    about: 'An agreement holds another password than ldap_replication_password of its own host.',
    why: 'the password was changed in one place only: zmldappasswd forgets the agreements of masters, and the tools write what localconfig has',
    mends: 'Give the account a new password everywhere: `lockstep run zimbra/rotate-replication-password`.',
    find: (pool) =>
      pool.nodes.flatMap((node) => {
        const old = pool.links.filter(
          ({ consumer, rid }) => consumer === node.server && node.facts.credentials.get(rid) === false,
        );
        if (old.length === 0) return [];
        const verb = old.length === 1 ? 'holds' : 'hold';
        return [
          {
            where: [node.name],
            what: `${and(old.map(linkName))} ${verb} another password than ldap_replication_password of ${node.name}`,
            fix: `${runCommand(pool.site, 'rotate-replicator-password', {})}.`,
          },
        ];
      }),
  }),
  rule({
    code: 'password-awkward',
    severity: 'warning',
    about: 'A password has characters that the tools of the product spoil.',
    why: 'an agreement keeps what stands before the blank or the quote, and shell settings lose a quote: the login fails though the password is right',
    mends: 'Choose one of letters and digits: `lockstep run zimbra/rotate-replication-password`.',
    find: ({ nodes }) =>
      PASSWORD_KEYS.flatMap((key): Found[] => {
        const having = nodes.filter(({ localconfig }) => localconfig?.awkward[key] !== undefined);
        const [first] = having;
        if (!first) return [];
        const names = having.map(({ name }) => name);
        return [
          { where: names, what: `${key} of ${and(names)} has ${first.localconfig?.awkward[key]} in it` },
        ];
      }),
  }),
];

function differing(key: PasswordKey, pool: Pool): readonly Found[] {
  const groups = new Map<string, Node[]>();
  for (const node of pool.nodes) {
    const print = node.localconfig?.prints[key];
    if (
      print === undefined ||
      !(isDirectoryNode(node) || (node.kind === 'client' && !OF_DIRECTORIES.includes(key)))
    )
      continue;
    groups.set(print, [...(groups.get(print) ?? []), node]);
  }
  if (groups.size < 2) return [];
  const isProven = (node: Node) =>
    known(node.facts.logins)?.some((login) => login.key === key && login.outcome === 'ok') === true;
  const all = [...groups.values()];
  const proven = all.find((nodes) => nodes.some(isProven));
  const isCut =
    proven && all.some((nodes) => nodes !== proven && nodes.some(({ kind }) => kind === 'client'));
  const told = all.map((nodes) => and(nodes.map(({ name }) => name)));
  return [
    {
      severity: isCut ? 'critical' : 'warning',
      where: all.flat().map(({ name }) => name),
      what: `${key} is one on ${told.join(', another on ')}${proven ? `; that of ${and(proven.map(({ name }) => name))} is the one of the account` : ''}`,
      ...update(pool),
    },
  ];
}

function update({ site }: Pool): { readonly fix: string } {
  return { fix: `Put the right ones everywhere: ${runCommand(site, 'update-passwords', {})}.` };
}
