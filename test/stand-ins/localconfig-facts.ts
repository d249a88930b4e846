/** zmlocalconfig, on any node that has a localconfig.xml. */
import { expect, it } from 'vitest';
import { complains, type ProductHost, says, silent } from './product-host.ts';

const command = 'bin/zmlocalconfig';

export function localconfigFacts(host: () => ProductHost): void {
  it('prints a key with its value, and the bare value with -m nokey', async () => {
    expect(await host().tool(`${command} ldap_is_master`)).toEqual(says('ldap_is_master = true\n'));
    expect(await host().tool(`${command} -m nokey ldap_is_master`)).toEqual(says('true\n'));
  });

  it('masks what has password in its name, unless -s is given', async () => {
    expect(await host().tool(`${command} ldap_root_password`)).toEqual(says('ldap_root_password = *\n'));
    expect(await host().tool(`${command} -m nokey ldap_root_password`)).toEqual(says('*\n'));
    const shown = await host().tool(`${command} -s -m nokey ldap_root_password`);
    expect(shown.out.trim()).not.toBe('*');
  });

  it('loses a quote on its way through a shell', async () => {
    await host().withKey('lockstep_test', "it's", async () => {
      expect(await host().tool(`${command} -m shell lockstep_test`)).toEqual(
        says("lockstep_test='it''s';\n"),
      );
      expect(await host().tool(`${command} -m export lockstep_test`)).toEqual(
        says("export lockstep_test='it''s';\n"),
      );
    });
    await host().tool(`${command} -u lockstep_test`);
  });

  it('warns of an unknown key and ends 0', async () => {
    expect(await host().tool(`${command} no_such_key`)).toEqual(
      complains("Warning: null valued key 'no_such_key'\n", 0),
    );
  });

  it('refuses a second URL that is not quoted, and saves nothing', async () => {
    const before = await host().tool(`${command} ldap_url`);
    expect(await host().tool(`${command} -e ldap_url=ldap://a:389 ldap://b:389`)).toEqual(
      complains("Error: argument 'ldap://b:389' not in key=value form\n", 1),
    );
    expect(await host().tool(`${command} ldap_url`)).toEqual(before);
  });

  it('refuses root, protected keys, an unknown key to unset, and bundled letters', async () => {
    const edit = `${host().release.home}/${command} -e a=b`;
    expect(await host().as('root', edit)).toEqual(
      complains('Error: cannot use -e when running as root\n', 1),
    );
    expect(await host().tool(`${command} -e ldap_root_password=x`)).toEqual(
      complains('Error: can not edit key ldap_root_password\n', 1),
    );
    expect(await host().tool(`${command} -u no_such_key`)).toEqual(
      complains('Error: key no_such_key is not set\n', 1),
    );
    expect(await host().tool(`${command} -e`)).toEqual(complains('Error: insufficient arguments\n', 1));
    expect(await host().tool(`${command} -e -s a=b`)).toEqual(
      complains("Error: option 's' can not be used with option 'e'\n", 1),
    );
    const bundled = await host().tool(`${command} -xs ldap_url`);
    expect(bundled).toMatchObject({ out: '', status: 1 });
    expect(bundled.err).toMatch(/^Error: Failed to parse command line: /);
  });

  it('keeps its exit status and loses its words with -q', async () => {
    expect(await host().tool(`${command} -q -e ldap_root_password=x`)).toEqual(complains('', 1));
  });

  it('unsets a known key that was not set, and says nothing', async () => {
    expect(await host().tool(`${command} -u ldap_monitor_warning`)).toEqual(silent);
  });

  it('prints the defaults as if they were true to who may not read the file, and ends 0', async () => {
    const told = await host().as(
      'nobody',
      `${host().release.home}/${command} -s -m nokey ldap_root_password`,
    );
    expect(told).toMatchObject({ out: 'zimbra\n', status: 0 });
    expect(told.err).toContain('is not readable');
  });

  it('leaves the file to the service user alone', async () => {
    await host().withKey('lockstep_test', 'x', async () => undefined);
    await host().tool(`${command} -u lockstep_test`);
    const { home, user } = host().release;
    expect(await host().root(`stat -c '%a %U:%G' ${home}/conf/localconfig.xml`)).toBe(
      `640 ${user}:${user}\n`,
    );
  });
}
