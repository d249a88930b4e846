/** What a server of Zimbra is in the end, without what differs from run to run: times, UUIDs, hashes. */
import type { MailWorld } from './mail-world.ts';

export async function endState(world: MailWorld, host: string): Promise<string> {
  const { home, user, openldap } = world.release;
  const { root } = world.product(host);
  const config = await root(
    `runuser -u ${user} -- ${openldap}/sbin/slapcat -F ${home}/data/ldap/config -n 0 -o ldif-wrap=no`,
  );
  const keys = await root(
    `grep -A1 -E '<key name="ldap_(url|master_url|is_master)">' ${home}/conf/localconfig.xml`,
  );
  const settled = config
    .split('\n')
    .filter(
      (line) => !/^(entryCSN|entryUUID|modifyTimestamp|createTimestamp|contextCSN|olcRootPW)/.test(line),
    )
    .map((line) => line.replace(/credentials="?[^" ]+"?/, 'credentials='));
  return `${settled.join('\n')}\n${keys}`;
}
