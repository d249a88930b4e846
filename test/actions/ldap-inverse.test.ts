import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ldapAgreement } from '../../src/actions/ldap-agreement.ts';
import { ldapEntry } from '../../src/actions/ldap-entry.ts';
import { ldapModify } from '../../src/actions/ldap-modify.ts';
import { ldapModule } from '../../src/actions/ldap-module.ts';
import { ldapOverlay } from '../../src/actions/ldap-overlay.ts';
import { ldapRestore } from '../../src/actions/ldap-restore.ts';
import { ldapServerId } from '../../src/actions/ldap-server-id.ts';
import type { ChangeAction, Inverse } from '../../src/engine/action.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { configTree, fakeDirectory, fakePorts, type Tree } from '../ldap/fake-directory.ts';
import { carryOut } from '../slapd-ports.ts';

const database = 'olcDatabase={1}mdb,cn=config';
const secret = new Secret('replicator', 'sesame open');

/** Does it, keeps its inverse as the engine would, and gives what calls the inverse. */
async function apply<P, F>(action: ChangeAction<P, F>, params: P, tree: Tree) {
  const ports = fakePorts({ ldap1: fakeDirectory(tree) });
  const checked = action.params.parse(params);
  const facts = await action.read(checked, ports);
  const changes = action.diff(checked, facts);
  if (changes.length === 0) return { inverse: NOTHING, undo: async () => NOTHING };
  const inverse = action.undo?.inverse(checked, changes, facts) ?? NOTHING;
  await action.write(checked, changes, ports);
  const undo = async (): Promise<void> => {
    for (const { action: name, params: back } of inverse.calls) {
      expect(name).toBe('ldap.restore');
      await carryOut(ldapRestore, ldapRestore.params.parse(back), ports);
    }
  };
  return { inverse, undo };
}

const NOTHING: Inverse = { calls: [], cannot: [] };
const values = fc.uniqueArray(fc.constantFrom('to a', 'to b', 'to c', 'to d'), { maxLength: 4 });
const wish = fc.record({ olcAccess: values, olcLimits: values, description: values }, { requiredKeys: [] });

/** As slapd shows it: positions, no empty attribute. */
function shown(lists: Record<string, readonly string[]>): Record<string, readonly string[]> {
  const entries = Object.entries(lists).filter(([, list]) => list.length > 0);
  return Object.fromEntries(
    entries.map(([name, list]) => [
      name,
      name === 'description' ? list : list.map((one, at) => `{${at}}${one}`),
    ]),
  );
}

function settled(tree: Tree): Tree {
  const sorted = Object.entries(tree).map(([dn, attributes]) => [
    dn,
    Object.fromEntries(
      Object.entries(attributes)
        .map(([name, list]) => [name, name.startsWith('olc') ? list : [...list].sort()] as const)
        .sort(([a], [b]) => a.localeCompare(b)),
    ),
  ]);
  return Object.fromEntries(sorted.sort(([a], [b]) => String(a).localeCompare(String(b))));
}

async function thereAndBack<P, F>(action: ChangeAction<P, F>, params: P, tree: Tree): Promise<Inverse> {
  const before = settled(structuredClone(tree));
  const { inverse, undo } = await apply(action, params, tree);
  await undo();
  expect(settled(tree)).toEqual(before);
  return inverse;
}

