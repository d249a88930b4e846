/** `read.certificate`: a server's certificate is what it should be, before anything is told to use it. */
import { z } from 'zod';
import type { GateAction } from '../engine/action.ts';
import type { ReadPorts } from '../engine/ports.ts';
import { daysLeft, describeCertificate, isFor, parsePem, unvouched } from '../ldap/certificate.ts';
import { commandFailed, exitedWith } from './exit-text.ts';
import { pathParam } from './path-param.ts';
import { once } from './patience-fields.ts';
import { openText } from './text-param.ts';

const params = z.strictObject({
  file: pathParam.describe('PEM file with the certificate, and those between it and its authority'),
  authority: pathParam.describe('PEM file with the authorities that are trusted'),
  key: pathParam.describe('Its private key; never read, only tried'),
  user: openText.describe('Who must be able to read all three: the user of slapd'),
  name: openText.describe('DNS name or address by which others reach the server'),
  days: z.int().min(0).default(14).describe('How many days it must still hold'),
});

type Params = z.input<typeof params>;

interface Facts {
  /** What is wrong with it, each in words. */
  readonly wrong: readonly string[];
  readonly authority: string;
  readonly notAfter: number;
  readonly names: readonly string[];
  readonly days: number;
}

/** `result`: { names, not_after, days, authority }: whom it names, until when (ms), days left, PEM text of the authorities. */
export const readCertificate: GateAction<Params, Facts> = {
  kind: 'gate',
  name: 'read.certificate',
  about:
    'Checks a certificate before a server is told to use it: whom it names, until when it holds, who signed it, whether the ' +
    'key belongs to it (where openssl is there) and can be read by the server.',
  params,
  patience: once,
  read: look,
  lacking: ({ file }, { wrong }) => (wrong.length > 0 ? `${file}: ${wrong.join('; ')}` : undefined),
  result: (_, { names, notAfter, days, authority }) => ({ names, not_after: notAfter, days, authority }),
};

/**
 * 3: a file cannot be read by that user, or it cannot be told. 4: the key is another one's. Only certificates are printed: a
 * key may stand in the same file.
 */
const SCRIPT = `
fail() { echo "$2" >&2; exit "$1"; }
id -u "$LOCKSTEP_USER" >/dev/null 2>&1 || fail 3 "there is no user $LOCKSTEP_USER"
me=$(id -un)
[ "$me" = "$LOCKSTEP_USER" ] || [ "$(id -u)" = 0 ] || fail 3 "$me cannot try what $LOCKSTEP_USER may read; root can"
reads() { if [ "$me" = "$LOCKSTEP_USER" ]; then test -r "$1"; else runuser -u "$LOCKSTEP_USER" -- test -r "$1"; fi; }
for file in "$LOCKSTEP_FILE" "$LOCKSTEP_AUTHORITY" "$LOCKSTEP_KEY"; do
  [ -e "$file" ] || fail 3 "$file is not there"
  reads "$file" || fail 3 "$file cannot be read by $LOCKSTEP_USER"
done
if command -v openssl >/dev/null && own=$(openssl x509 -in "$LOCKSTEP_FILE" -noout -pubkey 2>/dev/null); then
  key=$(openssl pkey -in "$LOCKSTEP_KEY" -passin pass: -pubout 2>/dev/null) ||
    fail 4 "$LOCKSTEP_KEY holds no key that opens without a password"
  [ "$own" = "$key" ] || fail 4 "$LOCKSTEP_KEY is not its key"
fi
certificates() { sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----END CERTIFICATE-----/p' "$1"; }
certificates "$LOCKSTEP_FILE"; echo ==authority; certificates "$LOCKSTEP_AUTHORITY"
`;

async function look(params: Params, ports: ReadPorts): Promise<Facts> {
  const env = {
    LOCKSTEP_FILE: params.file,
    LOCKSTEP_AUTHORITY: params.authority,
    LOCKSTEP_KEY: params.key,
    LOCKSTEP_USER: params.user,
  };
  const told = await ports.probe({ script: SCRIPT, env });
  const refused = (why: string): Facts => ({ wrong: [why], authority: '', notAfter: 0, names: [], days: 0 });
  if (exitedWith(told.exit, [3, 4])) return refused(told.stderr.trim());
  if (!exitedWith(told.exit, [0])) throw commandFailed('reading the certificate', told);
  const [own = '', authority = ''] = told.stdout.split(/^==authority\n/m);
  const [chain, authorities] = [certificatesIn(own), certificatesIn(authority)];
  const [certificate] = chain;
  if (!certificate) return refused('it holds no certificate that can be read');
  if (authorities.length === 0) return refused(`${params.authority} holds no certificate that can be read`);
  const { names, notBefore, notAfter, subject } = describeCertificate(certificate);
  const now = ports.now();
  const days = daysLeft(notAfter, now);
  const wrong = [
    isFor(certificate, params.name)
      ? undefined
      : `it is for ${names.join(', ') || subject}, not for ${params.name}`,
    notBefore > now ? `it does not hold before ${new Date(notBefore).toISOString()}` : undefined,
    days < (params.days ?? 14) ? expiry(days) : undefined,
    unvouched(chain, authorities),
  ];
  return { wrong: wrong.filter((one) => one !== undefined), authority, notAfter, names, days };
}

function certificatesIn(text: string): ReturnType<typeof parsePem> {
  try {
    return parsePem(text);
  } catch {
    return [];
  }
}

function expiry(days: number): string {
  return days < 0 ? `it expired ${-days} days ago` : `it holds for ${days} more days`;
}
