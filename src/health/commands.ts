/** The commands that a finding names: they can be pasted as they are. */
import type { SiteFacts } from './facts.ts';
import { PLACES } from './product.ts';
import type { Server } from './server.ts';

/** `lockstep run openldap/reload -i hosts.yaml --set bad=ldap2 --set good=ldap1`; `runbooks.ts` names it for the product. */
export function runCommand(
  { inventory }: SiteFacts,
  runbook: string,
  inputs: Readonly<Record<string, string>>,
): string {
  const sets = Object.entries(inputs).map(([name, value]) => ` --set ${quoted(`${name}=${value}`)}`);
  return `\`lockstep run openldap/${runbook} -i ${quoted(inventory ?? 'INVENTORY')}${sets.join('')}\``;
}

export type ConfigChange = readonly [
  op: 'add' | 'delete' | 'replace',
  attribute: string,
  ...values: string[],
];

/** An ldapmodify as who may on that server: root, or the user of its product. The changes are one modify. */
export function modifyCommand(server: Server, dn: string, ...changes: readonly ConfigChange[]): string {
  const lines = [`dn: ${dn}`, 'changetype: modify'];
  for (const [op, attribute, ...values] of changes)
    lines.push(`${op}: ${attribute}`, ...values.map((value) => `${attribute}: ${value}`), '-');
  const text = lines.slice(0, -1).map(quoted).join(' ');
  return `\`printf '%s\\n' ${text} | ldapmodify ${login(server)}\`${asUser(server)}`;
}

/** An ldapsearch for `asked`, as who sees all. */
export function searchCommand(server: Server, asked: string): string {
  return `\`ldapsearch ${login(server)} ${asked}\`${asUser(server)}`;
}

/** The password goes by a pipe: in the arguments everybody would see it. */
function login({ installation }: Server): string {
  if (!installation?.product) return '-Q -Y EXTERNAL -H ldapi:///';
  const socket = installation.listeners.find((url) => url.startsWith('ldapi:')) ?? 'ldapi:///';
  const password = "<(zmlocalconfig -s -m nokey ldap_root_password | tr -d '\\n')";
  return `-x -D cn=config -y ${password} -H ${quoted(socket)}`;
}

function asUser({ installation }: Server): string {
  return installation?.product ? ` as ${PLACES[installation.product.name].user}` : '';
}

export function restartCommand(server: Server): string {
  return controlCommand(server, 'restart');
}

export function startCommand(server: Server): string {
  return controlCommand(server, 'start');
}

function controlCommand({ installation }: Server, verb: 'start' | 'restart'): string {
  const { product, unit = 'slapd' } = installation ?? {};
  return product?.control === 'tool'
    ? `\`su - ${PLACES[product.name].user} -c 'ldap ${verb}'\``
    : `\`systemctl ${verb} ${unit}\``;
}

/** Where slapd says why it went. */
export function lastWordsCommand({ installation }: Server): string {
  const { product, unit = 'slapd' } = installation ?? {};
  return product
    ? `\`grep 'slapd\\[' ${PLACES[product.name].log} | tail -n 50\``
    : `\`journalctl -u ${unit} -n 50\``;
}

/** Sets a key of localconfig, from which zmconfigd sets cn=config within about a minute. Of a product only. */
export function localconfigCommand({ installation }: Server, key: string, value: string): string {
  const user = installation?.product ? PLACES[installation.product.name].user : 'zimbra';
  return `\`su - ${user} -c ${quoted(`zmlocalconfig -e ${key}=${quoted(value)}`)}\``;
}

/** Why the key of localconfig, and not the attribute. */
export function revertedNote({ installation }: Server): string {
  return installation?.product ? ' By hand in cn=config it does not last: zmconfigd sets it back.' : '';
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
