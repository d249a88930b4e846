/** What `localconfig` makes of a look, and what it refuses. How it writes is in test/lab/localconfig.test.ts. */
import { describe, expect, test } from 'vitest';
import { localconfig } from '../../src/actions/localconfig.ts';
import type { LocalconfigFacts } from '../../src/actions/localconfig-look.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { localconfigOf } from '../localconfig/hosts-with-localconfig.ts';

type Params = Parameters<typeof localconfig.diff>[0];

const FILE = '/opt/zimbra/conf/localconfig.xml';
const own = 'ldap://ldap1.example.com:389';
const peer = 'ldap://ldap2.example.com:389';

function facts(
  values: Readonly<Record<string, string>>,
  more: Partial<LocalconfigFacts> = {},
): LocalconfigFacts {
  return {
    host: { name: 'ldap1', address: 'ldap1.example.com' },
    file: FILE,
    text: localconfigOf(values),
    values: new Map(Object.entries(values)),
    owner: 'zimbra',
    sha256: '',
    hasSlapd: false,
    listener: 'unknown',
    ...more,
  };
}

const shown = (params: Params, found: LocalconfigFacts) =>
  localconfig.diff(params, found).flatMap(({ lines }) => lines.map(({ op, text }) => `${op} ${text}`));

describe('the difference', () => {
  test('is empty where all is as it should be', () => {
    const found = facts({ a: '1', pw: 'secret' });
    expect(
      localconfig.diff({ keys: { a: '1', pw: new Secret('pw', 'secret') }, absent: ['b'] }, found),
    ).toEqual([]);
  });

  test('shows old and new values, and is one change of one file', () => {
    const found = facts({ a: '1', b: '2', c: '3' });
    const changes = localconfig.diff({ keys: { a: '9', b: '2', d: '4' }, absent: ['c'] }, found);
    expect(changes.map(({ what }) => what)).toEqual([FILE]);
    expect(shown({ keys: { a: '9', b: '2', d: '4' }, absent: ['c'] }, found)).toEqual([
      '- a: 1',
      '+ a: 9',
      '+ d: 4',
      '- c: 3',
    ]);
  });

  test('tells that a secret is another, and shows neither', () => {
    const found = facts({
      ldap_replication_password: 'of-yesterday',
      mysql_root_password: 'x-y-z',
      other: 'old-secret',
    });
    const params = {
      keys: {
        ldap_replication_password: new Secret('replication', 'of-today'),
        other: new Secret('word', 'new'),
      },
      absent: ['mysql_root_password'],
    };
    expect(shown(params, found)).toEqual([
      '- ldap_replication_password: another value',
      '+ ldap_replication_password: [replication]',
      '- other: another value',
      '+ other: [word]',
      '- mysql_root_password: another value',
    ]);
    expect(JSON.stringify(localconfig.diff(params, found))).not.toMatch(
      /of-yesterday|of-today|x-y-z|old-secret/,
    );
  });

  test('does not show a password that a runbook has in clear', () => {
    expect(shown({ keys: { ldap_nginx_password: 'zmnginx' } }, facts({}))).toEqual([
      '+ ldap_nginx_password: [hidden]',
    ]);
  });
});

