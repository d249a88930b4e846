/** Nodes of Zimbra and Carbonio: what could not be seen of them, and whether localconfig and cn=config say the same. */
import { localconfigCommand } from '../commands.ts';
import { isDirectoryNode, isMasterForTools, type Node } from '../node.ts';
import type { Pool } from '../pool.ts';
import { known, whyUnknown } from '../seen.ts';
import { sidOf } from '../server.ts';
import { and } from '../words.ts';
import { type Found, type Rule, rule } from './rule.ts';

export const productNodeRules: readonly Rule[] = [
  rule({
    code: 'node-unseen',
    severity: 'unknown',
    about: 'localconfig.xml of a node could not be read, or nobody could try its passwords.',
    why: 'its URLs and passwords may be wrong all the same',
    mends: 'Mend what stands in the way of the look, as the finding says it, and look again.',
    find: ({ nodes }) =>
      nodes.flatMap((node) => {
        const why = unseen(node);
        return why === undefined
          ? []
          : [{ where: [node.name], what: `of ${node.name} is not known: ${why}` }];
      }),
  }),
  rule({
    code: 'node-bare',
    severity: 'info',
    about: 'A host has the software, and was never set up.',
    why: 'nothing runs there, and nothing of it was looked at',
    mends: 'Nothing, if it is kept for later; else set it up.',
    find: ({ nodes }) => {
      const names = nodes.filter(({ kind }) => kind === 'bare').map(({ name }) => name);
      if (names.length === 0) return [];
      const verb = names.length === 1 ? 'has the software, and was' : 'have the software, and were';
      return [{ where: names, what: `${and(names)} ${verb} never set up` }];
    },
  }),
  rule({
    code: 'is-master-contradicts',
    severity: 'warning',
    about:
      'ldap_is_master of a node and its cn=config do not say the same: it takes changes and is no master there, or the reverse.',
    why: 'the tools go by ldap_is_master: where it is not true they do nothing and exit 0, or print how they are used; and zmconfigd sets the wrong database',
    mends: 'Put ldap_is_master right, by `zmlocalconfig -e ldap_is_master=true` or `=false`.',
    find: (pool) => pool.nodes.flatMap((node) => contradiction(node, pool)),
  }),
];

function unseen({ facts, server }: Node): string | undefined {
  const whyDirectory = whyUnknown(facts.isDirectory);
  // That a directory server cannot be reached, or does not run, is told of the server.
  if (facts.unreachable !== undefined) return server ? undefined : facts.unreachable;
  const why = whyDirectory ?? whyUnknown(facts.localconfig);
  if (why !== undefined) return `its localconfig.xml (${why})`;
  const untried = (known(facts.logins) ?? []).flatMap(({ key, outcome }) =>
    typeof outcome === 'string' ? [] : [`${key} (${outcome.untried})`],
  );
  return untried.length > 0 ? `whether slapd takes ${and(untried)}` : undefined;
}

function contradiction(node: Node, { nodes }: Pool): readonly Found[] {
  const { name, server, localconfig } = node;
  const isMaster = isMasterForTools(localconfig);
  if (!isDirectoryNode(node) || !server?.database) return [];
  const { multiProvider, agreements } = server.database;
  const sid = sidOf(server) ?? 0;
  const set = (value: string) => ({
    fix: `On ${name}: ${localconfigCommand(server, 'ldap_is_master', value)}.`,
  });
  if (!isMaster && multiProvider)
    return [
      {
        where: [name],
        what: `${name} is a master by cn=config (server ID ${sid}), and ldap_is_master is not true`,
        ...set('true'),
      },
    ];
  if (!isMaster && agreements.length === 0)
    return [
      { where: [name], what: `${name} pulls from nobody, and ldap_is_master is not true`, ...set('true') },
    ];
  if (isMaster && !multiProvider && agreements.length > 0)
    return [
      {
        where: [name],
        what: `${name} is a replica by cn=config, and ldap_is_master is true`,
        ...set('false'),
      },
    ];
  const others = nodes.filter((other) => other !== node && other.server?.database?.multiProvider);
  // A single master has no agreement and needs none.
  if (!isMaster || multiProvider || others.length === 0) return [];
  return [
    {
      where: [name],
      what: `ldap_is_master of ${name} is true, and it has no agreement and ${sid === 0 ? 'no server ID' : `server ID ${sid}`}, unlike ${and(others.map((other) => other.name))}`,
    },
  ];
}
