/** What slapd takes while it runs and does not start with: each is written to a real one, and refused by lockstep. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ldapEntry } from '../../src/actions/ldap-entry.ts';
import { ldapModify } from '../../src/actions/ldap-modify.ts';
import type { WritePorts } from '../../src/engine/ports.ts';
import {
  accesslog,
  add,
  database,
  gone,
  inOrder,
  load,
  logDatabase,
  modify,
  newDatabase,
  type OneSlapd,
  oneSlapd,
  overlay,
  put,
  type RawWrite,
  suffix,
  syncrepl,
  valueAt,
} from '../one-slapd.ts';
import { obtainSlapd } from '../slapd.ts';
import { carryOut } from '../slapd-ports.ts';

beforeAll(obtainSlapd, 300_000);

interface Trap {
  readonly what: string;
  /** Listeners are seen in cn=monitor only. */
  readonly monitor?: boolean;
  readonly before?: RawWrite;
  /** The write itself, as slapd gets it. */
  readonly raw: RawWrite;
  /** The same by an action of lockstep. */
  by(ports: WritePorts, server: OneSlapd): Promise<unknown>;
  /** What slapd says when it does not start any more. */
  readonly fails: RegExp;
  readonly refused: RegExp;
}

type Wish = Omit<Parameters<typeof ldapModify.diff>[0], 'dn'>;
const byModify = (dn: string, wish: Wish) => (ports: WritePorts) =>
  carryOut(ldapModify, { dn, ...wish }, ports);
const remove = (dn: string) => (ports: WritePorts) => carryOut(ldapEntry, { dn, state: 'absent' }, ports);

const consumer = modify(database, add('olcSyncrepl', syncrepl('001')));
const master = modify(database, add('olcSyncrepl', syncrepl('001')), put('olcMultiProvider', 'TRUE'));
const syncprov = inOrder(load('syncprov'), overlay('syncprov', 'olcSyncProvConfig'));
const own = (server: OneSlapd, id = 1) => `${id} ldap://127.0.0.1:${server.slapd.port}/`;
const itself = ({ slapd }: OneSlapd) => syncrepl('002', `ldap://127.0.0.1:${slapd.port}/`);

const schema = 'cn={3}x,cn=schema,cn=config';
const xAttr =
  "( 1.3.6.1.4.1.99999.1 NAME 'xAttr' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )";
const xClass = "( 1.3.6.1.4.1.99999.2 NAME 'xClass' SUP top AUXILIARY MAY xAttr )";
const before = "( 1.3.6.1.4.1.99999.3 NAME 'zClass' SUP xClass AUXILIARY )";
const withSchema: RawWrite = ({ raw }) =>
  raw.add('cn=x,cn=schema,cn=config', {
    objectClass: ['olcSchemaConfig'],
    cn: ['x'],
    olcAttributeTypes: [xAttr],
    olcObjectClasses: [xClass],
  });
const noSchema = modify(schema, gone('olcObjectClasses'), gone('olcAttributeTypes'));
const noSchemaBy = byModify(schema, { delete: { olcObjectClasses: 'all', olcAttributeTypes: 'all' } });
const lost = /the schema would lose xattr, xclass/;