describe('what an LDAP action did is as before after its inverse', () => {
  it('for any ldap.modify of any entry', async () => {
    await fc.assert(
      fc.asyncProperty(wish, wish, wish, wish, async (start, add, gone, replace) => {
        const tree = configTree(shown(start));
        const params = ldapModify.params.parse({ dn: database, add, delete: gone, replace });
        await thereAndBack(ldapModify, params, tree);
      }),
      { numRuns: 300 },
    );
  });

  it('for any ldap.entry: added, changed, removed', async () => {
    const attributes = fc.record({ description: values, seeAlso: fc.constantFrom([], ['cn=a'], ['cn=b']) });
    const state = fc.constantFrom('present', 'absent');
    await fc.assert(
      fc.asyncProperty(
        fc.option(attributes),
        attributes,
        state,
        fc.boolean(),
        async (start, wanted, state, exact) => {
          const dn = 'cn=x,dc=example,dc=org';
          const base = { objectClass: ['organizationalRole'], cn: ['x'] };
          const tree: Tree = start ? { [dn]: { ...base, ...shownPlain(start) } } : {};
          const present = { attributes: { ...base, ...wanted }, exact };
          const params = state === 'present' ? { dn, state, ...present } : { dn, state };
          await thereAndBack(ldapEntry, ldapEntry.params.parse(params), tree);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('for an overlay, that slapd gives a number of its own', async () => {
    const tree = configTree();
    const { undo } = await apply(
      ldapOverlay,
      { database, overlay: 'syncprov', attributes: { olcSpCheckpoint: '100 10' } },
      tree,
    );
    const [dn = ''] = Object.keys(tree).filter((name) => name.startsWith('olcOverlay'));
    tree[`olcOverlay={0}syncprov,${database}`] = { ...tree[dn], olcOverlay: ['{0}syncprov'] };
    delete tree[dn];
    await undo();
    expect(tree).toEqual(configTree());
  });

  it('for a server ID and an agreement, beside another whose password nobody knows', async () => {
    const other = '{0}rid=007 provider=ldap://10.0.0.7 searchbase="dc=example,dc=org" credentials="hidden"';
    const tree = configTree({ olcSyncrepl: [other], olcMultiProvider: ['TRUE'] });
    await thereAndBack(ldapServerId, { id: 3 }, tree);
    const agreement = { database, provider: 'ldap://10.0.0.9', 'bind-dn': 'cn=r', credentials: secret };
    const inverse = await thereAndBack(ldapAgreement, agreement, tree);
    expect(JSON.stringify(inverse)).not.toMatch(/hidden|sesame/);
  });

  it('for an agreement that was replaced, by the name of the secret that both have', async () => {
    const tree = configTree();
    const agreement = { database, provider: 'ldap://10.0.0.9', 'bind-dn': 'cn=r', credentials: secret };
    await apply(ldapAgreement, agreement, tree);
    const inverse = await thereAndBack(ldapAgreement, { ...agreement, keepalive: '60:5:10' }, tree);
    expect(inverse.cannot).toEqual([]);
    expect(JSON.stringify(inverse)).toContain('{"$secret":"replicator"}');
  });
});

describe('what cannot be brought back is said', () => {
  it.each([
    ['an agreement with another password', /olcSyncrepl of .* is not kept/],
    ['a password that was rewritten', /userPassword of .* is not kept/],
    ['a removed entry that had a password', /userPassword of .* is not kept/],
    ['a loaded module', /cannot unload syncprov/],
    ['an overlay of slapd 2.4', /2\.4 cannot delete the overlay/],
  ] as const)('%s', async (what, sentence) => {
    const old = '{0}rid=001 provider=ldap://10.0.0.9 searchbase="dc=example,dc=org" credentials="hidden"';
    const person: Tree = { 'cn=p,dc=x': { objectClass: ['person'], cn: ['p'], userPassword: ['{SSHA}x'] } };
    const agreement = { database, provider: 'ldap://10.0.0.9', 'bind-dn': 'cn=r', credentials: secret };
    const done = {
      'an agreement with another password': () =>
        apply(ldapAgreement, agreement, configTree({ olcSyncrepl: [old] })),
      'a password that was rewritten': () => apply(ldapEntry, { dn: 'cn=p,dc=x', password: secret }, person),
      'a removed entry that had a password': () =>
        apply(ldapEntry, { dn: 'cn=p,dc=x', state: 'absent' as const }, person),
      'a loaded module': () => apply(ldapModule, { load: ['syncprov'] }, configTree()),
      'an overlay of slapd 2.4': () =>
        apply(ldapOverlay, { database, overlay: 'syncprov' }, configTree({}, '2.4')),
    };
    const { inverse } = await done[what]();
    expect(inverse.cannot).toEqual([expect.stringMatching(sentence)]);
    expect(JSON.stringify(inverse)).not.toMatch(/hidden|SSHA/);
  });
});

describe('ldap.restore removes nothing of others', () => {
  const dn = 'cn=x,dc=example';
  const written = { objectClass: ['organizationalRole'], cn: ['x'] };
  const restore = { dn, state: 'absent' as const, written };

  it.each([
    ['an entry below it', { [dn]: written, [`cn=y,${dn}`]: {} }, /there is cn=y,cn=x,dc=example below it/],
    [
      'an attribute that somebody added',
      { [dn]: { ...written, description: ['mine'] } },
      /description was changed/,
    ],
    ['a value that somebody added', { [dn]: { ...written, cn: ['x', 'z'] } }, /cn was changed/],
  ])('when there is %s', async (_what, tree: Tree, message) => {
    await expect(apply(ldapRestore, restore, tree)).rejects.toThrow(message);
  });

  it('and finds nothing to do when it is gone', async () => {
    expect((await apply(ldapRestore, restore, {})).inverse).toBe(NOTHING);
  });
});

function shownPlain(lists: Record<string, readonly string[]>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

describe('an attribute that a step writes a secret to', () => {
  const dn = 'uid=a,dc=example,dc=com';
  const treeWith = (): Tree => ({ [dn]: { objectClass: ['person'], sn: ['an older secret'] } });
  const wish = { dn, replace: { sn: secret } };

  it('keeps its old value nowhere: it was a secret too, though nobody here knows it', async () => {
    const { inverse } = await apply(ldapModify, wish, treeWith());
    expect(inverse.calls).toEqual([]);
    expect(inverse.cannot).toEqual([
      expect.stringContaining('sn of uid=a,dc=example,dc=com: the old value is a secret'),
    ]);
  });

  it('shows its old value by its name only', async () => {
    const ports = fakePorts({ ldap1: fakeDirectory(treeWith()) });
    const params = ldapModify.params.parse(wish) as never;
    const changes = ldapModify.diff(params, await ldapModify.read(params, ports));
    expect(changes[0]?.lines).toEqual([
      { op: '-', text: 'sn: [stored sn]' },
      { op: '+', text: 'sn: [replicator]' },
    ]);
  });
});
