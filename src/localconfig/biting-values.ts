/** Values that the products' tools take, and that break something later. Pure; keeps and shows none of them. */
import { readLdapUrl } from '../ldap/ldap-url.ts';
import { reveal, type Text } from '../secrets/secret.ts';

/** What is wrong with a value, and what to do. */
export interface Bite {
  readonly fact: string;
  readonly next: string;
}

const URL_LISTS = new Set(['ldap_url', 'ldap_master_url']);
const CHOOSE = 'Choose another password.';

export function isPasswordKey(key: string): boolean {
  return /passw|secret/i.test(key);
}

/** Undefined where nothing is known against it. */
export function biteOf(key: string, value: Text): Bite | undefined {
  const clear = reveal(value);
  if (/[\u0000-\u001f\u007f\ufffe\uffff]/.test(clear)) {
    const fact =
      'holds a line break or a control character, which the shells that read it take for something else';
    return { fact, next: 'Write it on one line.' };
  }
  if (URL_LISTS.has(key)) return biteOfUrls(clear);
  if (key === 'ldap_is_master' && clear !== 'true' && clear !== 'false')
    return { fact: 'is neither true nor false', next: 'Quote one of the two.' };
  return isPasswordKey(key) ? biteOfPassword(key, clear) : undefined;
}

function biteOfPassword(key: string, clear: string): Bite | undefined {
  if (clear === '') return { fact: 'is empty', next: CHOOSE };
  // zmlocalconfig -m export writes it doubled, and the shell drops it: zmsetvars then sets another password.
  if (clear.includes("'")) return { fact: "holds a ', which is lost where zmsetvars reads it", next: CHOOSE };
  if (clear !== clear.trim()) return { fact: 'begins or ends with a blank', next: CHOOSE };
  // The tools put it into olcSyncrepl without quotes.
  if (key === 'ldap_replication_password' && /[\s"\\]/.test(clear))
    return { fact: 'holds a blank, a " or a \\, which is stored broken in olcSyncrepl', next: CHOOSE };
  return undefined;
}

function biteOfUrls(clear: string): Bite | undefined {
  const next = 'Write ldap://host:389 or ldaps://host:636, with one blank between two.';
  if (clear !== clear.trim() || /\s\s/.test(clear))
    return { fact: 'has more blanks than one between two URLs', next };
  const odd = clear
    .split(' ')
    .find((url) => !/^ldaps?$/.test(readLdapUrl(url)?.scheme ?? '') || readLdapUrl(url)?.host === '');
  return odd === undefined ? undefined : { fact: `holds "${odd}", which is no URL of a server`, next };
}