const traps: readonly Trap[] = [
  {
    what: 'the last agreement deleted while olcMultiProvider is TRUE',
    before: master,
    raw: modify(database, gone('olcSyncrepl')),
    by: byModify(database, { replace: { olcSyncrepl: [] } }),
    fails: /database is not a shadow/,
    refused: /olcMultiProvider would be TRUE without an olcSyncrepl.*database is not a shadow/,
  },
  {
    what: 'the last agreement with another server deleted, one with itself left',
    monitor: true,
    before: (server) =>
      modify(
        database,
        add('olcSyncrepl', syncrepl('001'), itself(server)),
        put('olcMultiProvider', 'TRUE'),
      )(server),
    raw: modify(database, gone('olcSyncrepl', '{0}')),
    by: byModify(database, { delete: { olcSyncrepl: syncrepl('001') } }),
    fails: /database is not a shadow/,
    refused: /agreements with this server itself only/,
  },
  {
    what: 'the last agreement deleted while olcUpdateRef is there',
    before: modify(database, add('olcSyncrepl', syncrepl('001')), add('olcUpdateRef', 'ldap://other')),
    raw: modify(database, gone('olcSyncrepl')),
    by: byModify(database, { delete: { olcSyncrepl: 'all' } }),
    fails: /<olcUpdateRef> must appear after syncrepl or updatedn/,
    refused: /olcUpdateRef would be there without an olcSyncrepl/,
  },
  {
    what: 'olcRootDN deleted from a consumer',
    before: inOrder(consumer, modify(database, gone('olcRootPW'))),
    raw: modify(database, gone('olcRootDN')),
    by: byModify(database, { delete: { olcRootDN: 'all' } }),
    fails: /rootDN must be defined before syncrepl may be used/,
    refused: /olcSyncrepl would be there without an olcRootDN/,
  },
  {
    what: 'olcRootDN moved out of the suffix while olcRootPW is there',
    raw: modify(database, put('olcRootDN', 'cn=admin,cn=config')),
    by: byModify(database, { replace: { olcRootDN: 'cn=admin,cn=config' } }),
    fails: /<olcRootPW> can only be set when rootdn is under suffix/,
    refused: /olcRootPW would be there without an olcRootDN under the suffix/,
  },
  {
    what: 'olcRootDN of cn=config moved out of it while olcRootPW is there',
    before: modify('olcDatabase={0}config,cn=config', put('olcRootPW', 'x')),
    raw: modify('olcDatabase={0}config,cn=config', put('olcRootDN', 'cn=x,dc=y')),
    by: byModify('olcDatabase={0}config,cn=config', { replace: { olcRootDN: 'cn=x,dc=y' } }),
    fails: /<olcRootPW> can only be set when rootdn is under suffix/,
    refused: /olcRootPW would be there without an olcRootDN under the suffix/,
  },
  {
    what: 'a database with olcRootPW disabled',
    raw: modify(database, add('olcDisabled', 'TRUE')),
    by: byModify(database, { replace: { olcDisabled: true } }),
    fails: /<olcRootPW> can only be set when rootdn is under suffix/,
    refused: /olcDisabled would be TRUE of a database with an olcRootPW/,
  },
  {
    what: 'olcServerID in the URL form, of no listener',
    raw: modify('cn=config', add('olcServerID', '1 ldap://127.0.0.2:389/')),
    by: byModify('cn=config', { add: { olcServerID: '1 ldap://127.0.0.2:389/' } }),
    fails: /no serverID \/ URL match found/,
    refused: /olcServerID would get the URL form/,
  },
  {
    what: 'the one URL that matches taken from olcServerID',
    monitor: true,
    before: (server) =>
      modify('cn=config', add('olcServerID', own(server), '2 ldap://127.0.0.2:389/'))(server),
    raw: (server) => modify('cn=config', gone('olcServerID', own(server)))(server),
    by: (ports, server) =>
      carryOut(ldapModify, { dn: 'cn=config', delete: { olcServerID: own(server) } }, ports),
    fails: /no serverID \/ URL match found/,
    refused: /no URL of olcServerID would match a listener \(ldap:\/\/127/,
  },
  {
    what: 'the URL that matches replaced by one of no listener, its slash forgotten',
    monitor: true,
    before: (server) => modify('cn=config', add('olcServerID', own(server)))(server),
    raw: (server) => modify('cn=config', put('olcServerID', own(server).slice(0, -1)))(server),
    by: (ports, server) => {
      const olcServerID = own(server).slice(0, -1);
      return carryOut(ldapModify, { dn: 'cn=config', replace: { olcServerID } }, ports);
    },
    fails: /no serverID \/ URL match found/,
    refused: /no URL of olcServerID would match a listener/,
  },
  {
    what: 'olcLastMod FALSE under syncprov',
    before: syncprov,
    raw: modify(database, put('olcLastMod', 'FALSE')),
    by: byModify(database, { replace: { olcLastMod: false } }),
    fails: /invalid config, lastmod must be enabled/,
    refused: /olcLastMod would be FALSE of .*, which has syncprov/,
  },
  {
    what: 'the database of an accesslog deleted',
    before: accesslog,
    raw: ({ raw }) => raw.remove(logDatabase),
    by: remove(logDatabase),
    fails: /accesslog: "logdb <suffix>" missing or invalid/,
    refused: /olcOverlay=\{0\}accesslog,.* would write to cn=accesslog, and no database would hold that/,
  },
  {
    what: 'the database of an accesslog disabled',
    before: accesslog,
    raw: modify(logDatabase, add('olcDisabled', 'TRUE')),
    by: byModify(logDatabase, { add: { olcDisabled: true } }),
    fails: /accesslog: "logdb <suffix>" missing or invalid/,
    refused: /no database would hold that/,
  },
  {
    what: 'the database that a session log is read from deleted',
    before: inOrder(
      syncprov,
      accesslog,
      modify(`olcOverlay={0}syncprov,${database}`, add('olcSpSessionlogSource', 'cn=accesslog')),
      ({ raw }) => raw.remove(`olcOverlay={1}accesslog,${database}`),
    ),
    raw: ({ raw }) => raw.remove(logDatabase),
    by: remove(logDatabase),
    fails: /configured accesslog database dn='cn=accesslog' not present/,
    refused: /syncprov,.* would write to cn=accesslog, and no database would hold that/,
  },
  {
    what: 'a database glued to none',
    raw: modify(database, add('olcSubordinate', 'TRUE')),
    by: byModify(database, { add: { olcSubordinate: true } }),
    fails: /glue: no superior found for sub dc=example,dc=org/,
    refused: /would be subordinate to no database/,
  },
  {
    what: 'an attribute type deleted that a class names',
    before: withSchema,
    raw: modify(schema, gone('olcAttributeTypes')),
    by: byModify(schema, { delete: { olcAttributeTypes: 'all' } }),
    fails: /AttributeType not found: "xAttr"/,
    refused: /the schema would lose xattr: slapd takes that/,
  },
  {
    what: 'a definition deleted that an index names',
    before: inOrder(withSchema, modify(database, add('olcDbIndex', 'xAttr eq'))),
    raw: noSchema,
    by: noSchemaBy,
    fails: /index attribute "xAttr" undefined/,
    refused: lost,
  },
  {
    what: 'a definition deleted that an access rule names',
    before: inOrder(withSchema, modify(database, add('olcAccess', '{0}to attrs=xAttr by * read'))),
    raw: noSchema,
    by: noSchemaBy,
    fails: /<olcAccess> handler exited with 1/,
    refused: lost,
  },
  {
    what: 'a definition deleted that an agreement names',
    before: inOrder(
      withSchema,
      modify(database, add('olcSyncrepl', syncrepl('001', undefined, ' exattrs="xAttr"'))),
    ),
    raw: noSchema,
    by: noSchemaBy,
    fails: /<olcSyncrepl> handler exited with 1/,
    refused: lost,
  },
  {
    what: 'a class put in front of the one it is derived from',
    before: withSchema,
    raw: modify(schema, add('olcObjectClasses', `{0}${before}`)),
    by: byModify(schema, { add: { olcObjectClasses: `{0}${before}` } }),
    fails: /ObjectClass not found: "xClass"/,
    refused: /zclass would stand in front of what it is derived from/,
  },
];

describe('slapd takes online, and does not start with,', () => {
  it.each(traps)(
    '$what; lockstep refuses it and writes nothing',
    async ({ monitor = false, before, raw, by, fails, refused }) => {
      const server = await oneSlapd({ monitor });
      await before?.(server);
      const config = () => server.raw.search({ base: 'cn=config', attributes: ['*', 'entryCSN'] });
      const untouched = await config();
      await expect(by(server.ports, server)).rejects.toThrow(refused);
      expect(await config()).toEqual(untouched);
      await raw(server);
      await expect(server.restart()).rejects.toThrow(fails);
    },
  );
});

describe('what looks alike and is none of it', () => {
  it('both or all of them in one modify leave a slapd that starts', async () => {
    const server = await oneSlapd();
    await modify(database, add('olcSyncrepl', syncrepl('001')), add('olcUpdateRef', 'ldap://other'))(server);
    await carryOut(
      ldapModify,
      {
        dn: database,
        delete: { olcSyncrepl: 'all', olcUpdateRef: 'all' },
        replace: { olcMultiProvider: [] },
      },
      server.ports,
    );
    await carryOut(
      ldapModify,
      { dn: database, delete: { olcRootPW: 'all', olcRootDN: 'all' } },
      server.ports,
    );
    await server.restart();
    expect(await valueAt(server.raw, suffix, 'dc')).toEqual(['example']);
  });

  it('a URL beside the one that matches is taken, without cn=monitor too, and slapd starts', async () => {
    const server = await oneSlapd();
    await modify('cn=config', add('olcServerID', own(server)))(server);
    const wish = { dn: 'cn=config', add: { olcServerID: '2 ldap://127.0.0.2:389/' } };
    await carryOut(ldapModify, wish, server.ports);
    await server.restart();
    const fewer = { dn: 'cn=config', delete: { olcServerID: own(server) } };
    await expect(carryOut(ldapModify, fewer, server.ports)).rejects.toThrow(
      /which URL is this server’s cannot be seen without cn=monitor/,
    );
  });

  it('a log whose overlay goes first may go, and a database above lets one be glued to it', async () => {
    const server = await oneSlapd();
    await accesslog(server);
    await remove(`olcOverlay={0}accesslog,${database}`)(server.ports);
    await remove(logDatabase)(server.ports);
    await newDatabase('dc=org')(server);
    await carryOut(ldapModify, { dn: database, add: { olcSubordinate: true } }, server.ports);
    await server.restart();
  });

  it('a definition replaced by one of the same name, and one added at the end, leave a slapd that starts', async () => {
    const server = await oneSlapd();
    await withSchema(server);
    const wider = xClass.replace('MAY xAttr', 'MAY ( xAttr $ uid )');
    await carryOut(ldapModify, { dn: schema, replace: { olcObjectClasses: [wider] } }, server.ports);
    await carryOut(ldapModify, { dn: schema, add: { olcObjectClasses: [before] } }, server.ports);
    await server.restart();
  });
});
