/** `zimbra.agreements`: whom an LDAP server of Zimbra or Carbonio pulls from, and whether it is a whole master. */
import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import { configOn } from '../engine/place.ts';
import {
  lacksAgreements,
  lacksAsMaster,
  type MultiMaster,
  multiMasterOf,
} from '../localconfig/multi-master.ts';
import { howToolDiffers } from '../localconfig/tool-agrees.ts';
import { ActionError } from './action-error.ts';
import { askMmrTool } from './ask-mmr-tool.ts';
import { addressOf, serverParam } from './ldap-server.ts';
import { once } from './patience-fields.ts';

const params = z.strictObject({
  server: serverParam.optional(),
  'pulls-from': z
    .array(z.string().min(1))
    .optional()
    .describe(
      'Host names of providers that there must be agreements with, whatever port and whether with a slash.',
    ),
  master: z
    .boolean()
    .optional()
    .describe(
      'It must be a master as the tools make one: server ID, accesslog, overlays, mirror mode, no referral.',
    ),
  tool: z
    .boolean()
    .optional()
    .describe(
      'Ask the product’s own tool as well (zmldapmmrtool -q, zmldapquery-mmr): it must see the same.',
    ),
});

interface Facts {
  readonly host: string;
  readonly is: MultiMaster;
  readonly tool: Awaited<ReturnType<typeof askMmrTool>>;
}

/**
 * `result`: { server_ids, database, log, multi, replica, agreements: [{ rid, provider, host, port, tls }], tool_differs, tool_said };
 * DNs are empty texts where there is no such database. `tool_differs` says in words how the tool sees it otherwise.
 */
export const zimbraAgreements: GateAction<z.input<typeof params>, Facts> = {
  kind: 'gate',
  name: 'zimbra.agreements',
  about:
    'Reads from cn=config what multi-master replication of Zimbra or Carbonio really is there, since its tools exit 0 whatever slapd ' +
    'refuses; holds when it is as expected.',
  params,
  reads: (host, { tool }) => [configOn(host), ...(tool ? [{ host, path: ['files', 'opt'] }] : [])],
  patience: once,
  async read({ server, tool }, ports) {
    const directory = await ports.directory(addressOf(server));
    const entries = await directory.search({ base: 'cn=config' });
    const host = ports.host.name;
    if (entries.length === 0) throw new ActionError(`${host}: cn=config cannot be read`);
    return { host, is: multiMasterOf(entries), tool: tool ? await askMmrTool(ports) : undefined };
  },
  lacking: (params, facts) => {
    const { host, is } = facts;
    const differs = toolDiffers(facts);
    const peers = lacksAgreements(is, params['pulls-from'] ?? []);
    const has = is.agreements.map((one) => `${one.provider} (rid ${one.rid})`).join(', ');
    const lacks = [
      ...(params.master ? lacksAsMaster(is) : []),
      ...(peers.length > 0
        ? [`no agreement with ${peers.join(', ')}, and there ${has === '' ? 'are none' : `is ${has}`}`]
        : []),
      ...(differs === '' ? [] : [differs]),
    ];
    return lacks.length === 0 ? undefined : `cn=config of ${host}: ${lacks.join('; ')}`;
  },
  result: (_params, facts) => ({
    ...resultOf(facts.is),
    tool_differs: toolDiffers(facts),
    tool_said: facts.tool?.said ?? '',
  }),
};

function toolDiffers({ is, tool }: Facts): string {
  const agreements = is.agreements.map(({ rid, provider, starttls }) => ({ rid, provider, starttls }));
  return (tool && howToolDiffers(tool.told, { ...is, agreements })) ?? '';
}

function resultOf(is: MultiMaster) {
  return {
    server_ids: [...is.serverIds],
    database: is.database ?? '',
    log: is.log ?? '',
    multi: is.multiProvider,
    replica: is.updateRefs.length > 0,
    agreements: is.agreements.map(({ starttls: _, ...one }) => ({ ...one })),
  };
}
