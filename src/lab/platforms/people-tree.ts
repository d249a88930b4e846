import { saltedSha } from './slapd-seed.ts';

const all = 1000;
const groups = 20;

/** Entries of the whole tree: the suffix, two units, people and groups. */
export const treeSize = 1 + 2 + all + groups;

/**
 * LDIF below `suffix`, the same at every call: `uid=user0001..user1000,ou=people`, whose password is
 * `password-user0001`, and `cn=group01..group20,ou=groups`, of which everybody is in one.
 */
export function peopleTree(suffix: string, people = all): string {
  const records = [
    unit('people', suffix),
    unit('groups', suffix),
    ...Array.from({ length: people }, (_, index) => person(index + 1, suffix)),
    ...Array.from({ length: groups }, (_, index) => group(index + 1, people / groups, suffix)),
  ];
  return records.map((record) => `${record.join('\n')}\n\n`).join('');
}

function unit(name: string, suffix: string): readonly string[] {
  return [`dn: ou=${name},${suffix}`, 'objectClass: organizationalUnit', `ou: ${name}`];
}

function uid(number: number): string {
  return `user${String(number).padStart(4, '0')}`;
}

function person(number: number, suffix: string): readonly string[] {
  const name = uid(number);
  return [
    `dn: uid=${name},ou=people,${suffix}`,
    'objectClass: inetOrgPerson',
    'objectClass: posixAccount',
    `uid: ${name}`,
    `cn: User ${number}`,
    'givenName: User',
    `sn: Number${number}`,
    `mail: ${name}@example.com`,
    `uidNumber: ${10_000 + number}`,
    'gidNumber: 10000',
    `homeDirectory: /home/${name}`,
    `userPassword: ${saltedSha(`password-${name}`, Buffer.from(name))}`,
  ];
}

function group(number: number, size: number, suffix: string): readonly string[] {
  const name = `group${String(number).padStart(2, '0')}`;
  const members = Array.from({ length: size }, (_, index) => (number - 1) * size + index + 1);
  return [
    `dn: cn=${name},ou=groups,${suffix}`,
    'objectClass: groupOfNames',
    `cn: ${name}`,
    ...members.map((member) => `member: uid=${uid(member)},ou=people,${suffix}`),
  ];
}
