/** Makes that for which there are runbooks of Zimbra and Carbonio. */
import { quoted } from '../stand-ins/product-host.ts';
import type { MailWorld } from './mail-world.ts';

/** One entry less on one server, with equal contextCSNs: what no look at contextCSN shows. */
export async function loseAnEntry(world: MailWorld, host: string): Promise<void> {
  const { home, user, openldap } = world.release;
  const product = world.product(host);
  await product.stopSlapd();
  await product.root(`set -e
umask 077
slap="-F ${home}/data/ldap/config -b ''"
runuser -u ${user} -- sh -c "${openldap}/sbin/slapcat $slap -o ldif-wrap=no" |
  awk 'BEGIN { RS = ""; ORS = "\\n\\n" } !/^dn: uid=user0042,/' >/root/damaged.ldif
rm -f ${home}/data/ldap/mdb/db/*.mdb
runuser -u ${user} -- sh -c "${openldap}/sbin/slapadd -q $slap" </root/damaged.ldif`);
  await product.startSlapd();
}

/** A database that slapd cannot open: it does not start any more. */
export async function ruin(world: MailWorld, host: string): Promise<void> {
  const product = world.product(host);
  await product.stopSlapd();
  const data = `${world.release.home}/data/ldap/mdb/db/data.mdb`;
  await product.root(`dd if=/dev/urandom of=${data} bs=4k count=20 conv=notrunc 2>/dev/null`);
  await product.startSlapd().then(
    () => Promise.reject(new Error(`slapd of ${host} runs on a database that is ruined`)),
    () => undefined,
  );
}

/** As an administrator, who is the service user, sets it by hand. */
export async function setKey(world: MailWorld, host: string, key: string, value: string): Promise<void> {
  const told = await world.product(host).tool(`bin/zmlocalconfig -f -e ${quoted(`${key}=${value}`)}`);
  if (told.status !== 0) throw new Error(`${host}: ${told.err}`);
}

/** The server's own password of cn=config, which no other knows. */
export async function changeRootPassword(world: MailWorld, host: string, password: string): Promise<void> {
  const told = await world.product(host).tool(`bin/zmldappasswd -r ${password}`);
  if (told.status !== 0) throw new Error(`${host}: ${told.out}${told.err}`);
}