describe('refused', () => {
  const slapd = { hasSlapd: true };
  test.each<[string, Params, Readonly<Record<string, string>>, Partial<LocalconfigFacts>, RegExp]>([
    [
      'a value that bites',
      { keys: { ldap_url: 'a b' } },
      {},
      {},
      /localconfig: ldap_url holds "a", which is no URL/,
    ],
    ['a file of root', { keys: { a: '1' } }, {}, { owner: 'root' }, /on ldap1 belongs to root/],
    ['a file of nobody known', { keys: { a: '1' } }, {}, { owner: 'UNKNOWN' }, /belongs to no user/],
    ['a file with broken bytes', { keys: { a: '1' } }, {}, { text: '\uFFFD' }, /no UTF-8/],
    [
      'the peer first in ldap_url',
      { keys: { ldap_url: `${peer} ${own}` } },
      {},
      slapd,
      /would listen on ldap:\/\/ldap2/,
    ],
    [
      'an own name that is the address of another host',
      { keys: { ldap_url: own } },
      {},
      { ...slapd, listener: 'other' },
      /would listen on/,
    ],
    [
      'the peer first, once ldap_bind_url goes',
      { keys: { ldap_url: `${peer} ${own}` }, absent: ['ldap_bind_url'] },
      { ldap_bind_url: own },
      slapd,
      /would listen on/,
    ],
    [
      'equal lists where this is no master',
      { keys: { ldap_url: own, ldap_master_url: own } },
      {},
      slapd,
      /would be the same, and it is no master/,
    ],
    [
      'a list that becomes the same',
      { keys: { ldap_master_url: own } },
      { ldap_url: own, ldap_is_master: 'false' },
      slapd,
      /would be the same/,
    ],
    [
      'no master any more, with equal lists',
      { absent: ['ldap_is_master'] },
      { ldap_url: own, ldap_master_url: own, ldap_is_master: 'true' },
      slapd,
      /would be the same/,
    ],
  ])('%s', (_, params, values, more, message) => {
    expect(() => localconfig.diff(params, facts(values, more))).toThrow(message);
  });

  test.each<[string, Params, Readonly<Record<string, string>>, Partial<LocalconfigFacts>]>([
    ['the own URL first', { keys: { ldap_url: `${own} ${peer}` } }, {}, slapd],
    ['the short name first', { keys: { ldap_url: 'ldap://LDAP1' } }, {}, slapd],
    [
      'the name that the product has for it',
      { keys: { ldap_url: 'ldap://mail.example.com:389' } },
      { zimbra_server_hostname: 'mail.example.com' },
      slapd,
    ],
    [
      'an alias that is the own address',
      { keys: { ldap_url: 'ldap://alias:389' } },
      {},
      { ...slapd, listener: 'own' },
    ],
    [
      'the peer first with ldap_bind_url',
      { keys: { ldap_url: `${peer} ${own}` } },
      { ldap_bind_url: own },
      slapd,
    ],
    [
      'replicas and masters on a host without slapd',
      { keys: { ldap_url: `${peer} ${own}`, ldap_master_url: own } },
      {},
      {},
    ],
    ['equal lists on a host without slapd', { keys: { ldap_url: own, ldap_master_url: own } }, {}, {}],
    [
      'equal lists of a master',
      { keys: { ldap_url: own, ldap_master_url: own } },
      { ldap_is_master: 'true' },
      slapd,
    ],
    [
      'another key, while the lists were wrong before',
      { keys: { a: '1' } },
      { ldap_url: peer, ldap_master_url: peer },
      slapd,
    ],
    [
      'a bad value that is there already',
      { keys: { ldap_replication_password: 'two words' } },
      { ldap_replication_password: 'two words' },
      {},
    ],
  ])('is not: %s', (_, params, values, more) => {
    expect(() => localconfig.diff(params, facts(values, more))).not.toThrow();
  });

  test('is a key that is to have a value and to be absent', () => {
    expect(localconfig.params.safeParse({ keys: { a: '1' }, absent: ['a'] }).success).toBe(false);
    expect(localconfig.params.safeParse({ keys: { 'a b': '1' } }).success).toBe(false);
  });
});

describe('the inverse', () => {
  const inverseOf = (params: Params, values: Readonly<Record<string, string>>) => {
    const found = facts(values);
    return localconfig.undo?.inverse(params, localconfig.diff(params, found), found);
  };

  test('gives back old values, takes away what was not set, and keeps what was as it should be', () => {
    expect(
      inverseOf({ keys: { a: '9', b: '2', d: '4' }, absent: ['c'] }, { a: '1', b: '2', c: '3' }),
    ).toEqual({
      calls: [{ action: 'localconfig', params: { keys: { a: '1', c: '3' }, absent: ['d'] } }],
      cannot: [],
    });
  });

  test('keeps no old password but one that the step was given', () => {
    const [one, two] = [new Secret('one', 'first'), new Secret('two', 'second')];
    const swapped = inverseOf(
      { keys: { pw_password: two, old_password: one } },
      { pw_password: 'first', old_password: 'unknown' },
    );
    expect(swapped?.calls).toEqual([{ action: 'localconfig', params: { keys: { pw_password: one } } }]);
    expect(swapped?.cannot).toEqual([
      expect.stringMatching(/^old_password of .*: the old value is a secret, and is not kept/),
    ]);
    expect(JSON.stringify(swapped)).not.toMatch(/first|unknown/);
  });
});
