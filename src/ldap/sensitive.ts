/** Attributes that hold secrets: what is read from them must not reach a diff, a capture or the journal in clear. */
import type { Modification } from '../engine/ports.ts';
import { joinText, reveal, Secret, type Text } from '../secrets/secret.ts';
import { withoutIndex } from './config-names.ts';
import { differingWords, parseSyncrepl, showSyncrepl, wordOf } from './syncrepl.ts';

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

/** May its values hold a password among other words? */
export function holdsCredentials(attribute: string): boolean {
  return WITH_CREDENTIALS.has(attribute.toLowerCase());
}

/**
 * Does this step write a secret to that attribute? Then what was there before is one too, though lockstep does not know its
 * value. Texts with credentials among other words are judged word by word.
 */
export function takesSecret(attribute: string, modifications: readonly Modification[]): boolean {
  if (holdsCredentials(attribute)) return false;
  const name = attribute.toLowerCase();
  return modifications.some(
    (one) => one.attribute.toLowerCase() === name && one.values.some((value) => value instanceof Secret),
  );
}

/** The value as people may see it: a Secret for passwords, a text with credentials cut out, else the value itself. */
export function guarded(attribute: string, value: Text): Text {
  if (value instanceof Secret) return value;
  if (isSecretAttribute(attribute)) return new Secret(`stored ${attribute}`, value);
  if (!holdsCredentials(attribute)) return value;
  const parsed = parseSyncrepl(value);
  const index = parsed.index === undefined ? '' : `{${parsed.index}}`;
  return index + showSyncrepl(parsed);
}

/** Stands for the credentials that are on the server already: `credentials="[stored]"`. */
const STORED = '[stored]';

const CREDENTIALS = /(?<=^|\s)credentials=(?:"([^"]*)"|([^\s"]*))(?=\s|$)/gi;

/**
 * A stored value in a form that may be kept in a journal: as it is; with a secret of `given` in the place of its
 * credentials; or, where the value `stays` on the server, with a mark that stands for what is there. Undefined when it
 * may not be kept, or is bytes that no text can bring back.
 */
export function keepable(
  attribute: string,
  value: string,
  given: readonly Secret[],
  stays: boolean,
  secret = false,
): Text | undefined {
  const known = (clear: string) => given.find((secret) => secret.equals(new Secret('', clear)));
  if (secret || isSecretAttribute(attribute)) return known(value);
  if (value.startsWith('base64:')) return undefined;
  if (!holdsCredentials(attribute)) return value;
  const [found, ...more] = value.matchAll(CREDENTIALS);
  if (!found) return wordOf(parseSyncrepl(value), 'credentials') === undefined ? value : undefined;
  if (more.length > 0) return undefined;
  const put = known(found[1] ?? found[2] ?? '') ?? (stays ? STORED : undefined);
  if (put === undefined) return undefined;
  const end = found.index + found[0].length;
  return joinText([value.slice(0, found.index), 'credentials="', put, '"', value.slice(end)]);
}

/** The value with the credentials that the server has; undefined when it has no such value. Others come as they are. */
export function filled(attribute: string, wanted: Text, current: readonly string[]): Text | undefined {
  if (!holdsCredentials(attribute)) return wanted;
  const parsed = parseSyncrepl(wanted);
  const credentials = wordOf(parsed, 'credentials');
  if (credentials === undefined || reveal(credentials) !== STORED) return wanted;
  const there = current.find((value) =>
    differingWords(parsed, parseSyncrepl(value)).every((word) => word === 'credentials'),
  );
  if (there === undefined) return undefined;
  const index = parsed.index === undefined ? '' : `{${parsed.index}}`;
  return new Secret(`stored ${attribute}`, index + withoutIndex(there));
}
