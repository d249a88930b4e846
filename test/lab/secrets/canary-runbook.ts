/** A runbook that takes every canary through every place where a secret may stand, and has hosts say them in every form. */
import type { Canary } from './canaries.ts';

/** Says $S on stdout and stderr as programs write it. Perl, bash and coreutils are what Debian has anyway. */
const sayItAll = `
printf 'clear %s\\n' "$S"
printf 'stderr %s\\n' "$S" >&2
printf 'unquoted '; set -f; echo $S; set +f
printf %s "$S" | base64; printf %s "$S" | base64 -w 0; echo
printf %s "$S" | base64 -w 64; echo
printf 'user:%s' "$S" | base64 -w 0; echo
printf 'password=%s&x=y' "$S" | base64 -w 0 | tr '+/' '-_'; echo
printf %s "$S" | od -An -v -tx1 | tr -d ' \\n'; echo
printf %s "$S" | od -An -v -tx1 | tr -d ' \\n' | tr a-f A-F | fold -w 60; echo
printf 'userPassword:: %s\\n' "$(printf %s "$S" | base64 -w 0)" | fold -w 76 | sed '2,$s/^/ /'
# LDIF folds safe strings only; what is not is Base64 there.
case $S in *[!\\ -~]*) ;; *) printf 'description: %s\\n' "$S" | fold -b -w 7 | sed '2,$s/^/ /' ;; esac
bash -c 'printf "%q\\n" "$S"'
sh -c 'set -x; : "$S"'; bash -c 'set -x; : "$S"'; LC_ALL=C.UTF-8 bash -c 'set -x; : "$S"'
perl -e 'use Encode; my $s = $ENV{S};
my $u = $s; $u =~ s/([^A-Za-z0-9_.~-])/sprintf "%%%02X", ord $1/ge; print "https://x/?p=$u&y\\n", lc "%", "\\n";
$u =~ s/(%[0-9A-F]{2})/lc $1/ge; print "$u\\n"; $u = $s; $u =~ s/([^A-Za-z0-9_.~ -])/sprintf "%%%02X", ord $1/ge; $u =~ tr/ /+/; print "$u\\n";
my $x = $s; $x =~ s/&/&amp;/g; $x =~ s/</&lt;/g; $x =~ s/>/&gt;/g; $x =~ s/"/&quot;/g; print "<p>$x</p>\\n"; $x =~ s/\\x27/&#39;/g; print "<p a=\\x27$x\\x27/>\\n";
my %e = ("\\n" => "\\\\n", "\\r" => "\\\\r", "\\t" => "\\\\t"); my $j = decode("UTF-8", $s); $j =~ s/(["\\\\])/\\\\$1/g; $j =~ s/([\\n\\r\\t])/$e{$1}/g; $j =~ s/([\\x00-\\x1f])/sprintf "\\\\u%04x", ord $1/ge;
print encode("UTF-8", "{\\"p\\": \\"$j\\"}\\n"); $j =~ s/([^\\x20-\\x7e])/join "", map { sprintf "\\\\u%04x", $_ } unpack "n*", encode("UTF-16BE", $1)/ge; print "{\\"p\\": \\"$j\\"}\\n";
my $y = $s; $y =~ s/\\x27/\\x27\\x27/g; print "p: \\x27$y\\x27\\n";'
n=$(printf %s "$S" | wc -c); half=$((n / 2))
printf %s "$S" | head -c "$half"; sleep 0.01; printf %s "$S" | tail -c "+$((half + 1))"; echo
echo; cat; echo
`;

/** Fails, after the canary stood across the end of a chunk of 64 KiB and in the last line of stderr. */
const failWithIt = `
head -c 65530 /dev/zero | tr '\\0' .; printf '%s\\n' "$S"
case $S in *[!\\ -~]*) ;; *) printf '%s\\n' "description: $S and more" | fold -b -w 9 | sed '2,$s/^/ /' >&2 ;; esac
printf 'cannot log in with %s' "$S" >&2
exit 3
`;

