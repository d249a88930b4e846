/** cn=config, and whether slapd would start with it. */
import { formatRid } from '../../ldap/agreement.ts';
import { sameDn } from '../../ldap/dn.ts';
import { ridOf } from '../../ldap/syncrepl.ts';
import { restartCommand } from '../commands.ts';
import { ridOfLine } from '../log-lines.ts';
import { known } from '../seen.ts';
import type { Server } from '../server.ts';
import { and, momentText } from '../words.ts';
import { type Rule, rule } from './rule.ts';

/** Where an agreement that is ended logs a last line, ms. */
const LAST_LINE_MS = 5_000;

/** Agreements that have failed since cn=config was changed, by what slapd wrote. */
function triedSince({ facts, config }: Server): readonly string[] {
  const { changedAt } = config ?? {};
  if (changedAt === undefined) return [];
  const lines = (known(facts.log) ?? []).filter(({ at }) => at > changedAt + LAST_LINE_MS);
  const rids = lines.filter(({ text }) => /\bretrying\b/.test(text)).map(ridOfLine);
  return [...new Set(rids)].filter((rid) => rid !== undefined);
}

export const restartRules: readonly Rule[] = [
  rule({
    code: 'config-edited',
    severity: 'warning',
    about: 'Files of cn=config were edited by hand: their CRC does not fit.',
    why: 'slapd does not see the edit until it is restarted, and writes over it when that entry is changed',
    mends:
      'Restart slapd if the edit is meant; change cn=config with ldapmodify, which also writes the right CRC.',
    find: ({ servers }) =>
      servers.flatMap(({ name, installation }) =>
        installation && installation.edited.length > 0
          ? [{ where: [name], what: `on ${name} somebody has edited ${and(installation.edited)}` }]
          : [],
      ),
  }),
  rule({
    code: 'consumer-mistaken',
    severity: 'critical',
    about: 'slapd runs an agreement that its configuration does not have.',
    why: 'where one of several agreements is deleted, slapd 2.5 and 2.6 end another one: its changes do not come any more',
    mends:
      'Restart slapd; delete agreements with `lockstep run openldap/delete-node`, which does it in a way that ends the right one.',
    find: ({ servers }) =>
      servers.flatMap((server) => {
        const { name, facts, database } = server;
        if (!database) return [];
        const wanted = new Set(database.agreements.map((one) => formatRid(ridOf(one))));
        const running = known(facts.monitor);
        const here = [...(running?.values() ?? [])].filter(
          ({ suffix }) => suffix === undefined || sameDn(suffix, database.suffix),
        );
        const tried = running ? here.map(({ rid }) => rid) : triedSince(server);
        const strange = tried.filter((rid) => !wanted.has(rid));
        const left = running ? [...wanted].filter((rid) => !running.has(rid)) : [];
        if (strange.length === 0) return [];
        const instead = left.length > 0 ? `, and not RID ${and(left)}, which cn=config has` : '';
        return [
          {
            where: [name],
            what: `slapd on ${name} runs RID ${and(strange)}, which cn=config does not have${instead}`,
            fix: `Restart slapd on ${name}: ${restartCommand(server)}.`,
          },
        ];
      }),
  }),
  rule({
    code: 'config-after-start',
    severity: 'info',
    about: 'cn=config was changed after slapd was started.',
    why: 'slapd takes some changes with which it does not start: only a restart shows them',
    mends: 'Restart slapd at a time of your choosing, one server after the other.',
    find: ({ servers }) => {
      const stale = servers.flatMap((server) => {
        const { name, config, installation } = server;
        const [changedAt, startedAt] = [config?.changedAt, installation?.startedAt];
        // modifyTimestamp has whole seconds.
        if (changedAt === undefined || startedAt === undefined || changedAt <= startedAt + 1000) return [];
        return [
          { name, server, text: `${name} at ${momentText(changedAt)} (started ${momentText(startedAt)})` },
        ];
      });
      const [first] = stale;
      if (!first) return [];
      const told = and(stale.map(({ text }) => text));
      return [
        {
          where: stale.map(({ name }) => name),
          what: `cn=config was changed after slapd was started: on ${told}`,
          fix: `Restart slapd at a time of your choosing, one server after the other: ${restartCommand(first.server)}.`,
        },
      ];
    },
  }),
];
