/** The rules themselves, over configurations as data; that slapd does so is in start-traps.test.ts and limp-traps.test.ts. */
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/engine/ports.ts';
import { type Attributes, endIn, judgedWith, trapIn } from '../../src/ldap/config-traps.ts';
import { isOwnUrl } from '../../src/ldap/listeners.ts';
import { forwardNames, lostNames } from '../../src/ldap/schema-traps.ts';
import { type ConfigWrite, serverTrap } from '../../src/ldap/server-traps.ts';
import { syncreplTrap } from '../../src/ldap/syncrepl-traps.ts';

const mdb: Attributes = {
  olcDatabase: ['{1}mdb'],
  olcSuffix: ['dc=example,dc=org'],
  olcRootDN: ['cn=admin,dc=example,dc=org'],
  olcDbDirectory: ['/var/lib/ldap'],
  olcDbMaxSize: ['1073741824'],
};
const rootPW = { ...mdb, olcRootPW: ['{SSHA}x'] };
const consumer = { ...mdb, olcSyncrepl: ['{0}rid=001 provider=ldap://a bindmethod=sasl'] };
const master = { ...consumer, olcMultiProvider: ['TRUE'] };
const without = (entry: Attributes, ...names: string[]): Attributes =>
  Object.fromEntries(Object.entries(entry).filter(([name]) => !names.includes(name)));