interface Step {
  readonly id: string;
  readonly [key: string]: unknown;
}

const secretOf = ({ name }: Canary): string => `\${{ secrets.${name} }}`;
const isOneLine = ({ value }: Canary): boolean => !/[\u0000-\u001f\u007f]/.test(value);
const trusting = { repeat: 'once', 'on-doubt': 'ask' } as const;
const goesOn = { 'on-failure': 'continue', tolerate: 9 } as const;

function stepsOf(canary: Canary, index: number): readonly Step[] {
  const { name } = canary;
  const secret = secretOf(canary);
  const env = { S: secret };
  const fails: readonly Step[] = [
    { id: `${name}-fails`, ...trusting, command: { script: failWithIt, env } },
    { id: `${name}-looks`, 'read.command': { script: failWithIt, env } },
    {
      id: `${name}-verifies`,
      command: { argv: ['true'], stdin: secret },
      verify: { 'read.command': { script: failWithIt, env } },
    },
    {
      id: `${name}-counts`,
      ...trusting,
      command: { script: 'printf %s "$S"', env },
      capture: { [`number_${name}`]: '${{ number(trim(result.stdout)) }}' },
    },
  ];
  return [
    {
      id: `${name}-says`,
      ...trusting,
      command: { script: sayItAll, env, stdin: secret },
      capture: {
        [`said_${name}`]: '${{ result.stdout }}',
        [`lines_${name}`]: '${{ result.lines }}',
        [`keys_${name}`]: '${{ keyvals(result.stdout) }}',
        [`end_${name}`]: '${{ result.lines[size(result.lines) - 1] }}',
      },
    },
    { id: `${name}-file`, file: { path: `/root/canary/${name}`, content: `password = ${secret}\n` } },
    { ...(fails[index % fails.length] as Step), ...goesOn },
  ];
}

/** Directory values, credentials of an agreement, and logins of the directory that are refused. */
function directorySteps(canaries: readonly Canary[]): readonly Step[] {
  const lines = canaries.filter(isOneLine);
  const server = { 'bind-dn': 'cn=admin,dc=example,dc=com', url: 'ldap://localhost:389' };
  const admin = { ...server, password: '${{ secrets.admin }}' };
  return [
    ...lines.slice(0, 12).map((canary, index) => ({
      id: `entry-${canary.name}`,
      'ldap.entry': {
        server: admin,
        dn: `uid=${canary.name},dc=example,dc=com`,
        attributes: {
          objectClass: ['inetOrgPerson'],
          cn: 'A canary',
          sn: secretOf(lines[(index + 1) % lines.length] ?? canary),
          description: `it is ${secretOf(canary)}`,
        },
        password: secretOf(canary),
      },
    })),
    ...lines.slice(4, 10).map((canary) => ({
      id: `modify-${canary.name}`,
      'ldap.modify': {
        server: admin,
        dn: `uid=${canary.name},dc=example,dc=com`,
        replace: { description: [secretOf(canary)], userPassword: [secretOf(canary)] },
      },
    })),
    ...lines.slice(0, 3).map((canary) => ({
      id: `refused-${canary.name}`,
      ...goesOn,
      'ldap.entry': {
        server: { ...server, password: secretOf(canary) },
        dn: `uid=${canary.name},dc=example,dc=com`,
        attributes: { description: 'never' },
      },
    })),
    {
      id: 'syntax',
      ...goesOn,
      'ldap.modify': {
        dn: 'olcDatabase={1}mdb,cn=config',
        replace: { olcDbMaxSize: [secretOf(lines[0] as Canary)] },
      },
    },
    {
      id: 'agreement',
      ...goesOn,
      'ldap.agreement': {
        database: 'olcDatabase={1}mdb,cn=config',
        provider: 'ldap://127.0.0.1:1',
        'bind-dn': 'cn=replicator,dc=example,dc=com',
        credentials: secretOf(lines[1] as Canary),
      },
    },
  ];
}

