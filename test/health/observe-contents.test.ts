import { expect, test } from 'vitest';
import type { DirectoryReader } from '../../src/engine/ports.ts';
import { behindSince, rememberedBehind } from '../../src/health/observe/behind-since.ts';
import { readContents } from '../../src/health/observe/contents.ts';
import { latestPerSid } from '../../src/ldap/csn.ts';
import { fakeDirectory, type Tree } from '../ldap/fake-directory.ts';
import { serverFacts, siteFacts } from './observed.ts';

const suffix = 'dc=example,dc=org';
const csn = (second: number, sid = 1) => `202611220000${second}.000000Z#000000#00${sid}#000000`;

function tree(names: readonly string[]): Tree {
  const entry = (at: number) => ({ objectClass: ['top'], entryUUID: [`u${at}`], entryCSN: [csn(10)] });
  return {
    [suffix]: { ...entry(0), contextCSN: [csn(10)] },
    ...Object.fromEntries(names.map((name, at) => [`cn=${name},${suffix}`, entry(at + 1)])),
  };
}

const sleep = () => Promise.resolve();
const source = (host: string, directory: DirectoryReader) => ({ host, directory });

/** It answers so many searches, and then the connection is gone. */
function dying(directory: DirectoryReader, after: number): DirectoryReader {
  let left = after;
  return {
    async search(search) {
      if (left-- <= 0) throw new Error('the connection ended');
      return await directory.search(search);
    },
  };
}

test('all that two servers hold alike is told, entry by entry where that is wanted', async () => {
  const sources = ['ldap1', 'ldap2'].map((host) => source(host, fakeDirectory(tree(['a', 'b']))));
  const shallow = await readContents(sources, { suffix, deep: false, sleep });
  expect(shallow.gaps).toBeUndefined();
  expect(shallow.byHost.get('ldap2')).toEqual({
    csns: { value: latestPerSid([csn(10)]) },
    content: { value: { entries: 3, glue: 0, suffixUuid: 'u0' } },
  });
  const deep = await readContents(sources, { suffix, deep: true, sleep });
  expect(deep.gaps).toEqual([]);
});

test('one that dies between two answers is left out with the reason, and the others are compared without it', async () => {
  const sources = [
    source('ldap1', dying(fakeDirectory(tree(['a', 'b'])), 1)),
    source('ldap2', fakeDirectory(tree(['a']))),
    source('ldap3', fakeDirectory(tree(['a', 'b']))),
  ];
  const { byHost, gaps } = await readContents(sources, { suffix, deep: true, sleep });
  expect(byHost.get('ldap1')).toEqual({
    csns: { value: latestPerSid([csn(10)]) },
    content: { unknown: 'the connection ended' },
  });
  expect(gaps?.map(({ left, right, dn }) => [left, right, dn])).toEqual([
    ['ldap2', 'ldap3', `cn=b,${suffix}`],
  ]);
});

test('one that answers nothing at all is unknown, and not a server without changes', async () => {
  const sources = [source('ldap1', fakeDirectory(tree([]))), source('ldap2', dying(fakeDirectory({}), 0))];
  const { byHost, target } = await readContents(sources, { suffix, deep: false, sleep });
  expect(byHost.get('ldap2')).toEqual({
    csns: { unknown: 'the connection ended' },
    content: { unknown: 'the connection ended' },
  });
  expect(target).toEqual(latestPerSid([csn(10)]));
});

test('without any server there is nothing to tell', async () => {
  const { byHost, target } = await readContents([], { suffix, deep: true, sleep });
  expect([byHost.size, target.size]).toEqual([0, 0]);
});

test('since when a server is behind is known from an earlier look, and remembered for the next', () => {
  const target = latestPerSid([csn(20), csn(30, 2)]);
  const servers = [
    serverFacts('ldap1', { csns: { value: target } }),
    serverFacts('ldap2', { csns: { value: latestPerSid([csn(10), csn(30, 2)]) } }),
    serverFacts('ldap3', { csns: { unknown: 'it is down' } }),
  ];
  const before = new Map([
    ['ldap1 001', 5],
    ['ldap3 002', 7],
  ]);
  const since = behindSince({ servers, target }, before);
  expect(since, 'ldap2 is seen so for the first time; ldap1 has caught up').toEqual(
    new Map([['ldap3 002', 7]]),
  );
  const site = siteFacts({ servers, target, behindSince: since, at: 99 });
  expect(rememberedBehind(site)).toEqual(
    new Map([
      ['ldap2 001', 99],
      ['ldap3 002', 7],
    ]),
  );
});
