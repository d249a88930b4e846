/** Tools that must not run twice, wrapped so that each run of them is written down. */
import type { MailWorld } from './mail-world.ts';

const LOG = '/var/log/counted-tools';
export const ONCE_ONLY = ['zmldapenable-mmr', 'zmldappromote-replica-mmr', 'zmsetup.pl'];

export async function countTools(world: MailWorld, hosts: readonly string[]): Promise<void> {
  const libexec = `${world.release.home}/libexec`;
  for (const host of hosts)
    await world.product(host).root(`set -e
install -m 0666 /dev/null ${LOG}
mkdir ${libexec}/counted
for tool in ${ONCE_ONLY.join(' ')}; do
  mv ${libexec}/$tool ${libexec}/counted/$tool
  cat >${libexec}/$tool <<TOOL
#!/bin/sh
echo "begun $tool \\$*" >>${LOG}
${libexec}/counted/$tool "\\$@"
code=\\$?
[ \\$code -ne 0 ] || echo "ended $tool \\$*" >>${LOG}
exit \\$code
TOOL
  chmod 0755 ${libexec}/$tool
done`);
}

/** What was run since the count began, with its words, in order; `ended`: those that came to their end, and not by an error. */
export async function toolsRun(
  world: MailWorld,
  host: string,
): Promise<{ readonly begun: readonly string[]; readonly ended: readonly string[] }> {
  const lines = (await world.product(host).root(`cat ${LOG}`)).split('\n');
  const after = (word: string) =>
    lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(6)] : []));
  return { begun: after('begun'), ended: after('ended') };
}