describe('a change of one entry', () => {
  it.each([
    [
      'the switch without an agreement',
      master,
      without(master, 'olcSyncrepl'),
      /olcMultiProvider would be TRUE/,
    ],
    [
      'the switch by its old name',
      consumer,
      { ...mdb, olcMirrorMode: ['true'] },
      /olcMultiProvider would be/,
    ],
    [
      'a referral without an agreement',
      consumer,
      { ...mdb, olcUpdateRef: ['ldap://a'] },
      /olcUpdateRef would be/,
    ],
    [
      'an agreement without olcRootDN',
      mdb,
      without(consumer, 'olcRootDN'),
      /olcSyncrepl would be there without/,
    ],
    ['olcRootPW without olcRootDN', rootPW, without(rootPW, 'olcRootDN'), /olcRootPW would be there without/],
    ['olcRootPW, the suffix gone', rootPW, without(rootPW, 'olcSuffix'), /olcRootPW would be there without/],
    [
      'a disabled database with olcRootPW',
      rootPW,
      { ...rootPW, olcDisabled: ['TRUE'] },
      /olcDisabled would be TRUE/,
    ],
    [
      'syncprov with its log',
      {},
      { olcOverlay: ['syncprov'], olcSpSessionlogSource: ['cn=log'] },
      /come together/,
    ],
    ['a URL', { olcServerID: ['1'] }, { olcServerID: ['1 ldap://a/'] }, /would get the URL form/],
    [
      'an ID twice',
      { olcServerID: ['1 ldap://a/'] },
      { olcServerID: ['1 ldap://a/', '0x001 ldap://b/'] },
      /two servers the same ID/,
    ],
    ['less room', mdb, { ...mdb, olcDbMaxSize: ['1073741823'] }, /olcDbMaxSize would become smaller/],
    ['the default room', mdb, without(mdb, 'olcDbMaxSize'), /olcDbMaxSize would become smaller/],
    ['too much room', mdb, { ...mdb, olcDbMaxSize: ['70368744177665'] }, /more than 64 TiB/],
    ['too much room at once', {}, { ...mdb, olcDbMaxSize: ['99999999999999999'] }, /more than 64 TiB/],
    ['another folder', mdb, { ...mdb, olcDbDirectory: ['/srv'] }, /another suffix or folder/],
    [
      'one suffix of two',
      { ...mdb, olcSuffix: ['dc=example,dc=org', 'dc=com'] },
      mdb,
      /another suffix or folder/,
    ],
    [
      'another suffix',
      mdb,
      { ...mdb, olcSuffix: ['dc=com'], olcRootDN: ['dc=com'] },
      /another suffix or folder/,
    ],
  ] as const)(
    'that leaves %s is refused, with what to do',
    (_, before: Attributes, after: Attributes, fact) => {
      const trap = trapIn(before, after);
      expect(trap?.fact).toMatch(fact);
      expect(trap?.next).toMatch(/^[A-Z].*\.$/);
      // It is not this change that did it.
      expect(trapIn(after, { ...after, description: ['x'] })).toBeUndefined();
    },
  );

  it.each([
    ['both go in one modify', master, mdb],
    ['the switch is FALSE', master, { ...mdb, olcMultiProvider: ['FALSE'] }],
    [
      'olcUpdateDN stands for the agreement',
      mdb,
      { ...mdb, olcUpdateRef: ['ldap://a'], olcUpdateDN: ['cn=r'] },
    ],
    ['a database gets its password and its rootDN at once', without(mdb, 'olcRootDN'), rootPW],
    [
      'cn=config has a password and the rootDN it has by default',
      { olcDatabase: ['{0}Config'] },
      { olcDatabase: ['{0}Config'], olcRootPW: ['x'] },
    ],
    [
      'cn=monitor has a rootDN under cn=Monitor',
      { olcDatabase: ['{2}monitor'] },
      { olcDatabase: ['{2}monitor'], olcRootDN: ['cn=x,cn=Monitor'], olcRootPW: ['x'] },
    ],
    [
      'a log is set on an overlay that is there',
      { olcOverlay: ['x'] },
      { olcOverlay: ['x'], olcSpSessionlogSource: ['y'] },
    ],
    [
      'a URL is added to URLs',
      { olcServerID: ['1 ldap://a/'] },
      { olcServerID: ['1 ldap://a/', '2 ldap://b/'] },
    ],
    ['a plain ID takes the place of URLs', { olcServerID: ['1 ldap://a/'] }, { olcServerID: ['1'] }],
    ['there is more room', mdb, { ...mdb, olcDbMaxSize: ['70368744177664'] }],
    ['the room is what the file has', mdb, { ...mdb, olcDbMaxSize: ['0'] }],
    ['a new database is small', {}, { ...mdb, olcDbMaxSize: ['1048576'] }],
    [
      'a suffix comes beside the other, in another spelling',
      mdb,
      { ...mdb, olcSuffix: ['DC=Example, dc=org', 'dc=com'] },
    ],
    ['nothing of it is in cn=config’s words', {}, { cn: ['x'], olcMultiProvider: ['TRUE'] }],
  ] as const)('is taken where %s', (_, before: Attributes, after: Attributes) => {
    expect(trapIn(before, after)).toBeUndefined();
  });

  it('of an undo is refused only where slapd would not survive it', () => {
    expect(endIn(master, without(master, 'olcSyncrepl'))?.fact).toMatch(/not a shadow/);
    expect(endIn({ olcServerID: ['1'] }, { olcServerID: ['1 ldap://a/'] })).toBeUndefined();
    expect(endIn(mdb, { ...mdb, olcDbMaxSize: ['1048576'] })).toBeUndefined();
  });

  it('is judged by attributes that a plan has to know of, too', () => {
    expect(judgedWith(['olcMIRRORMODE'])).toEqual(['olcMultiProvider', 'olcSyncrepl']);
    expect(judgedWith(['olcRootDN']).toSorted()).toEqual(
      ['olcDatabase', 'olcRootDN', 'olcRootPW', 'olcSuffix', 'olcSyncrepl'].toSorted(),
    );
    expect(judgedWith(['olcLimits', 'description'])).toEqual([]);
  });
});

