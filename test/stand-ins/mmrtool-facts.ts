/** zmldapmmrtool (or zmldapquery-mmr) on the master that `enableMmrFacts` left: server ID 2, rid 100 and 101. */
import { expect, it } from 'vitest';
import { peer } from './enable-mmr-facts.ts';
import { complains, type ProductHost, says, silent, type Told } from './product-host.ts';
import { valuesOf } from './read-ldif.ts';
import type { Release } from './release.ts';

const command = 'libexec/zmldapmmrtool';
const main = 'olcDatabase={3}mdb,cn=config';

export function mmrtoolFacts(host: () => ProductHost, release: Release): void {
  const { mmrtool } = release.generation;
  if (mmrtool === 'none') queryFacts(host);
  else usageFacts(host);
  if (mmrtool === 'A') generationA(host, release);
  if (mmrtool === 'B') generationB(host, release);
}

/** A server without a server ID, before `enableMmrFacts`. */
export function singleMasterFacts(host: () => ProductHost, release: Release): void {
  const { mmrtool } = release.generation;
  const not: Record<typeof mmrtool, Told> = {
    none: says('Error: Not a multi-master.\n', 1),
    A: silent,
    B: says('Error: No Server ID found.  This does not appear to be a multi-master server.\n'),
  };
  it(`${mmrtool === 'none' ? 'zmldapquery-mmr' : 'zmldapmmrtool -q'} tells a single master`, async () => {
    const query = mmrtool === 'none' ? 'libexec/zmldapquery-mmr' : `${command} -q`;
    expect(await host().tool(query)).toEqual(not[mmrtool]);
  });
}

function queryFacts(host: () => ProductHost): void {
  it('zmldapquery-mmr shows the server ID and the agreements', async () => {
    expect(await host().tool('libexec/zmldapquery-mmr')).toEqual(
      says(
        'Server information\nServerID: 2\n\nMaster replication information\n' +
          `Master replica 1\nrid: 100 URI: ${peer}\nMaster replica 2\nrid: 101 URI: ${peer}\n` +
          `Master replica 3\nrid: 103 URI: ${peer}\n`,
      ),
    );
  });

  it('zmldapquery-mmr ends 0 on a server that is no master', async () => {
    const told = await host().withKey('ldap_is_master', 'false', () =>
      host().tool('libexec/zmldapquery-mmr'),
    );
    expect(told).toEqual(says('Not a master.\n'));
  });
}

function usageFacts(host: () => ProductHost): void {
  it.each(['', '-d', '-d -o 0', '-u -o 100 -t on', '-u -o 100 -m ldap://x'])(
    'zmldapmmrtool shows its usage and ends 1 for "%s"',
    async (words) => expectUsage(await host().tool(`${command} ${words}`)),
  );

  it('zmldapmmrtool shows its usage on a server that is no master, which hides why', async () => {
    expectUsage(await host().withKey('ldap_is_master', 'false', () => host().tool(`${command} -q`)));
  });

  it('zmldapmmrtool says that a rid is not there and ends 0', async () => {
    expect(await host().tool(`${command} -d -o 999`)).toEqual(says('RID 999 not found, exiting.\n'));
  });
}

function expectUsage(told: Told): void {
  expect(told).toMatchObject({ out: '', status: 1 });
  expect(told.err).toMatch(/^ {2}zmldapmmrtool \[-q\] \[-d\] \[-u\] \[-o RID\] /);
}

function generationA(host: () => ProductHost, release: Release): void {
  const tls = release.tls ? 'critical' : '';

  it('zmldapmmrtool -q of 8.0.7 to 8.6 shows no server ID', async () => {
    expect(await host().tool(`${command} -q`)).toEqual(
      says(
        `Master replication information\nMaster replica 1\nrid: 100 URI: ${peer} TLS: ${tls}\n` +
          `Master replica 2\nrid: 101 URI: ${peer} TLS: ${tls}\n`,
      ),
    );
  });

  it('zmldapmmrtool -u of 8.0.7 to 8.6 destroys the other agreements', async () => {
    expect(await host().tool(`${command} -u -o 101 -r 102`)).toEqual(silent);
    expect(valuesOf(await host().config(), main, 'olcSyncrepl').map(rid)).toEqual(['102']);
    await host().tool(`libexec/zmldapenable-mmr -r 100 -m ${peer}`);
  });
}

