/** `localconfig`: keys of the localconfig.xml of Zimbra or Carbonio are as they should be. */
import { z } from 'zod';
import type { Change, ChangeAction, DiffLine } from '../engine/action.ts';
import { filesAt } from '../engine/place.ts';
import { biteOf, isPasswordKey } from '../localconfig/biting-values.ts';
import { Secret, type Text } from '../secrets/secret.ts';
import { ActionError } from './action-error.ts';
import { localconfigInverse } from './localconfig-inverse.ts';
import { filesOf, type LocalconfigFacts, lookAtLocalconfig } from './localconfig-look.ts';
import { refuseUrls } from './localconfig-urls.ts';
import { mayBeWritten, writeLocalconfig } from './localconfig-write.ts';
import { pathParam } from './path-param.ts';
import { textParam } from './text-param.ts';

const key = z.string().regex(/^\w+$/, { error: 'must be the name of a key, such as ldap_url' });

const params = z
  .strictObject({
    keys: z
      .record(key, textParam)
      .optional()
      .describe('Keys and the values they should have; passwords as secrets'),
    absent: z
      .array(key)
      .optional()
      .describe('Keys that should not be set, so that the product’s own default counts'),
    retired: z
      .boolean()
      .optional()
      .describe(
        'The slapd of this host is not to start any more: what would keep it from starting is not refused',
      ),
    file: pathParam.optional().describe('Default: conf/localconfig.xml of the product that is there'),
  })
  .refine(({ keys = {}, absent = [] }) => !absent.some((name) => Object.hasOwn(keys, name)), {
    error: 'a key cannot both have a value and be absent',
    path: ['absent'],
  });

export type LocalconfigParams = z.input<typeof params>;

const approved = z.strictObject({ set: z.record(z.string(), textParam), unset: z.array(z.string()) });

export const localconfig: ChangeAction<LocalconfigParams, LocalconfigFacts> = {
  kind: 'change',
  name: 'localconfig',
  about:
    'Makes keys of the localconfig.xml of Zimbra or Carbonio have these values, all of them at once, written as the user who ' +
    'owns the file. A key cannot both have a value and be absent. Values that break the products’ own tools are refused.',
  proof: 'readback',
  params,
  reads: (host, { file }) => filesOf(file).map((path) => filesAt(host, path)),
  touches: (host, params) => filesOf(params?.file).map((path) => filesAt(host, path)),
  read: lookAtLocalconfig,
  diff,
  async write(params, changes, ports) {
    for (const { data } of changes) {
      const { set, unset } = approved.parse(data);
      // Anew: what others have written meanwhile to other keys stays.
      const now = await lookAtLocalconfig(params, ports);
      const left = diff(params, now);
      if (left.length > 0 && keyOf(left[0]) !== keyOf(changes[0]))
        throw new ActionError(
          `${now.file} on ${ports.host.name}: these keys changed after this step was shown`,
          {
            next: 'Run the step again and look at its new difference.',
          },
        );
      if (left.length === 0) continue;
      await writeLocalconfig(now, { set: new Map(Object.entries(set)), unset: new Set(unset) }, ports);
    }
    return {};
  },
  result: (_, { file }) => ({ file }),
  undo: {
    about:
      'The keys get the values they had, or go. An old password is not kept, unless it is the secret that the step was given.',
    inverse: (params, changes, facts) => localconfigInverse(params, approved.parse(changes[0]?.data), facts),
  },
};

function diff(params: LocalconfigParams, facts: LocalconfigFacts): readonly Change[] {
  const { values, file } = facts;
  const set = Object.entries(params.keys ?? {}).filter(([name, value]) => !isValue(value, values.get(name)));
  const unset = (params.absent ?? []).filter((name) => values.has(name));
  if (set.length === 0 && unset.length === 0) return [];
  for (const [name, value] of set) {
    const bite = biteOf(name, value);
    if (bite) throw new ActionError(`localconfig: ${name} ${bite.fact}`, { next: bite.next });
  }
  if (!params.retired) refuseUrls(new Map(set), new Set(unset), facts);
  mayBeWritten(facts);
  const lines = [
    ...set.flatMap(([name, value]) => changed(name, value, values)),
    ...unset.flatMap((name) => gone(name, values)),
  ];
  return [{ what: file, lines, data: { set: Object.fromEntries(set), unset } }];
}

function isValue(wanted: Text, found: string | undefined): boolean {
  if (found === undefined) return false;
  return wanted instanceof Secret ? wanted.equals(new Secret('', found)) : wanted === found;
}

function changed(name: string, value: Text, values: LocalconfigFacts['values']): readonly DiffLine[] {
  const hides = value instanceof Secret || isPasswordKey(name);
  const shown = hides && !(value instanceof Secret) ? '[hidden]' : String(value);
  const line: DiffLine = { op: '+', text: `${name}: ${shown}` };
  return values.has(name) ? [...gone(name, values, hides), line] : [line];
}

/** Where a secret belongs, what is there now is likely one too. */
function gone(
  name: string,
  values: LocalconfigFacts['values'],
  hides = isPasswordKey(name),
): readonly DiffLine[] {
  return [{ op: '-', text: `${name}: ${hides ? 'another value' : values.get(name)}` }];
}

function keyOf(change: Change | undefined): string {
  return JSON.stringify([change?.what, change?.lines]);
}
