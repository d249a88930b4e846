/** Stored passwords of RFC 2307: `{SCHEME}base64`. Makes {SSHA}; verifies the digests slapd knows without modules. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { reveal, type Secret, type Text } from '../secrets/secret.ts';

/** Algorithm and digest length in bytes; salted schemes append the salt to the digest. */
const SCHEMES: Readonly<Record<string, { readonly algorithm: string; readonly bytes: number }>> = {
  SHA: { algorithm: 'sha1', bytes: 20 },
  SSHA: { algorithm: 'sha1', bytes: 20 },
  MD5: { algorithm: 'md5', bytes: 16 },
  SMD5: { algorithm: 'md5', bytes: 16 },
  SHA256: { algorithm: 'sha256', bytes: 32 },
  SSHA256: { algorithm: 'sha256', bytes: 32 },
  SHA512: { algorithm: 'sha512', bytes: 64 },
  SSHA512: { algorithm: 'sha512', bytes: 64 },
};

/** {SSHA}, which every slapd verifies without a module. A hash is still secret: it can be attacked offline. */
export function hashPassword(password: Secret, salt: Buffer = randomBytes(16)): Secret {
  return password.map((clear) => {
    const digest = createHash('sha1').update(clear, 'utf8').update(salt).digest();
    return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
  });
}

/** `unknown`: the scheme needs more than a digest ({CRYPT}, {ARGON2}, {SASL}), so nothing can be said. */
export function verifyPassword(stored: Text, password: Text): 'same' | 'different' | 'unknown' {
  const text = reveal(stored);
  const clear = Buffer.from(reveal(password), 'utf8');
  const match = /^\{([A-Za-z0-9-]+)\}(.*)$/s.exec(text);
  if (!match) return equal(Buffer.from(text, 'utf8'), clear);
  const name = (match[1] ?? '').toUpperCase();
  if (name === 'CLEARTEXT') return equal(Buffer.from(match[2] ?? '', 'utf8'), clear);
  const scheme = SCHEMES[name];
  if (!scheme) return 'unknown';
  const raw = Buffer.from(match[2] ?? '', 'base64');
  if (raw.length < scheme.bytes) return 'different';
  const salt = raw.subarray(scheme.bytes);
  const digest = createHash(scheme.algorithm).update(clear).update(salt).digest();
  return equal(raw.subarray(0, scheme.bytes), digest);
}

function equal(a: Buffer, b: Buffer): 'same' | 'different' {
  return a.length === b.length && timingSafeEqual(a, b) ? 'same' : 'different';
}