function generationB(host: () => ProductHost, release: Release): void {
  const tls = release.tls ? 'critical' : '';
  const agreements = async () => valuesOf(await host().config(), main, 'olcSyncrepl');
  const rids = async () => (await agreements()).map(rid);

  it('zmldapmmrtool -q shows the server ID and the agreements', async () => {
    expect(await host().tool(`${command} -q`)).toEqual(
      says(
        `Master Server ID: 2\nMaster replication agreement: 1\nrid: 100 URI: ${peer} TLS: ${tls}\n` +
          `Master replication agreement: 2\nrid: 101 URI: ${peer} TLS: ${tls}\n`,
      ),
    );
  });

  it('zmldapmmrtool -u changes rid, URL and StartTLS, and says nothing', async () => {
    expect(await host().tool(`${command} -u -o 101 -r 105 -m ldaps://127.0.0.9:636/ -t off`)).toEqual(silent);
    const told = await host().tool(`${command} -q`);
    expect(told.out).toContain('rid: 105 URI: ldaps://127.0.0.9:636/ TLS: \n');
  });

  it('zmldapmmrtool -u puts starttls=critical before the filter, and keeps it for an ldaps URL', async () => {
    await host().tool(`${command} -u -o 105 -t critical`);
    expect((await agreements())[1]).toContain(' starttls=critical filter="(objectclass=*)" ');
    await host().tool(`${command} -u -o 105 -m ldaps://127.0.0.8:636/`);
    expect((await agreements())[1]).toMatch(/provider=ldaps:\/\/127\.0\.0\.8:636\/ .*starttls=critical/);
  });

  it('zmldapmmrtool -u alone writes the same value again', async () => {
    const before = await agreements();
    expect(await host().tool(`${command} -u -o 105`)).toEqual(silent);
    expect(await agreements()).toEqual(before);
  });

  it('zmldapmmrtool -u loses the agreement when slapd refuses the new value', async () => {
    expect(await host().tool(`${command} -u -o 105 -r 1000`)).toEqual({ out: '', err: '', status: 80 });
    expect(await rids()).toEqual(['100']);
  });

  it('zmldapmmrtool -d refuses the last agreement and ends 0; not found wins over last', async () => {
    const refusal =
      'Error: It is illegal to delete the last remaining replication agreement.\n' +
      'You must define a new replication agreement prior to deleting the final one.\n';
    expect(await host().tool(`${command} -d -o 100`)).toEqual(says(refusal));
    expect(await host().tool(`${command} -d -o 999`)).toEqual(says('RID 999 not found, exiting.\n'));
  });

  it('zmldapmmrtool takes a rid twice, and -d then removes the last of the two', async () => {
    await host().tool(`libexec/zmldapenable-mmr -r 101 -m ldap://127.0.0.8:389/`);
    expect(await host().tool(`${command} -u -o 101 -r 100`)).toEqual(silent);
    expect(await rids()).toEqual(['100', '100']);
    expect(await host().tool(`${command} -d -o 100`)).toEqual(silent);
    expect((await agreements())[0]).toContain(`provider=${peer} `);
  });

  it('zmldapmmrtool says that there are no agreements and ends 0', async () => {
    // Nothing but a server ID: what a run without success of zmldapenable-mmr can leave.
    const expected = says('Master Server ID: 2\nError: No sync replication entries found\n');
    const [value = ''] = await agreements();
    await host().modify(main, 'delete: olcMirrorMode\n-\ndelete: olcSyncrepl');
    expect(await host().tool(`${command} -q`)).toEqual(expected);
    const back = `add: olcSyncrepl\nolcSyncrepl: ${value}\n-\nreplace: olcMirrorMode\nolcMirrorMode: TRUE`;
    await host().modify(main, back);
    expect(await agreements()).toEqual([value]);
  });

  it('zmldapmmrtool is for the service user alone', async () => {
    expect(await host().as('root', `${release.home}/${command} -q`)).toEqual(
      complains(`Error: must be run as ${release.user} user\n`, 1),
    );
  });
}

function rid(value: string): string | undefined {
  return /rid=(\d+)/.exec(value)?.[1];
}
