import { createHash, randomBytes } from 'node:crypto';

/** Attributes that slapadd makes anew; keeping them would give every host the image's entryUUIDs and CSNs. */
const operational = new Set([
  'structuralobjectclass',
  'entryuuid',
  'entrycsn',
  'contextcsn',
  'creatorsname',
  'createtimestamp',
  'modifiersname',
  'modifytimestamp',
]);

/**
 * slapcat's LDIF as input for a new server: without operational attributes, and with `passwordHash` wherever the image
 * has a password. A database with a suffix always gets one.
 */
export function freshLdif(ldif: string, passwordHash: string): string {
  const records = ldif.split(/\n{2,}/).filter((record) => record.trim() !== '');
  return records.map((record) => `${freshRecord(record, passwordHash)}\n\n`).join('');
}

function freshRecord(record: string, passwordHash: string): string {
  // A line that starts with a space continues the one before (RFC 2849); an attribute goes with its continuations.
  const attributes = record.trim().split(/\n(?! )/);
  const names = attributes.map((attribute) => attribute.slice(0, attribute.indexOf(':')).toLowerCase());
  const kept = attributes.filter(
    (_, index) =>
      !operational.has(names[index] ?? '') && names[index] !== 'olcrootpw' && names[index] !== 'userpassword',
  );
  if (names.includes('olcsuffix')) kept.push(`olcRootPW: ${passwordHash}`);
  if (names.includes('userpassword')) kept.push(`userPassword: ${passwordHash}`);
  return kept.join('\n');
}

/** `{SSHA}` as slapd understands it: base64 of SHA-1(password, salt) and the salt. */
export function saltedSha(password: string, salt: Buffer = randomBytes(8)): string {
  const digest = createHash('sha1').update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
}
