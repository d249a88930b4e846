/** The commands that a finding names: they can be pasted as they are. */
import type { SiteFacts } from './facts.ts';

/** `lockstep run openldap/reload -i hosts.yaml --set bad=ldap2 --set good=ldap1` */
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

/** An ldapmodify as root of the host; the changes are one modify. */
export function modifyCommand(dn: string, ...changes: readonly ConfigChange[]): string {
  const lines = [`dn: ${dn}`, 'changetype: modify'];
  for (const [op, attribute, ...values] of changes)
    lines.push(`${op}: ${attribute}`, ...values.map((value) => `${attribute}: ${value}`), '-');
  const text = lines.slice(0, -1).map(quoted).join(' ');
  return `\`printf '%s\\n' ${text} | ldapmodify -Q -Y EXTERNAL -H ldapi:///\``;
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
