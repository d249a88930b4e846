import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SETTINGS = `[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
`;

/** A certificate for a name, good or expired years ago; its key, and the authority that signed it. PEM. */
export function certify(
  name: string,
  until: 'next-year' | '2021',
): { readonly certificate: string; readonly key: string; readonly authority: string } {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-ca-'));
  const openssl = (...words: readonly string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  try {
    writeFileSync(join(folder, 'settings'), `${SETTINGS}[names]\nsubjectAltName = DNS:${name}\n`);
    writeFileSync(join(folder, 'index.txt'), '');
    writeFileSync(join(folder, 'serial'), '01\n');
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-config', 'settings'];
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '3650',
      '-subj',
      '/CN=lab authority',
    );
    openssl('req', ...key, '-keyout', 'own.key', '-out', 'own.csr', '-subj', `/CN=${name}`);
    const dates =
      until === '2021' ? ['-startdate', '20200101000000Z', '-enddate', '20210101000000Z'] : ['-days', '365'];
    const signer = ['-cert', 'ca.pem', '-keyfile', 'ca.key', '-extensions', 'names', '-config', 'settings'];
    openssl('ca', '-batch', '-notext', ...signer, ...dates, '-in', 'own.csr', '-out', 'own.pem');
    return { certificate: read('own.pem'), key: read('own.key'), authority: read('ca.pem') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