describe('a schema', () => {
  const a = "{0}( 1.1 NAME ( 'aName' 'aAlias' ) SUP name )";
  const b = "{1}( 1.2 NAME 'bName' SUP aName DESC 'SUP cName' )";

  it('loses a name, or an alias, and keeps what is defined anew', () => {
    expect(lostNames({ olcAttributeTypes: [a, b] }, { olcAttributeTypes: [a] })).toEqual(['bname']);
    const renamed = a.replace("'aAlias'", "'other'");
    expect(lostNames({ olcAttributeTypes: [a] }, { olcAttributeTypes: [renamed] })).toEqual(['aalias']);
    expect(lostNames({ olcAttributeTypes: [a, b] }, { olcAttributeTypes: [b, a] })).toEqual([]);
    const trap = trapIn({ olcObjectClasses: [a] }, {});
    expect(trap?.fact).toContain('the schema would lose aname, aalias: slapd takes that');
    expect(trap?.next).toContain('slapcat -n 0 with slapd stopped');
  });

  it('may not have a definition before what it is derived from, in one list', () => {
    const c = "( 1.3 NAME 'cName' SUP ( top $ bName ) AUXILIARY )";
    expect(forwardNames({ olcAttributeTypes: [a, b], olcObjectClasses: [c] })).toEqual([]);
    expect(forwardNames({ olcAttributeTypes: [b, a] })).toEqual(['bname']);
    expect(forwardNames({ olcObjectClasses: [c, b, a] })).toEqual(['cname', 'bname']);
    expect(trapIn({ olcObjectClasses: [a] }, { olcObjectClasses: [b, a] })?.fact).toMatch(
      /^bname would stand in front of/,
    );
  });
});

