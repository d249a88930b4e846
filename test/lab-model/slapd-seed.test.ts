import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { peopleTree, treeSize } from '../../src/lab/platforms/people-tree.ts';
import { freshLdif, saltedSha } from '../../src/lab/platforms/slapd-seed.ts';

const database = `dn: olcDatabase={1}mdb,cn=config
objectClass: olcMdbConfig
olcSuffix: dc=example,dc=com
olcAccess: {0}to attrs=userPassword by self write
  by anonymous auth
olcRootPW:: e1NTSEF9b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk
 b2xk
entryUUID: 7e3d3c92-7a64-1041-849a-4dba2f424f09
entryCSN: 20261122020219.445330Z#000000#000#000000
modifiersName: cn=admin,
 cn=config
`;

test('a fresh server gets no operational attribute of the image, continuation lines included', () => {
  const fresh = freshLdif(database, '{SSHA}new');
  expect(fresh).not.toMatch(/entryUUID|entryCSN|modifiersName|^ cn=config/m);
  expect(fresh).toContain('olcAccess: {0}to attrs=userPassword by self write\n  by anonymous auth\n');
});

test("the image's password is replaced, and never left beside the new one", () => {
  const fresh = freshLdif(database, '{SSHA}new');
  expect(fresh.match(/olcRootPW/g)).toHaveLength(1);
  expect(fresh).toContain('olcRootPW: {SSHA}new\n');
  expect(fresh).not.toContain('b2xk');
});

test('a database with a suffix gets a password even if the image gave it none', () => {
  expect(freshLdif('dn: olcDatabase={1}mdb,cn=config\nolcSuffix: dc=a\n', 'X')).toContain('olcRootPW: X');
});

test('records without a password stay without, and each ends with an empty line', () => {
  expect(freshLdif('dn: cn=config\ncn: config\n\n\ndn: cn=schema\ncn: schema', 'X')).toBe(
    'dn: cn=config\ncn: config\n\ndn: cn=schema\ncn: schema\n\n',
  );
});

test('a salted hash can be checked as slapd does', () => {
  const raw = Buffer.from(saltedSha('sesame').slice('{SSHA}'.length), 'base64');
  const digest = createHash('sha1').update('sesame').update(raw.subarray(20)).digest();
  expect(raw.subarray(0, 20).equals(digest)).toBe(true);
  expect(saltedSha('sesame')).not.toBe(saltedSha('sesame'));
});

test('the tree is the same every time and has the size that is told', () => {
  const tree = peopleTree('dc=example,dc=com');
  expect(tree).toBe(peopleTree('dc=example,dc=com'));
  const dns = tree.match(/^dn: .*$/gm) ?? [];
  expect(dns).toHaveLength(treeSize - 1);
  expect(new Set(dns).size).toBe(dns.length);
});

test('every member of a group is a person of the tree', () => {
  const tree = peopleTree('dc=example,dc=com');
  const people = new Set([...tree.matchAll(/^dn: (uid=.*)$/gm)].map((match) => match[1]));
  const members = [...tree.matchAll(/^member: (.*)$/gm)].map((match) => match[1]);
  expect(members).toHaveLength(1000);
  expect(members.filter((member) => !people.has(member))).toEqual([]);
});
