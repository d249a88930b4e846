import { Secret } from '../secrets/secret.ts';

/** Every secret that an inventory (or a part of it) holds in clear: what the redactor must know from the start. */
export function secretsIn(value: unknown): readonly Secret[] {
  if (value instanceof Secret) return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap((member) => secretsIn(member));
}
