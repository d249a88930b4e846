/** Certificates for tests, made by openssl in a folder of their own that goes with the test. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Certificates {
  readonly dir: string;
  /** A certificate that signs itself, `NAME.pem` and `NAME.key`. */
  authority(name: string): void;
  /** One for `subject`, `NAME.pem` and `NAME.key`, signed by another of these; `san` as `DNS:a,IP:10.0.0.1`. */
  sign(name: string, by: string, options?: { subject?: string; san?: string; isAuthority?: boolean }): void;
  path(file: string): string;
  text(file: string): string;
}

const DAYS = ['-days', '30'];
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** The folder may be searched by everybody, its keys read by their owner. */
export function certificates(): Certificates {
  const dir = mkdtempSync(join(tmpdir(), 'lockstep-certificates-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  chmodSync(dir, 0o755);
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: dir, stdio: 'pipe' });
  const path = (file: string) => join(dir, file);
  return {
    dir,
    path,
    text: (file) => readFileSync(path(file), 'utf8'),
    authority(name) {
      const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
      openssl('req', '-x509', ...KEY, ...files, ...DAYS, '-subj', `/CN=${name}`);
    },
    sign(name, by, { subject = name, san, isAuthority = false } = {}) {
      openssl('req', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${subject}`);
      const names = san === undefined ? '' : `subjectAltName=${san}\n`;
      // Without the identifier of the signer's key, so that only its name and the signature tell who it is.
      const constraints = `basicConstraints=CA:${isAuthority ? 'TRUE' : 'FALSE'}\nauthorityKeyIdentifier=none\n`;
      writeFileSync(path('ext'), constraints + names);
      const signer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial'];
      const files = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', 'ext'];
      openssl('x509', '-req', ...signer, ...files, ...DAYS);
    },
  };
}
