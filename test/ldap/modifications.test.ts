import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trapIn } from '../../src/ldap/config-traps.ts';
import { indexModifications } from '../../src/ldap/index-spec.ts';
import { applyModifications, missingModifications } from '../../src/ldap/modifications.ts';
import { reveal } from '../../src/secrets/secret.ts';

describe('what is missing of a modify', () => {
  it('leaves nothing to do once it is applied, for any ACLs at any positions', () => {
    const acl = fc.constantFrom('to a', 'to b', 'to c', 'to d');
    const stored = fc.uniqueArray(acl);
    fc.assert(
      fc.property(stored, acl, fc.nat(5), fc.boolean(), (values, one, position, fixed) => {
        const before = { olcAccess: values.map((value, at) => `{${at}}${value}`) };
        const wishes = { add: { olcAccess: [fixed ? `{${position}}${one}` : one] } };
        const after = applyModifications(before, missingModifications(before, wishes));
        expect(missingModifications(after, wishes)).toEqual([]);
        expect(after['olcAccess']?.toSorted()).toEqual(after['olcAccess']);
        if (fixed)
          expect(after['olcAccess']?.[Math.min(position, (after['olcAccess']?.length ?? 1) - 1)]).toContain(
            one,
          );
      }),
    );
  });

  it('deletes ordered values from the last to the first, since each delete shifts the rest', () => {
    const before = { olcAccess: ['{0}to a', '{1}to b', '{2}to c'] };
    const found = missingModifications(before, { delete: { olcAccess: ['to a', 'to c'] } });
    expect(found.map((one) => one.values)).toEqual([['{2}to c'], ['{0}to a']]);
    expect(applyModifications(before, found)).toEqual({ olcAccess: ['{0}to b'] });
  });

  it('adds what is to replace nothing, since slapd 2.4 dies of some of these replaces', () => {
    expect(missingModifications({}, { replace: { olcSpSessionlog: ['100'] } })).toEqual([
      { op: 'add', attribute: 'olcSpSessionlog', values: ['100'] },
    ]);
  });

  it('replaces only when something differs, in order where order counts', () => {
    const stored = {
      member: ['cn=a', 'cn=b'],
      olcAccess: ['{0}to a', '{1}to b'],
      olcMultiProvider: ['TRUE'],
    };
    expect(
      missingModifications(stored, { replace: { member: ['CN=B', 'cn=a'], olcMirrorMode: ['true'] } }),
    ).toEqual([]);
    expect(missingModifications(stored, { replace: { olcAccess: ['to b', 'to a'] } })).toHaveLength(1);
    expect(missingModifications(stored, { replace: { member: [] }, delete: { description: 'all' } })).toEqual(
      [{ op: 'replace', attribute: 'member', values: [] }],
    );
  });

  it('puts olcMultiProvider after olcSyncrepl, whatever the order asked for', () => {
    const found = missingModifications(
      {},
      { add: { olcMultiProvider: ['TRUE'], olcSyncrepl: ['rid=1 provider=ldap://a'] } },
    );
    expect(found.map((one) => one.attribute)).toEqual(['olcSyncrepl', 'olcMultiProvider']);
  });

  it('adds to indexes exactly the attributes and types that are missing', () => {
    expect(indexModifications(['entryCSN eq'], ['entryCSN,entryUUID eq'])).toEqual([]);
    expect(indexModifications(['entryUUID,entryCSN eq'], ['entrycsn eq'])).toEqual([
      { op: 'add', attribute: 'olcDbIndex', values: ['entryUUID eq'] },
    ]);
    expect(indexModifications(['cn eq,sub'], ['cn,sn eq'])).toEqual([
      { op: 'delete', attribute: 'olcDbIndex', values: ['cn,sn eq'] },
      { op: 'add', attribute: 'olcDbIndex', values: ['cn eq,sub', 'sn eq'] },
    ]);
  });

  it('never asks for an index twice, for any definitions', () => {
    const spec = fc.tuple(
      fc.uniqueArray(fc.constantFrom('cn', 'sn', 'uid'), { minLength: 1 }),
      fc.uniqueArray(fc.constantFrom('eq', 'sub', 'pres'), { minLength: 1 }),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(spec, { selector: () => 0 }),
        fc.array(spec, { maxLength: 3 }),
        (stored, wanted) => {
          const texts = (list: typeof stored) =>
            list.map(([names, types]) => `${names.join(',')} ${types.join(',')}`);
          const after = applyModifications(
            { olcDbIndex: texts(stored) },
            indexModifications(texts(wanted), texts(stored)),
          );
          const values = after['olcDbIndex'] ?? [];
          const names = values.flatMap((value) => (value.split(' ')[0] ?? '').split(','));
          expect(new Set(names).size).toBe(names.length);
          expect(indexModifications(texts(wanted), values).flatMap((one) => one.values.map(reveal))).toEqual(
            [],
          );
        },
      ),
    );
  });

  it('knows the changes after which slapd does not start', () => {
    const database = { olcDatabase: ['{1}mdb'], olcMultiProvider: ['TRUE'], olcSyncrepl: ['{0}rid=1'] };
    expect(trapIn(database, { olcDatabase: ['{1}mdb'], olcMultiProvider: ['TRUE'] })?.fact).toContain(
      'database is not a shadow',
    );
    expect(trapIn(database, { olcDatabase: ['{1}mdb'] })).toBeUndefined();
    expect(trapIn({}, { olcServerID: ['1 ldap://a'] })?.next).toContain('ldap.server-id');
    expect(
      trapIn({ olcServerID: ['1 ldap://a'] }, { olcServerID: ['1 ldap://a', '2 ldap://b'] }),
    ).toBeUndefined();
  });
});
