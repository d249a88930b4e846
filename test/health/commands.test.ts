import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { modifyCommand, runCommand } from '../../src/health/commands.ts';
import { poolOf } from '../../src/health/pool.ts';
import { healthySite } from './site.ts';

/** What its shell would hand to ldapmodify. */
function ldif(command: string): string {
  const piped = command.replaceAll('`', '').replace(/\| ldapmodify .*$/, '| cat');
  return execFileSync('sh', ['-c', piped], { encoding: 'utf8' });
}

describe('a command to modify cn=config', () => {
  test('is one modify, whatever its values hold', () => {
    const [server] = poolOf(healthySite()).servers;
    if (!server) throw new Error('no server');
    const command = modifyCommand(
      server,
      'olcDatabase={1}mdb,cn=config',
      ['delete', 'olcMultiProvider'],
      ['add', 'olcLimits', `{0}dn.exact="cn=o'neill $HOME,dc=x" size=unlimited`, 'two'],
    );
    expect(ldif(command)).toBe(`\
dn: olcDatabase={1}mdb,cn=config
changetype: modify
delete: olcMultiProvider
-
add: olcLimits
olcLimits: {0}dn.exact="cn=o'neill $HOME,dc=x" size=unlimited
olcLimits: two
`);
  });
});

describe('a command to run a runbook', () => {
  test('has the inventory and the inputs, quoted where a shell wants it', () => {
    expect(runCommand(healthySite(), 'reload', { bad: 'ldap2', good: 'ldap1' })).toBe(
      '`lockstep run openldap/reload -i hosts.yaml --set bad=ldap2 --set good=ldap1`',
    );
    expect(runCommand({ ...healthySite(), inventory: 'my hosts.yaml' }, 'reload', { bad: "o'x" })).toBe(
      "`lockstep run openldap/reload -i 'my hosts.yaml' --set 'bad=o'\\''x'`",
    );
  });

  test('leaves a place for an inventory that is not known', () => {
    const { inventory: _, ...site } = healthySite();
    expect(runCommand(site, 'converge', {})).toBe('`lockstep run openldap/converge -i INVENTORY`');
  });
});
