import { TransportError } from '../../engine/ports.ts';
import { LdapError } from '../../ldap/ldap-error.ts';
import type { Seen } from '../facts.ts';

/** What a look has found, or why there is nothing: a look that fails leaves the others alone. */
export async function seen<T>(look: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { value: await look() };
  } catch (error) {
    return { unknown: reasonOf(error) };
  }
}

/** What was seen, read on; a reason stays a reason. */
export function readOn<T, R>(found: Seen<T>, read: (value: T) => R): Seen<R> {
  if ('unknown' in found) return found;
  try {
    return { value: read(found.value) };
  } catch (error) {
    return { unknown: reasonOf(error) };
  }
}

/** Without the host, which stands beside it, and without advice for who sent the request. */
export function reasonOf(error: unknown): string {
  if (error instanceof LdapError) {
    const { operation, dn, code, diagnostic } = error.failure;
    const subject = dn === '' || operation === 'bind' ? operation : `${operation} "${dn}"`;
    return `${subject}: ${error.codeName} (${code})${diagnostic === '' ? '' : `, ${diagnostic}`}`;
  }
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof TransportError ? text.replace(`${error.host} · `, '') : text;
}

/** Rejects when it takes longer than `ms`; what is under way goes on, and ends with its connection. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what}: no answer within ${ms / 1000} s`)), ms);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
