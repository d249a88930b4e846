import { enterArgv, initProcess } from '../host-power.ts';
import { inTurns } from '../in-turns.ts';
import { LabError } from '../lab-error.ts';
import type { LabHost, LabRecord } from '../lab-record.ts';
import { runProgram } from '../run-program.ts';
import { inHost, mailPasswords, setUpProgram } from './mail-nodes.ts';
import type { BootedLab } from './platform.ts';
import { standInRelease } from './stand-ins.ts';

/** Sets all nodes up but the bare ones, as an administrator would: masters first, then who needs one. */
export async function setUpProduct({ lab, secrets, phase, signal }: BootedLab): Promise<void> {
  const masters = lab.hosts.filter((host) => host.kind === 'master');
  const others = lab.hosts.filter((host) => host.kind !== 'master' && host.kind !== 'bare');
  for (const stage of [masters, others]) {
    if (stage.length > 0) phase(`setting up ${stage.map((host) => host.name).join(', ')}`);
    await inTurns(stage, (host) => setUp(lab, host, secrets, signal));
  }
}

/** The set-up may fail and end with 0, so that its last words count; its log says why. $1 is its program, $2 the log's folder. */
const script = `
umask 077
cat >/root/setup.conf
code=0
"$1" -c /root/setup.conf >/root/setup.log 2>&1 </dev/null || code=$?
rm /root/setup.conf
grep -q '^Configuration complete' /root/setup.log && [ "$code" -eq 0 ] && exit 0
cat "$2"/zmsetup.*.log >&2
exit 1
`;

async function setUp(
  lab: LabRecord,
  host: LabHost,
  secrets: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const init = await initProcess(lab.name, host.name);
  if (init === undefined) throw new LabError(`${host.name}: went off before it was set up`);
  const { home } = standInRelease(lab.platform, lab.release);
  const words = [setUpProgram(lab.platform), `${home}/log`];
  const argv = enterArgv(init, inHost(['sh', '-c', script, 'sh', ...words]));
  const stdin = setUpFile(lab, host, secrets);
  await runProgram(argv, { stdin, signal, about: `${host.name}: its set-up` });
}

/** The file of `zmsetup.pl -c`. */
export function setUpFile(lab: LabRecord, host: LabHost, secrets: Readonly<Record<string, string>>): string {
  const { tls } = standInRelease(lab.platform, lab.release);
  const first = lab.hosts.find((one) => one.kind === 'master');
  const replicated = lab.hosts.some((one) => one.kind === 'replica');
  const settings: Readonly<Record<string, string | undefined>> = {
    HOSTNAME: host.fqdn,
    LDAPHOST: host.kind === 'master' ? host.fqdn : first?.fqdn,
    LDAPPORT: '389',
    LDAPREPLICATIONTYPE: host.kind === 'replica' ? 'replica' : 'master',
    // Somebody follows the first master, who needs an accesslog for it.
    FORCEREPLICATION: host === first && replicated ? 'yes' : 'no',
    ...Object.fromEntries(mailPasswords(lab.platform).map(({ key, file }) => [key, secrets[file]])),
    zimbra_require_interprocess_security: tls ? '1' : '0',
  };
  return Object.entries(settings)
    .map(([name, value = '']) => `${name}="${value}"\n`)
    .join('');
}
