import { describe, expect, it } from 'vitest';
import { ldapCanary } from '../../src/actions/ldap-canary.ts';
import { type FakeDirectory, fakeDirectory, fakeHost, fakePorts } from '../ldap/fake-directory.ts';
import { carryOut } from '../slapd-ports.ts';

const suffix = 'dc=example,dc=org';
const names = ['ldap1', 'ldap2', 'ldap3'];
const params = { suffix, servers: names.map(fakeHost), within: '2s' };
const csn = (minute: number, sid: number) => `202611220${minute}0000.000000Z#000000#00${sid}#000000`;

/** Three masters: a write on one reaches the others at the next sleep, unless the way is cut. */
function masters(cut: readonly string[] = [], ids: readonly number[] = [1, 2, 3]) {
  const directories: Record<string, FakeDirectory> = {};
  let minute = 1;
  const pending: (() => void)[] = [];
  for (const [at, name] of names.entries()) {
    const directory = fakeDirectory({
      'cn=config': { olcServerID: [String(ids[at])] },
      [suffix]: { contextCSN: [1, 2, 3].map((sid) => csn(1, sid)) },
    });
    const { add, remove } = directory;
    const stamp = (target: FakeDirectory, text: string) => {
      const others = (target.tree[suffix]?.['contextCSN'] ?? []).filter(
        (value) => !value.includes(`#00${ids[at]}#`),
      );
      target.tree[suffix] = { contextCSN: [...others, text] };
    };
    const spread = (act: (target: FakeDirectory) => void) => {
      const text = csn(++minute, ids[at] ?? 0);
      stamp(directory, text);
      for (const other of names.filter((one) => one !== name && !cut.includes(`${name}>${one}`))) {
        pending.push(() => {
          const target = directories[other];
          if (!target) return;
          act(target);
          stamp(target, text);
        });
      }
    };
    directories[name] = Object.assign(directory, {
      add: async (...args: Parameters<typeof add>) => {
        await add(...args);
        const entry = directory.tree[args[0]] ?? {};
        spread((target) => {
          target.tree[args[0]] = entry;
        });
      },
      remove: async (dn: string) => {
        await remove(dn);
        spread((target) => {
          delete target.tree[dn];
        });
      },
    });
  }
  const ports = fakePorts(directories, () => {
    for (const act of pending.splice(0)) act();
  });
  return { directories, ports };
}

const since = '20261122015900Z';

describe('ldap.canary', () => {
  it('proves each direction by a write of its own, and then has nothing left to do', async () => {
    const { directories, ports } = masters();
    const { changes, written } = await carryOut(ldapCanary, { ...params, since }, ports);
    expect(changes.map((change) => change.what)).toEqual(
      names.map((name) => `cn=lockstep-canary-${name},${suffix}`),
    );
    expect(written.result).toMatchObject({
      roundTrips: [{ from: 'ldap1', to: 'ldap2', ms: 100 }, {}, {}, {}, {}, { from: 'ldap3', to: 'ldap2' }],
    });
    for (const directory of Object.values(directories))
      expect(Object.keys(directory.tree)).toEqual(['cn=config', suffix]);
  });

  it('asks for nothing when every server took a write since and all others have it', async () => {
    const { ports } = masters();
    const before = '20261122005900Z';
    expect((await carryOut(ldapCanary, { ...params, since: before }, ports)).changes).toEqual([]);
    expect(
      (await carryOut(ldapCanary, { ...params, since: Date.UTC(2026, 10, 22, 0, 59) }, ports)).changes,
    ).toEqual([]);
  });

  it('names the direction that is broken and still takes the canary away', async () => {
    const { directories, ports } = masters(['ldap2>ldap3']);
    await expect(carryOut(ldapCanary, { ...params, since }, ports)).rejects.toThrow(
      'did not arrive within 2000 ms: ldap2 → ldap3',
    );
    expect(directories['ldap2']?.log.at(-1)).toBe(`delete cn=lockstep-canary-ldap2,${suffix}`);
    for (const directory of Object.values(directories))
      expect(Object.keys(directory.tree)).toEqual(['cn=config', suffix]);
  });

  it('is not satisfied by a write that one server has not got', async () => {
    const { directories, ports } = masters();
    const behind = directories['ldap3'];
    if (behind) behind.tree[suffix] = { contextCSN: [csn(1, 1), csn(1, 3)] };
    const changes = ldapCanary.diff(params, await ldapCanary.read(params, ports));
    expect(changes.map((change) => change.lines[0]?.text)).toEqual([
      expect.stringMatching(/on ldap2, read it on the others: its last own write, .* is not on ldap3$/),
    ]);
  });

  it('removes a canary that an earlier try left', async () => {
    const { directories, ports } = masters();
    const dn = `cn=lockstep-canary-ldap1,${suffix}`;
    for (const directory of Object.values(directories)) directory.tree[dn] = { description: ['old'] };
    await carryOut(ldapCanary, { ...params, since }, ports);
    expect(directories['ldap1']?.log).toEqual([`delete ${dn}`, `add ${dn}`, `delete ${dn}`]);
  });

  it('refuses shared server IDs and the URL form', async () => {
    await expect(carryOut(ldapCanary, params, masters([], [1, 2, 2]).ports)).rejects.toThrow(
      'ldap2 and ldap3 both have server ID 2',
    );
    const { directories, ports } = masters();
    const first = directories['ldap1'];
    if (first) first.tree['cn=config'] = { olcServerID: ['1 ldap://a'] };
    await expect(ldapCanary.read(params, ports)).rejects.toThrow(/URL form/);
  });
});