describe('an agreement', () => {
  const line = 'rid=001 provider=ldap://a:389 searchbase="dc=example,dc=org"';
  const bind = 'bindmethod=simple binddn="cn=r" credentials="sesame open"';

  it.each([
    [`${line} ${bind}`, undefined],
    [`{3}${line} retry="5 12 30 +" attrsonly filter="(cn=a\\2ab)" "binddn=cn=a b"`, undefined],
    [`${line} bindmethod=sasl saslmech=EXTERNAL`, undefined],
    [`${line} logbase="cn=log" syncdata=ACCESSLOG`, undefined],
    [
      `${line} ${bind} retry="5 5 300 5"`,
      /^the agreement rid 001 from ldap:\/\/a:389 has a retry list that ends/,
    ],
    [`${line} bindmethod=simple binddn="cn=r"`, /has a binddn without credentials/],
    [`${line} bindmethod=SIMPLE credentials=sesame`, /has a binddn without credentials, or the reverse/],
    [`${line} bindmethod=simple binddn="cn=r" credentials="sesame\\"`, /has a \\ in its credentials/],
    [`${line} syncdata=accesslog`, /has syncdata=accesslog without a logbase/],
    [`${line} credentials="sesame"open" ${bind}`, /" inside a word/],
    [`${line} credentials=sesame"open`, /" inside a word/],
    [`${line} credentials="sesame`, /" inside a word/],
  ])('%s', (value, fact) => {
    const trap = syncreplTrap(value);
    if (fact === undefined) expect(trap).toBeUndefined();
    else expect(trap?.fact).toMatch(fact);
    expect(JSON.stringify(trap) ?? '').not.toMatch(/sesame|open/);
  });

  it('that was faulty before is not the fault of a change beside it', () => {
    const before = { ...mdb, olcSyncrepl: [`{0}${line} syncdata=accesslog`] };
    expect(
      trapIn(before, { ...mdb, olcSyncrepl: [`{0}${line}`, `{1}${line} syncdata=accesslog`] }),
    ).toBeUndefined();
    expect(trapIn(mdb, before)?.fact).toContain('without a logbase');
  });
});

describe('a change that shows in several entries only', () => {
  const database = 'olcDatabase={1}mdb,cn=config';
  const log: Entry = {
    dn: 'olcDatabase={2}mdb,cn=config',
    attributes: { olcDatabase: ['{2}mdb'], olcSuffix: ['cn=accesslog'], olcDbDirectory: ['/var/lib/log'] },
  };
  const accesslog: Entry = {
    dn: `olcOverlay={0}accesslog,${database}`,
    attributes: { olcOverlay: ['{0}accesslog'], olcAccessLogDB: ['CN=AccessLog'] },
  };
  const syncprov: Entry = {
    dn: `olcOverlay={1}syncprov,${database}`,
    attributes: { olcOverlay: ['{1}SyncProv'] },
  };
  const host = { name: 'ldap1', address: 'ldap1.example.org' };

  function judged(
    write: ConfigWrite,
    attributes: Attributes = mdb,
    listeners: readonly string[] = [],
    ids: string[] = [],
  ) {
    const global: Entry = { dn: 'cn=config', attributes: { olcServerID: ids } };
    const entries = [global, { dn: database, attributes }, log, accesslog, syncprov];
    return serverTrap({ entries, listeners, host }, write)?.fact;
  }
  const replace = (dn: string, attribute: string, ...values: string[]): ConfigWrite => ({
    dn,
    mods: [{ op: 'replace', attribute, values }],
  });

  it('knows a log that nobody would hold, whoever takes it away', () => {
    for (const write of [
      { dn: 'olcDatabase={2}MDB, cn=config' },
      replace(log.dn, 'olcDisabled', 'TRUE'),
      replace(log.dn, 'olcSuffix', 'cn=other'),
      replace(accesslog.dn, 'olcAccessLogDB', 'cn=other'),
      replace(syncprov.dn, 'olcSpSessionlogSource', 'cn=other'),
    ])
      expect(judged(write), write.dn).toMatch(/would write to .*, and no database would hold that/);
    expect(judged(replace(log.dn, 'olcRootDN', 'cn=x'))).toBeUndefined();
    expect(judged({ dn: database })).toBeUndefined();
    expect(judged({ dn: accesslog.dn })).toBeUndefined();
  });

  it('knows syncprov under a database without lastmod', () => {
    expect(judged(replace(database, 'olcLastMod', 'FALSE'))).toMatch(/olcLastMod would be FALSE of/);
    expect(judged(replace(log.dn, 'olcLastMod', 'FALSE'))).toBeUndefined();
    const entries = [{ dn: database, attributes: { ...mdb, olcLastMod: ['FALSE'] } }];
    const added = replace(`olcOverlay=syncprov,${database}`, 'olcOverlay', 'syncprov');
    expect(serverTrap({ entries, listeners: [], host }, added)?.fact).toMatch(/which has syncprov/);
  });

  it('knows two databases in one folder', () => {
    expect(judged(replace(log.dn, 'olcDbDirectory', '/var/lib/ldap/'))).toMatch(
      /would have one olcDbDirectory/,
    );
  });

  it('knows one RID in two agreements of a server', () => {
    const other = '{0}rid=1 provider=ldap://b';
    expect(judged(replace(log.dn, 'olcSyncrepl', other), master)).toMatch(
      /^RID 001 would be of two agreements/,
    );
    expect(judged(replace(database, 'olcSyncrepl', other), master)).toBeUndefined();
  });

  it('knows a database glued to none', () => {
    expect(judged(replace(database, 'olcSubordinate', 'advertise'))).toMatch(/subordinate to no database/);
    expect(judged(replace(database, 'olcSubordinate', 'FALSE'))).toBeUndefined();
    const above: Entry = { dn: 'olcDatabase={3}mdb,cn=config', attributes: { olcDatabase: ['{3}mdb'] } };
    const glued = (suffixes: readonly string[], superiors: readonly string[]) => {
      const entries = [
        { dn: database, attributes: { ...mdb, olcSuffix: suffixes } },
        { ...above, attributes: { ...above.attributes, olcSuffix: superiors } },
        log,
      ];
      return serverTrap({ entries, listeners: [], host }, replace(database, 'olcSubordinate', 'TRUE'))?.fact;
    };
    expect(glued(['dc=example,dc=org'], ['dc=net', 'dc=org'])).toBeUndefined();
    expect(glued(['dc=example,dc=org', 'dc=com'], ['dc=org'])).toMatch(/subordinate to no database/);
    expect(glued(['dc=example,dc=org'], ['DC=example,dc=org'])).toMatch(/subordinate to no database/);
  });

  it('knows agreements with the server itself, by name, address and listeners', () => {
    const loops = ['{0}rid=001 provider=ldap://LDAP1:389', '{1}rid=002 provider=ldap://127.0.0.1/'];
    const write = replace(database, 'olcSyncrepl', ...loops);
    expect(judged(write, master)).toMatch(/agreements with this server itself only/);
    expect(judged(write, master, ['ldap://:1389/'])).toBeUndefined();
    expect(
      judged(replace(database, 'olcSyncrepl', ...loops, '{2}rid=3 provider=ldap://b'), master),
    ).toBeUndefined();
    expect(judged(replace(database, 'olcSyncrepl', ...loops), consumer)).toBeUndefined();
  });

  const urls = ['1 ldap://ldap1.example.org/', '2 ldap://ldap2.example.org/'];
  it.each([
    ['keeps a URL of a listener', ['ldap:///'], [urls[0] ?? ''], undefined],
    [
      'keeps none of a listener',
      ['ldap:///'],
      [urls[1] ?? ''],
      /no URL of olcServerID would match a listener \(ldap:\/\/\/\)/,
    ],
    ['keeps all where listeners are not known', [], [...urls, '3 ldap://c/'], undefined],
    [
      'loses one where listeners are not known',
      [],
      [urls[0] ?? ''],
      /would lose ldap:\/\/ldap2\.example\.org\//,
    ],
    ['becomes a plain number', ['ldap:///'], ['1'], undefined],
  ] as const)('olcServerID that %s', (_, listeners, ids, fact) => {
    const found = judged(replace('cn=config', 'olcServerID', ...ids), mdb, listeners, urls);
    if (fact === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(fact);
  });

  it('is not refused for what was wrong before it', () => {
    const write = replace('cn=config', 'olcLogLevel', 'stats');
    expect(
      judged(write, { ...mdb, olcSubordinate: ['TRUE'], olcLastMod: ['FALSE'] }, ['ldap://x/'], urls),
    ).toBeUndefined();
  });
});

describe('a URL of olcServerID is this server’s own', () => {
  const host = { name: 'ldap1', address: 'ldap1.example.org' };
  it.each([
    ['LDAP://10.0.0.1:389/', ['ldap://10.0.0.1:389/'], true],
    ['ldap://10.0.0.1:389', ['ldap://10.0.0.1:389/'], false],
    ['ldap://10.0.0.1/', ['ldap:///'], false],
    ['ldap://ldap1.example.org', ['ldap:///'], true],
    ['ldap://ldap1:389/', ['ldap:///', 'ldapi:///'], true],
    ['ldap://ldap1:1389/', ['ldap:///'], false],
    ['ldaps://ldap1/', ['ldap:///'], false],
    ['ldap://localhost/', ['ldap:///'], true],
    ['ldap://localhost/', ['ldap://10.0.0.1/'], false],
    ['ldap://:389/', ['ldap://10.0.0.1/'], true],
    ['ldap://ldap2.example.org/', ['ldap:///'], false],
    ['no url', ['ldap:///'], false],
  ] as const)('%s on %j: %s', (url, listeners, own) => {
    expect(isOwnUrl(url, listeners, [host.name, host.address])).toBe(own);
    // An address is no name, even where the inventory has it.
    expect(isOwnUrl('ldap://10.0.0.1/', ['ldap:///'], ['10.0.0.1', '10.0.0.1'])).toBe(false);
  });
});