/** In its middle a terminal shows one half of a secret, then the other. */
function slowStep(id: string, canary: Canary, seconds: number): Step {
  return {
    id,
    ...trusting,
    command: {
      script: `n=$(($(printf %s "$S" | wc -c) / 2)); printf %s "$S" | head -c $n; sleep ${seconds}; printf %s "$S" | tail -c "+$((n + 1))"; sleep 0.8; echo; printf %s "$S" >&2`,
      env: { S: secretOf(canary) },
    },
    capture: { [`end_${id}`]: '${{ result.stdout }}' },
  };
}

/** `format: lockstep/1`, as JSON, which is YAML. The secrets come from where the inventory says. */
export function canaryRunbook(canaries: readonly Canary[]): string {
  const [first, second] = canaries as readonly [Canary, Canary];
  const steps: readonly Step[] = [
    { id: 'folder', file: { path: '/root/canary', state: 'directory' } },
    ...canaries.flatMap(stepsOf),
    slowStep('slow', second, 2.6),
    ...directorySteps(canaries),
    {
      id: 'makes',
      ...trusting,
      command: {
        script:
          'umask 077; printf %s "$S" >/root/canary/generated; printf "%s\\n" "$S"; printf %s "$S" | base64',
        env: { S: '${{ secrets.made }}' },
      },
      capture: { made: '${{ result.stdout }}' },
    },
    {
      id: 'asks',
      ...trusting,
      confirm: `It said \${{ captured.said_${first.name} }}: is that right? \${{ captured.end_slow }}`,
      command: { argv: ['true'] },
    },
  ].map((step) => ({ title: `Step ${step.id}`, on: '${{ inputs.pool }}', ...step }));
  const secrets = Object.fromEntries(canaries.map(({ name }) => [name, { from: [`inventory:${name}`] }]));
  return JSON.stringify({
    format: 'lockstep/1',
    name: 'lab/canaries',
    version: '1.0.0',
    title: 'Secrets everywhere',
    inputs: { pool: { type: 'hosts', default: 'masters', about: 'The hosts' } },
    secrets: { ...secrets, made: { from: ['generate:24'] }, admin: { from: ['inventory:admin'] } },
    steps,
  });
}

/** Only a slow step, for runs that are broken off in it. */
export function slowRunbook(canary: Canary): string {
  return shortRunbook('slow-canary', [canary], [slowStep('slow', canary, 1)]);
}

/** What is in /root/foreign is no secret of the run: lockstep keeps and shows it. */
export function foreignRunbook(): string {
  return shortRunbook(
    'foreign',
    [],
    [
      {
        id: 'look',
        'read.command': { argv: ['cat', '/root/foreign'] },
        capture: { seen: '${{ result.stdout }}' },
      },
      { id: 'fail', ...trusting, command: { script: 'cat /root/foreign; cat /root/foreign >&2; exit 1' } },
    ],
  );
}

/** Its own script puts the secret in an argument, which lockstep cannot know. */
export function exposingRunbook(canary: Canary): string {
  const script = 'sh -c "sleep 1; :" sh "$S"';
  const command = { script, env: { S: secretOf(canary) } };
  return shortRunbook('exposed', [canary], [{ id: 'exposed', ...trusting, command }]);
}

function shortRunbook(name: string, canaries: readonly Canary[], steps: readonly Step[]): string {
  return JSON.stringify({
    format: 'lockstep/1',
    name: `lab/${name}`,
    version: '1.0.0',
    title: name,
    secrets: Object.fromEntries(
      canaries.map((canary) => [canary.name, { from: [`inventory:${canary.name}`] }]),
    ),
    steps: steps.map((step) => ({ title: `Step ${step.id}`, on: 'masters', ...step })),
  });
}
