/** Attributes that hold secrets: what is read from them must not reach a diff, a capture or the journal in clear. */
import { Secret, type Text } from '../secrets/secret.ts';
import { parseSyncrepl, showSyncrepl } from './syncrepl.ts';

const SECRET = new Set([
  'userpassword',
  'olcrootpw',
  'authpassword',
  'pwdhistory',
  'sambantpassword',
  'krbprincipalkey',
]);

/** Attributes of cn=config whose text holds `credentials=` among other words. */
const WITH_CREDENTIALS = new Set(['olcsyncrepl', 'olcdbidassertbind', 'olcdbaclbind', 'olcchainuri']);

export function isSecretAttribute(attribute: string): boolean {
  return SECRET.has(attribute.toLowerCase().replace(/;.*$/, ''));
}

/** The value as people may see it: a Secret for passwords, a text with credentials cut out, else the value itself. */
export function guarded(attribute: string, value: Text): Text {
  if (value instanceof Secret) return value;
  if (isSecretAttribute(attribute)) return new Secret(`stored ${attribute}`, value);
  if (!WITH_CREDENTIALS.has(attribute.toLowerCase())) return value;
  const parsed = parseSyncrepl(value);
  const index = parsed.index === undefined ? '' : `{${parsed.index}}`;
  return index + showSyncrepl(parsed);
}
