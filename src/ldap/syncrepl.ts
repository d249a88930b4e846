/**
 * One olcSyncrepl value: words `key=value` or bare words, after an optional `{n}`. `"` groups. There is no way to write
 * a `"` inside a value: 2.5.13 sends another password then, or reads the next word as part of it; and `\` is taken as it
 * stands by 2.5.13 but as an escape by strtok_quote of 2.4. So neither is ever printed.
 */
import { joinText, reveal, Secret, type Text } from '../secrets/secret.ts';
import { parseBoolean, parseOrdered } from './config-names.ts';
import { sameDn } from './dn.ts';
import { sameLdapUrl } from './ldap-url.ts';

export interface Word {
  /** As written; compared without case. */
  readonly key: string;
  /** Absent for bare words such as `attrsonly`. */
  readonly value?: Text;
}

/** Words in their order, unknown ones included. */
export interface Syncrepl {
  /** Position on the server; shifts when an earlier value is deleted, so read it again before each use. */
  readonly index?: number;
  readonly words: readonly Word[];
}

/** Name under which credentials that were read from a server are shown. */
const STORED = 'stored';

/** Credentials come out as a Secret, so the parsed form can be shown whole. Never throws: what is odd is kept. */
export function parseSyncrepl(text: Text): Syncrepl {
  const { index, value } = parseOrdered(reveal(text).trim());
  const name = text instanceof Secret ? text.name : STORED;
  const words = tokens(value).map((token): Word => {
    const equals = token.indexOf('=');
    if (equals < 0) return { key: token };
    const key = token.slice(0, equals);
    const clear = token.slice(equals + 1);
    return { key, value: key.toLowerCase() === 'credentials' ? new Secret(name, clear) : clear };
  });
  return index === undefined ? { words } : { index, words };
}

function tokens(text: string): readonly string[] {
  const found: string[] = [];
  let token: string | undefined;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '"') {
      quoted = !quoted;
      token ??= '';
    } else if (!quoted && /[\t\n\r ]/.test(character)) {
      if (token !== undefined) found.push(token);
      token = undefined;
    } else {
      token = (token ?? '') + character;
    }
  }
  if (token !== undefined) found.push(token);
  return found;
}

/** The value of a word; undefined when it is not there. */
export function wordOf(syncrepl: Syncrepl, key: string): Text | undefined {
  return syncrepl.words.find((word) => word.key.toLowerCase() === key.toLowerCase())?.value;
}

/** A word that is never a secret. */
export function plainWordOf(syncrepl: Syncrepl, key: string): string | undefined {
  const value = wordOf(syncrepl, key);
  return typeof value === 'string' ? value : undefined;
}

/** NaN when the value has none: then slapd itself would not have taken it. */
export function ridOf(syncrepl: Syncrepl): number {
  return Number(plainWordOf(syncrepl, 'rid') ?? Number.NaN);
}

/** Always in quotes; any other only where it needs them, as Zimbra's tools write it and look for it. */
const QUOTED = new Set(['searchbase', 'filter', 'attrs', 'exattrs', 'retry', 'logfilter']);

/** The value for the server, without `{n}`. A Secret as soon as it holds credentials. */
export function printSyncrepl(syncrepl: Syncrepl): Text {
  return joinText(syncrepl.words.flatMap((word, at) => [...(at > 0 ? [' '] : []), printWord(word)]));
}

/** The value for people: credentials show as `[name]`. */
export function showSyncrepl(syncrepl: Syncrepl): string {
  return syncrepl.words.map((word) => showWord(word)).join(' ');
}

/** Words that slapd knows without a value; any other may be a piece of a password with a quote in it. */
const BARE = new Set(['attrsonly', 'lazycommit']);

function showWord({ key, value }: Word): string {
  if (value === undefined) return BARE.has(key.toLowerCase()) ? key : '[unreadable]';
  if (value instanceof Secret) return `${key}=${value}`;
  return QUOTED.has(key.toLowerCase()) || /\s/.test(value) ? `${key}="${value}"` : `${key}=${value}`;
}

function printWord(word: Word): Text {
  if (word.value === undefined) return word.key;
  const force = QUOTED.has(word.key.toLowerCase());
  const quote = (clear: string) => {
    if (!isPrintable(clear))
      throw new Error(`olcSyncrepl: ${word.key} must not hold ", \\ or control characters`);
    return force || clear === '' || /\s/.test(clear) ? `"${clear}"` : clear;
  };
  return joinText([word.key, '=', word.value instanceof Secret ? word.value.map(quote) : quote(word.value)]);
}

/** Can slapd read this value back as it is? See the top of this file. */
export function isPrintable(clear: string): boolean {
  return !/["\\\u0000-\u001f\u007f]/.test(clear);
}

/** Do both pull from the same server? Scheme, host and port count, not the spelling. */
export function sameProvider(a: Syncrepl, b: Syncrepl): boolean {
  const left = plainWordOf(a, 'provider');
  const right = plainWordOf(b, 'provider');
  return left !== undefined && right !== undefined && sameLdapUrl(left, right);
}

/** An agreement is named by where it pulls from and what: same provider, same searchbase. */
export function sameAgreement(a: Syncrepl, b: Syncrepl): boolean {
  return sameProvider(a, b) && sameDn(plainWordOf(a, 'searchbase') ?? '', plainWordOf(b, 'searchbase') ?? '');
}

/** What slapd takes when a word is missing (slapd-config(5)); writing such a word changes nothing. */
const DEFAULTS: Readonly<Record<string, string>> = {
  scope: 'sub',
  schemachecking: 'off',
  starttls: 'no',
  keepalive: '0:0:0',
  filter: '(objectclass=*)',
  attrs: '*,+',
  type: 'refreshOnly',
  syncdata: 'default',
};

/** Keys in which the two differ in meaning, lower case. Credentials compare in clear, in memory only. */
export function differingWords(a: Syncrepl, b: Syncrepl): readonly string[] {
  const keys = new Set([...a.words, ...b.words].map((word) => word.key.toLowerCase()));
  return [...keys].filter((key) => !sameWord(key, meaning(a, key), meaning(b, key)));
}

function meaning(syncrepl: Syncrepl, key: string): string | undefined {
  const word = syncrepl.words.find((candidate) => candidate.key.toLowerCase() === key);
  if (!word) return DEFAULTS[key];
  return word.value === undefined ? 'on' : reveal(word.value);
}

function sameWord(key: string, a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a === b) return true;
  if (key === 'provider') return sameLdapUrl(a, b);
  if (key === 'searchbase' || key === 'binddn' || key === 'logbase') return sameDn(a, b);
  if (key === 'rid' || key === 'timeout' || key === 'network-timeout') return Number(a) === Number(b);
  if (key === 'retry') return squeeze(a) === squeeze(b);
  if (key === 'schemachecking') return truth(a) === truth(b);
  const caseless = [
    'type',
    'bindmethod',
    'scope',
    'starttls',
    'tls_reqcert',
    'filter',
    'attrs',
    'saslmech',
    'syncdata',
  ];
  return caseless.includes(key) && a.toLowerCase() === b.toLowerCase();
}

function squeeze(text: string): string {
  return text
    .trim()
    .split(/[\s,]+/)
    .join(' ');
}

function truth(text: string): boolean {
  return parseBoolean(text) ?? ['on', 'yes', '1'].includes(text.toLowerCase());
}

/** Does slapd ever stop trying? A retry list must end with `+`, or the consumer gives up without a word. */
export function retriesForEver(retry: string): boolean {
  return /^(?:\d+ \d+ )*\d+ \+$/.test(squeeze(retry));
}
