/** What a limit keeps root from seeing over ldapi is read by slapcat, or not taken for all there is. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Command, CommandResult, DirectoryReader } from '../../src/engine/ports.ts';
import { limitless } from '../../src/health/observe/limitless.ts';
import { LdapError } from '../../src/ldap/ldap-error.ts';

const search = { base: 'dc=example,dc=org', attributes: ['entryUUID', 'entryCSN'] };
const stopping = (code: number): DirectoryReader => ({
  search: ({ base }) =>
    Promise.reject(new LdapError({ host: 'ldap1', operation: 'search', dn: base, code, diagnostic: '' })),
});

function slapcat(printed: string, asked: Command[] = []) {
  const result: CommandResult = {
    exit: { kind: 'exited', code: 0 },
    stdout: printed,
    stderr: '',
    truncated: false,
    durationMs: 1,
  };
  const probe = async (command: Command) => {
    asked.push(command);
    return result;
  };
  return { asked, probe };
}

const packed = (text: string) => gzipSync(text).toString('base64').replace(/.{76}/g, '$&\n');

describe('a tree of which root sees no more than a limit', () => {
  test('is told whole, with names that are not ASCII', async () => {
    const encoded = Buffer.from('cn=Jürgen,dc=example,dc=org').toString('base64');
    const host = slapcat(packed(`u1\tc1\tdn: dc=example,dc=org\nu2\tc2\tdn:: ${encoded}\nwhole 2\n`));
    const found = await limitless(stopping(4), host, '/etc/ldap/slapd.d').search(search);
    expect(found).toEqual([
      { dn: 'dc=example,dc=org', attributes: { entryUUID: ['u1'], entryCSN: ['c1'] } },
      { dn: 'cn=Jürgen,dc=example,dc=org', attributes: { entryUUID: ['u2'], entryCSN: ['c2'] } },
    ]);
    expect(host.asked[0]?.env).toMatchObject({
      LOCKSTEP_CONF: '/etc/ldap/slapd.d',
      LOCKSTEP_SUFFIX: search.base,
    });
  });

  test('is counted where only the number of entries is asked for, by a filter too', async () => {
    const host = slapcat(packed('whole 201024\n'));
    const filter = '(objectClass=glue)';
    const found = await limitless(stopping(11), host, '/conf').search({
      ...search,
      filter,
      attributes: ['1.1'],
    });
    expect(found).toHaveLength(201_024);
    expect(host.asked[0]?.env).toMatchObject({ LOCKSTEP_FILTER: filter });
  });

  test('is asked of slapd once, and of slapcat from then on', async () => {
    let asked = 0;
    const directory: DirectoryReader = {
      search(one) {
        asked++;
        return stopping(4).search(one);
      },
    };
    const tree = limitless(directory, slapcat(packed('whole 1\n')), '/conf');
    for (let look = 0; look < 3; look++) await tree.search({ ...search, attributes: ['1.1'] });
    expect(asked).toBe(1);
  });

  test('is unknown where slapcat did not come to its end, or its output was cut off', async () => {
    const look = (printed: string) => limitless(stopping(4), slapcat(printed), '/conf').search(search);
    await expect(look(packed('u1\tc1\tdn: dc=example,dc=org\n'))).rejects.toThrow('did not come to its end');
    await expect(look(packed('whole 1\n').slice(0, 20))).rejects.toThrow('was cut off');
  });

  test('is unknown where there is no slapcat, and where it was no limit that stopped it', async () => {
    await expect(limitless(stopping(4), slapcat(''), undefined).search(search)).rejects.toThrow(
      'sizeLimitExceeded',
    );
    await expect(limitless(stopping(50), slapcat(''), '/conf').search(search)).rejects.toThrow(
      'insufficientAccess',
    );
  });
});
