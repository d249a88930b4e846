import type { Inverse } from '../engine/action.ts';
import type { Value } from '../engine/value.ts';
import { isPasswordKey } from '../localconfig/biting-values.ts';
import { Secret, type Text } from '../secrets/secret.ts';
import type { LocalconfigFacts } from './localconfig-look.ts';

/** The keys as they were. An old password comes back only if it is a secret that the step was given: nothing else names it. */
export function localconfigInverse(
  {
    keys = {},
    file,
  }: { readonly keys?: Readonly<Record<string, Text>> | undefined; readonly file?: string | undefined },
  { set, unset }: { readonly set: Readonly<Record<string, Text>>; readonly unset: readonly string[] },
  facts: LocalconfigFacts,
): Inverse {
  const given = Object.values(keys).filter((value) => value instanceof Secret);
  const back: Record<string, Value> = {};
  const absent: string[] = [];
  const cannot: string[] = [];
  for (const name of [...Object.keys(set), ...unset]) {
    const old = facts.values.get(name);
    const hides = set[name] instanceof Secret || isPasswordKey(name);
    const kept = hides && old !== undefined ? given.find((one) => one.equals(new Secret('', old))) : old;
    if (old === undefined) absent.push(name);
    else if (kept !== undefined) back[name] = kept;
    else
      cannot.push(
        `${name} of ${facts.file}: the old value is a secret, and is not kept; look for it in a back-up`,
      );
  }
  if (Object.keys(back).length + absent.length === 0) return { calls: [], cannot };
  const params = {
    ...(Object.keys(back).length > 0 && { keys: back }),
    ...(absent.length > 0 && { absent }),
    ...(file !== undefined && { file }),
  };
  return { calls: [{ action: 'localconfig', params }], cannot };
}
