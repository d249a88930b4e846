/** The parameters of `ldap.agreement`, and the olcSyncrepl value they amount to. */
import { z } from 'zod';
import { isPrintable, retriesForEver, type Syncrepl, type Word } from '../ldap/syncrepl.ts';
import { reveal, type Text } from '../secrets/secret.ts';
import { ActionError } from './action-error.ts';
import { serverParam } from './ldap-server.ts';
import { textParam } from './text-param.ts';

export const agreementParams = z.strictObject({
  server: serverParam.optional(),
  database: z.string().describe('DN of the database that pulls, e.g. olcDatabase={1}mdb,cn=config'),
  state: z.enum(['present', 'absent']).optional().describe('Default present'),
  rid: z
    .union([z.int().min(0).max(999), z.literal('free')])
    .optional()
    .describe('free (default): the one it has, else the lowest not in use on that server'),
  provider: z.string().describe('Where to pull from: ldap://host:port or ldaps://host:port'),
  was: z
    .string()
    .optional()
    .describe(
      'Where it pulled from until now: that agreement is replaced in the same modify and keeps its RID',
    ),
  searchbase: z.string().optional().describe('Default: the suffix of the database'),
  'bind-dn': z
    .string()
    .optional()
    .describe('The replicator’s DN on the provider; it needs to read everything'),
  credentials: textParam.optional().describe('Its password, as a secret; kept in clear in cn=config'),
  bindmethod: z.enum(['simple', 'sasl']).optional().describe('Default simple'),
  type: z.enum(['refreshAndPersist', 'refreshOnly']).optional().describe('Default refreshAndPersist'),
  interval: z.string().optional().describe('For refreshOnly: dd:hh:mm:ss'),
  retry: z.string().optional().describe('Pairs of seconds and times, the last with +; default "5 12 30 +"'),
  keepalive: z
    .string()
    .optional()
    .describe('idle:probes:interval; default 240:10:30. Off, a silent cut is never noticed'),
  timeout: z.int().min(0).optional().describe('Seconds'),
  'network-timeout': z.int().min(0).optional().describe('Seconds'),
  starttls: z
    .enum(['no', 'critical', 'as-is'])
    .optional()
    .describe(
      '`yes` would go on in clear when TLS fails, so it is not offered; `as-is`: what the agreement has',
    ),
  'keep-words': z
    .boolean()
    .optional()
    .describe('What is not given here stays as the agreement has it; default: it gets the defaults'),
  'tls-cacert': z.string().optional().describe('Path of the CA file on the server that pulls'),
  'tls-reqcert': z
    .enum(['never', 'allow', 'try', 'demand'])
    .optional()
    .describe('Default demand, as slapd has it'),
  schemachecking: z.boolean().optional().describe('Default off, as slapd has it'),
  extra: z
    .record(z.string(), z.union([textParam, z.int()]))
    .optional()
    .describe('Further words of olcSyncrepl'),
  'keep-last': z
    .boolean()
    .optional()
    .describe('For absent: refuse where it is the last one; default: it goes, and multi-provider with it'),
  'multi-provider': z.boolean().optional().describe('Default true; set in the same modify'),
});

export type AgreementParams = z.infer<typeof agreementParams>;

/** The words that have a default here, by their parameter. */
const DEFAULTED: Readonly<Record<string, keyof AgreementParams>> = {
  searchbase: 'searchbase',
  type: 'type',
  retry: 'retry',
  keepalive: 'keepalive',
  bindmethod: 'bindmethod',
};

/** `wanted` over the agreement that is there, as far as its words were asked for; each stays where it stands: vendors' tools go by that. */
export function mergedWith(there: Syncrepl, wanted: Syncrepl, params: AgreementParams): Syncrepl {
  const asked = wanted.words.filter(({ key }) => {
    const param = DEFAULTED[key];
    return param === undefined || params[param] !== undefined;
  });
  const isNamed = (key: string) => (word: Word) => word.key.toLowerCase() === key.toLowerCase();
  const kept = there.words.filter(({ key }) => !isNamed('rid')({ key }));
  const added = asked.filter(({ key }) => !kept.some(isNamed(key)));
  return { words: [...kept.map((word) => asked.find(isNamed(word.key)) ?? word), ...added] };
}

/** All words but `rid`. Throws ActionError when slapd would take the value and then fail later. */
export function syncreplOf(params: AgreementParams, suffix: string): Syncrepl {
  const retry = params.retry ?? '5 12 30 +';
  if (!retriesForEver(retry)) {
    throw new ActionError(`ldap.agreement: retry "${retry}" stops trying some day`, {
      next: 'End it with +, e.g. "5 12 30 +": after the last pair slapd gives up until it is restarted.',
    });
  }
  const method = params.bindmethod ?? 'simple';
  if (method === 'simple' && (params['bind-dn'] === undefined) !== (params.credentials === undefined)) {
    throw new ActionError('ldap.agreement: bind-dn and credentials belong together', {
      next: 'Give both, or bindmethod: sasl with the words it needs under extra.',
    });
  }
  const words: readonly (readonly [string, Text | number | undefined])[] = [
    ['provider', params.provider],
    ['searchbase', params.searchbase ?? suffix],
    ['type', params.type ?? 'refreshAndPersist'],
    ['interval', params.interval],
    ['retry', retry],
    ['keepalive', params.keepalive ?? '240:10:30'],
    ['timeout', params.timeout],
    ['network-timeout', params['network-timeout']],
    ['bindmethod', method],
    ['binddn', params['bind-dn']],
    ['credentials', params.credentials],
    ['starttls', params.starttls === 'as-is' ? undefined : params.starttls],
    ['tls_cacert', params['tls-cacert']],
    ['tls_reqcert', params['tls-reqcert']],
    [
      'schemachecking',
      params.schemachecking === undefined ? undefined : params.schemachecking ? 'on' : 'off',
    ],
    ...Object.entries(params.extra ?? {}),
  ];
  const odd = words.find(
    ([, value]) => value !== undefined && !isPrintable(typeof value === 'number' ? '' : reveal(value)),
  );
  if (odd) {
    throw new ActionError(`ldap.agreement: ${odd[0]} holds a ", a \\ or a control character`, {
      next: 'slapd cannot read such a value back as it was meant: choose another, e.g. a password without them.',
    });
  }
  return {
    words: words.flatMap(([key, value]): Word[] => {
      if (value === undefined) return [];
      return [{ key, value: typeof value === 'number' ? String(value) : value }];
    }),
  };
}
