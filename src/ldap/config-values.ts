/** When are two values of an attribute the same? By what slapd makes of them, not by their spelling. */
import { attributeKey, isOrdered, parseBoolean, withoutIndex } from './config-names.ts';
import { sameDn } from './dn.ts';
import { differingWords, parseSyncrepl } from './syncrepl.ts';

const BOOLEAN = new Set([
  'olcmultiprovider',
  'olcreadonly',
  'olclastmod',
  'olcmonitoring',
  'olcsyncusesubentry',
  'olcspnopresent',
  'olcspreloadhint',
  'olcaccesslogsuccess',
  'olchidden',
  'olcdbnosync',
]);

const DN = new Set(
  [
    'olcSuffix',
    'olcRootDN',
    'olcAccessLogDB',
    'olcSpSessionlogSource',
    'olcPPolicyDefault',
    'olcSchemaDN',
    'olcUpdateDN',
  ]
    .concat([
      'member',
      'uniqueMember',
      'owner',
      'manager',
      'seeAlso',
      'roleOccupant',
      'memberOf',
      'aliasedObjectName',
    ])
    .map((name) => name.toLowerCase()),
);

const CASELESS = new Set(['objectclass', 'olcoverlay', 'olcdatabase', 'olcmoduleload', 'olcaccesslogops']);

/** `caseless` adds attributes whose values are known to compare without case, e.g. those of the RDN. */
export function sameValue(
  attribute: string,
  a: string,
  b: string,
  caseless: readonly string[] = [],
): boolean {
  const key = attributeKey(attribute);
  const left = isOrdered(key) ? withoutIndex(a) : a;
  const right = isOrdered(key) ? withoutIndex(b) : b;
  if (left === right) return true;
  if (BOOLEAN.has(key)) return parseBoolean(left) !== undefined && parseBoolean(left) === parseBoolean(right);
  if (DN.has(key)) return sameDn(left, right);
  if (key === 'olcserverid') return sameServerId(left, right);
  if (key === 'olcsyncrepl') return differingWords(parseSyncrepl(left), parseSyncrepl(right)).length === 0;
  if (key === 'olcmoduleload') return moduleName(left) === moduleName(right);
  if (key === 'olcdbindex') return indexKey(left) === indexKey(right);
  if (key === 'olcaccess' || key === 'olclimits') return squeeze(left) === squeeze(right);
  // slapd keeps cn=config text as it was typed; runs of spaces in it mean nothing.
  if (key.startsWith('olc')) return left.trim().replace(/\s+/g, ' ') === right.trim().replace(/\s+/g, ' ');
  return (
    (CASELESS.has(key) || caseless.some((name) => attributeKey(name) === key)) && fold(left) === fold(right)
  );
}

/** ACLs and limits: spaces and quotes around a name without spaces mean nothing. */
function squeeze(text: string): string {
  return text
    .trim()
    .replace(/"([^"\s]*)"/g, '$1')
    .replace(/\s+/g, ' ')
    .replace(/^to (\*|dn|attrs|filter)/i, (start) => start.toLowerCase());
}

function fold(text: string): string {
  return text.trim().replace(/ +/g, ' ').toLowerCase();
}

function sameServerId(a: string, b: string): boolean {
  const parts = (text: string) => text.trim().split(/\s+/);
  const [left, leftUrl = ''] = parts(a);
  const [right, rightUrl = ''] = parts(b);
  return Number(left) === Number(right) && leftUrl.toLowerCase() === rightUrl.toLowerCase();
}

/** `/usr/lib/ldap/syncprov.la` and `syncprov` load the same module. */
export function moduleName(value: string): string {
  const file = withoutIndex(value).trim().split(/\s+/)[0] ?? '';
  return (file.split('/').at(-1) ?? file).replace(/(?:\.la|\.so(?:\.[\d.]+)?)$/, '').toLowerCase();
}

function indexKey(text: string): string {
  const [names = '', types = ''] = text.trim().toLowerCase().split(/\s+/);
  return [names, types].map((list) => list.split(',').sort().join(',')).join(' ');
}
