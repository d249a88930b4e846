import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { labDir } from '../lab-paths.ts';
import { runProgram } from '../run-program.ts';

function folder(lab: string): string {
  return `${labDir(lab)}/authority`;
}

/** The lab's own certificate authority: `authority/ca.pem` and `ca.key`. */
export async function makeAuthority(lab: string): Promise<void> {
  const own = folder(lab);
  const name = `authority of lab ${lab}`;
  const settings = await makeRequest(own, name, `${own}/ca.key`, 'basicConstraints = critical, CA:true');
  const signer = ['-selfsign', '-keyfile', `${own}/ca.key`];
  await sign(own, settings, signer, `${own}/ca.pem`);
}

/** Puts a host's certificate into a directory: `slapd.crt`, `slapd.key` and the authority's `ca.pem`. */
export async function certify(lab: string, host: string, fqdn: string, directory: string): Promise<void> {
  const own = folder(lab);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const request = `${own}/${host}`;
  const key = `${directory}/slapd.key`;
  const settings = await makeRequest(request, fqdn, key, `subjectAltName = DNS:${fqdn}`);
  const signer = ['-cert', `${own}/ca.pem`, '-keyfile', `${own}/ca.key`];
  await sign(request, settings, signer, `${directory}/slapd.crt`);
  await copyFile(`${own}/ca.pem`, `${directory}/ca.pem`);
}

/** A key, and in a folder of its own what openssl-ca(1) wants to know to sign for it; resolves to its settings. */
async function makeRequest(own: string, name: string, key: string, extension: string): Promise<string> {
  await mkdir(own, { mode: 0o700 });
  const settings = `${own}/settings`;
  await writeFile(settings, settingsText(own, extension));
  await writeFile(`${own}/index.txt`, '');
  // Positive (RFC 5280 section 4.1.2.2), and no two alike.
  await writeFile(`${own}/serial`, `01${randomBytes(8).toString('hex')}\n`);
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = ['-config', settings, '-keyout', key, '-out', `${own}/request.pem`];
  await openssl(['req', ...kind, ...files, '-subj', `/CN=${name}`]);
  return settings;
}

function settingsText(own: string, extension: string): string {
  return `[ca]
default_ca = own
[own]
database = ${own}/index.txt
serial = ${own}/serial
new_certs_dir = ${own}
default_md = sha256
policy = any
x509_extensions = more
[any]
commonName = supplied
[more]
${extension}
[req]
distinguished_name = any
`;
}

/** Good from long ago, so that a host whose clock is behind believes them, too. */
async function sign(
  own: string,
  settings: string,
  signer: readonly string[],
  certificate: string,
): Promise<void> {
  const dates = ['-startdate', '20200101000000Z', '-enddate', '20450101000000Z'];
  const files = ['-in', `${own}/request.pem`, '-out', certificate];
  await openssl(['ca', '-batch', '-notext', '-config', settings, ...signer, ...dates, ...files]);
}

async function openssl(words: readonly string[]): Promise<void> {
  await runProgram(['openssl', ...words], { about: `openssl ${words[0]}` });
}
