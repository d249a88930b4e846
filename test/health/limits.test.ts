import { expect, test } from 'vitest';
import { holdsFor } from '../../src/health/certificate-names.ts';
import { sizeLimitFor } from '../../src/health/limits.ts';

const WHO = 'cn=replicator,dc=example,dc=org';

test.each([
  ['without limits slapd has 500', [], undefined, 500],
  [
    'olcSizeLimit counts where no value is about him',
    ['dn.exact="cn=other,dc=example,dc=org" size=unlimited'],
    '1000',
    1000,
  ],
  ['olcSizeLimit may be without limit', [], 'unlimited', 'unlimited'],
  ['olcSizeLimit may have a soft and a hard one', [], 'size.soft=200 size.hard=unlimited', 200],
  [
    'his own are found whatever spaces and case',
    ['{3}dn.exact="CN=Replicator, dc=example,dc=org"  size=unlimited'],
    '500',
    'unlimited',
  ],
  ['quotes are no part of it', [`dn=${WHO} size.soft=unlimited`], '500', 'unlimited'],
  [
    'a hard limit alone changes nothing for one who asks for none',
    [`dn.exact="${WHO}" size.hard=unlimited`],
    '500',
    500,
  ],
  ['-1 is none', [`dn.exact="${WHO}" size=-1`], '500', 'unlimited'],
  [
    'the first value that is about him counts',
    ['users size=100', `dn.exact="${WHO}" size=unlimited`],
    '500',
    100,
  ],
  ['a subtree that he is in', ['dn.subtree="dc=example,dc=org" size=700'], '500', 700],
  ['children of a tree, which is not itself one of them', [`dn.children="${WHO}" size=700`], '500', 500],
  ['one level below', ['dn.onelevel="dc=example,dc=org" size=700'], '500', 700],
  ['a time limit says nothing of sizes', [`dn.exact="${WHO}" time=unlimited`], '900', 900],
  ['anonymous is somebody else', ['anonymous size=1'], '500', 500],
  ['a group may be his or not', ['group="cn=readers,dc=example,dc=org" size=unlimited'], '500', 'unclear'],
  ['a pattern may be about him or not', ['dn.regex="^cn=.*$" size=unlimited'], '500', 'unclear'],
] as const)('limits: %s', (_, limits, fallback, expected) => {
  const limit = sizeLimitFor(WHO, limits, fallback);
  expect(limit.kind === 'number' ? limit.entries : limit.kind).toBe(expected);
});

test.each([
  ['ldap1.example.org', ['ldap1.example.org'], true],
  ['LDAP1.example.org.', ['ldap1.Example.org'], true],
  ['ldap1.example.org', ['*.example.org'], true],
  ['a.b.example.org', ['*.example.org'], false],
  ['example.org', ['*.example.org'], false],
  ['ldap1', ['ldap1.example.org'], false],
  ['10.0.0.1', ['10.0.0.1'], true],
  ['fd00::1', ['FD00:0:0:0:0:0:0:1'], true],
  ['ldap9.example.org', [], true],
  ['ldap1.example.org', ['ldap8.example.org'], false],
])('a certificate: %s by %j is %s', (host, names, expected) => {
  const certificate = {
    subject: 'O=Example, CN=ldap9.example.org',
    issuer: '',
    names,
    notBefore: 0,
    notAfter: 0,
  };
  expect(holdsFor(certificate, host)).toBe(expected);
});
