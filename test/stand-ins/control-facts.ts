/** bin/ldap and zmcontrol on a master whose slapd runs; leaves it running. */
import { expect, it } from 'vitest';
import { type ProductHost, says, type Told } from './product-host.ts';
import type { Release } from './release.ts';

export function controlFacts(host: () => ProductHost, release: Release): void {
  if (release.product === 'zimbra') zimbraLdapFacts(host);
  else if (release.systemd) refusalFacts(host);
  else carbonioLdapFacts(host, release);
  zmcontrolFacts(host, release);
}

function zimbraLdapFacts(host: () => ProductHost): void {
  const ldap = (verb: string) => host().tool(`bin/ldap ${verb}`);

  it('ldap tells the pid of slapd, and will not start it twice', async () => {
    expect(pidless(await ldap('status'))).toEqual(says('slapd running pid: N\n'));
    expect(pidless(await ldap('start'))).toEqual(says('slapd already running: pid N\n', 1));
  });

  it('ldap stops slapd; stopping it again is no error, and its status then is silence', async () => {
    const stopped = await ldap('stop');
    expect(stopped).toMatchObject({ err: '', status: 0 });
    expect(stopped.out).toMatch(/^Killing slapd with pid \d+\.* done\.\n$/);
    expect(await ldap('stop')).toEqual(says('slapd not running\n'));
    expect(await ldap('status')).toEqual({ out: '', err: '', status: 1 });
    expect(pidless(await ldap('start'))).toEqual(says('Started slapd: pid N\n'));
  });

  it('ldap listens on the first of ldap_url: a peer there, and slapd does not start again', async () => {
    const own = (await host().tool('bin/zmlocalconfig -m nokey ldap_url')).out.trim();
    await host().withKey('ldap_url', `ldap://ldap1.lab.example:389 ${own}`, async () => {
      const told = await ldap('restart');
      expect(told.status).toBe(1);
      expect(told.out).toContain('Failed to start slapd.  Attempting debug start to determine error.\n');
    });
    expect((await ldap('start')).status).toBe(0);
  });

  it('ldap refuses all but stop on a replica whose two URL lists are the same', async () => {
    const refusal = says('ldap_url and ldap_master_url cannot be the same on an ldap replica\n', 1);
    await host().withKey('ldap_is_master', 'false', async () => {
      expect(await ldap('status')).toEqual(refusal);
      expect(await ldap('start')).toEqual(refusal);
    });
  });

  it('ldap knows no other verb', async () => {
    const told = await ldap('reload');
    expect(told).toMatchObject({ err: '', status: 1 });
    expect(told.out).toMatch(/^Usage: \S+ start\|stop\|status\n$/);
  });
}

function carbonioLdapFacts(host: () => ProductHost, release: Release): void {
  const ldap = (verb: string) => host().tool(`bin/ldap ${verb}`);

  it('ldap is for zextras alone, and says so on stdout', async () => {
    const told = await host().as('root', `${release.home}/bin/ldap status`);
    expect(told).toEqual(says('Error: must be run as zextras user\n', 1));
  });

  it('ldap tells whether openldap runs, starts and stops it', async () => {
    expect(await ldap('status')).toEqual(says('openldap is running.\n'));
    expect(await ldap('start')).toEqual(says('openldap is already running.\n', 1));
    expect(await ldap('stop')).toEqual(says('Stopping openldap...done.\n'));
    expect(await ldap('stop')).toEqual(says('Stopping openldap...openldap is not running.\n'));
    expect(await ldap('status')).toEqual(says('openldap is not running.\n', 1));
    expect(await ldap('start')).toEqual(says('Starting openldap...done.\n'));
  });
}

function refusalFacts(host: () => ProductHost): void {
  it.each(['start', 'stop', 'restart', 'status'])(
    'ldap %s is refused, with 1: systemd has it',
    async (verb) => {
      const told = await host().tool(`bin/ldap ${verb}`);
      expect(told.out).toContain('Services are now handled by systemd.');
      expect(told.status).toBe(1);
    },
  );

  it.each(['start', 'stop', 'restart'])('zmcontrol %s is refused, with 1: systemd has it', async (verb) => {
    const told = await host().tool(`bin/zmcontrol ${verb}`);
    expect(told.out).toContain('Services are now handled by systemd.');
    expect(told.status).toBe(1);
  });
}

function zmcontrolFacts(host: () => ProductHost, release: Release): void {
  const { home, user, product, systemd } = release;
  const zmcontrol = (verb: string) => host().tool(`bin/zmcontrol ${verb}`);

  it('zmcontrol is for the service user alone, and wants a command', async () => {
    const told = await host().as('root', `${home}/bin/zmcontrol status`);
    expect(told.err).toBe(`Run as the ${user} user!\n`);
    expect(told.status).not.toBe(0);
    expect((await zmcontrol('')).status).toBe(1);
  });

  it('zmcontrol status names the host and ends 0 when all is well', async () => {
    const told = await zmcontrol('status');
    expect(told).toMatchObject({ err: '', status: 0 });
    expect(told.out).toMatch(/^Host ldap2\.lab\.example\n/);
    if (!systemd)
      expect(told.out).toContain(line(product === 'zimbra' ? 'ldap' : 'directory-server', 'Running'));
  });

  if (!systemd) stoppedFacts(host, release);
}

function stoppedFacts(host: () => ProductHost, { product }: Release): void {
  const zmcontrol = (verb: string) => host().tool(`bin/zmcontrol ${verb}`);
  const starting = `\tStarting ${product === 'zimbra' ? 'ldap' : 'directory server'}...Done.\n`;

  it('zmcontrol status takes the services from its cache when the directory is down, and ends 1', async () => {
    await host().stopSlapd();
    const told = await zmcontrol('status');
    await host().startSlapd();
    expect(told.out).toContain(line(product === 'zimbra' ? 'ldap' : 'directory-server', 'Stopped'));
    expect(told.err).toBe(
      'Connect: Unable to determine enabled services from ldap.\n' +
        'Enabled services read from cache. Service list may be inaccurate.\n',
    );
    expect(told.status).toBe(1);
  });

  it('zmcontrol restart stops and starts, and names the host twice', async () => {
    const told = await zmcontrol('restart');
    expect(told).toMatchObject({ err: '', status: 0 });
    expect(told.out.match(/^Host ldap2\.lab\.example$/gm)).toHaveLength(2);
    expect(told.out).toContain(starting);
  });

  it('zmcontrol start says Done of a slapd that did not start, then Failed, and ends 1', async () => {
    const own = (await host().tool('bin/zmlocalconfig -m nokey ldap_url')).out.trim();
    await host().stopSlapd();
    const told = await host().withKey('ldap_url', `ldap://ldap1.lab.example:389 ${own}`, () =>
      zmcontrol('start'),
    );
    await host().startSlapd();
    expect(told.out).toContain(`${starting}Failed.\n`);
    expect(told.status).toBe(1);
  });
}

function line(service: string, state: string): string {
  return `\t${service.padEnd(20)} ${state.padStart(10)}\n`;
}

function pidless(told: Told): Told {
  return { ...told, out: told.out.replace(/\d+/g, 'N') };
}
