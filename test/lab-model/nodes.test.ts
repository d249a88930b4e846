import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { inventoryText } from '../../src/lab/inventory-text.ts';
import { hostNames, type NodeKind, nodesText, parseNodes } from '../../src/lab/nodes.ts';
import { platformNamed } from '../../src/lab/platforms/index.ts';
import { labRequest } from '../../src/lab/request.ts';

const kinds: readonly NodeKind[] = ['master', 'bare', 'replica', 'mailstore', 'mta', 'proxy'];
const zimbra = (words: object = {}) => labRequest('demo', { platform: 'zimbra', ...words });
const openldap = (words: object = {}) => labRequest('demo', { platform: 'openldap', ...words });

test('nodes come masters first, and bare hosts count on in their name', () => {
  const nodes = parseNodes('mta=1,bare=2, master=1,mailstore=2', kinds);
  expect(nodes).toEqual(['master', 'bare', 'bare', 'mailstore', 'mailstore', 'mta']);
  expect(hostNames(nodes)).toEqual(['ldap1', 'ldap2', 'ldap3', 'store1', 'store2', 'mta1']);
  expect(nodesText(nodes)).toBe('6 hosts (master=1, bare=2, mailstore=2, mta=1)');
});

test.each([
  ['', '"" is no KIND=COUNT with one of master, bare'],
  ['master', '"master" is no KIND=COUNT'],
  ['master=1,master=2', 'master stands there twice'],
  ['queen=1', '"queen=1" is no KIND=COUNT'],
  ['master=0', 'makes 0 hosts, and a lab has 1 to 100'],
  ['master=99999999999', 'hosts, and a lab has 1 to 100'],
])('nodes %j are refused with what may stand there', (text, reason) => {
  expect(() => parseNodes(text, kinds)).toThrow(reason);
});

test('a release brings its Debian; without one the usual release is taken', () => {
  expect(zimbra()).toMatchObject({ release: '8.8', debian: 11, nodes: ['master'] });
  expect(zimbra({ release: '10' })).toMatchObject({ release: '10', debian: 12 });
  expect(zimbra({ release: '10', debian: '12' })).toMatchObject({ debian: 12 });
  expect(labRequest('demo', { platform: 'carbonio' })).toMatchObject({ release: '24', debian: 13 });
});

test('OpenLDAP is as before: two hosts on Debian 12, counted by --hosts and --bare', () => {
  expect(openldap()).toMatchObject({ debian: 12, nodes: ['master', 'master'] });
  expect(openldap({ hosts: '3', bare: '1' }).nodes).toEqual(['master', 'master', 'bare']);
  expect(openldap({ nodes: 'master=1,bare=1' }).nodes).toEqual(['master', 'bare']);
  expect(openldap()).not.toHaveProperty('release');
});

test.each([
  [{ release: '9' }, '--release 9: of zimbra a lab has 8.8, 8.0.6, 8.6, 10'],
  [{ debian: '12' }, '--debian 12: zimbra 8.8 runs on 11 in a lab; leave it out'],
  [{ hosts: '2' }, '--hosts 2: hosts of zimbra are of several kinds; write --nodes master=1,bare=1'],
  [{ bare: '1' }, '--bare 1: hosts of zimbra are of several kinds'],
  [{ nodes: 'bare=1,replica=1' }, '--nodes bare=1,replica=1: a replica needs a master to join; add master=1'],
])('words that contradict each other are told: zimbra with %j', (words, reason) => {
  expect(() => zimbra(words)).toThrow(reason);
});

test.each([
  [{ release: '8.8' }, '--release 8.8: openldap comes with Debian; choose its release with --debian'],
  [{ nodes: 'replica=1' }, '"replica=1" is no KIND=COUNT with one of master, bare'],
  [{ nodes: 'master=1', hosts: '2' }, '--hosts 2: --nodes says already which hosts there are'],
  [{ hosts: 'x' }, '--hosts x: must be a whole number from 1 to 100'],
])('words that contradict each other are told: openldap with %j', (words, reason) => {
  expect(() => openldap(words)).toThrow(reason);
});

test('the inventory has a group for each kind of node that is there, and the platform’s secrets', () => {
  const nodes = parseNodes('master=1,bare=1,replica=1,mailstore=2', kinds);
  const names = hostNames(nodes);
  const hosts = nodes.map((kind, index) => {
    const name = names[index] ?? '';
    return { name, kind, fqdn: `${name}.lab.example`, address: `10.77.1.${11 + index}` };
  });
  const { groups, vars } = parse(inventoryText('demo', platformNamed('zimbra'), hosts));
  expect(groups).toEqual({
    masters: { hosts: ['ldap1'] },
    bare: { hosts: ['ldap2'] },
    replicas: { hosts: ['replica1'] },
    mailstores: { hosts: ['store1', 'store2'] },
  });
  expect(vars.secrets.root).toBe('file:/var/lib/lockstep/labs/demo/secrets/ldap-root-password');
  expect(Object.keys(vars.secrets)).toContain('bes-searcher');
  const carbonio = parse(inventoryText('demo', platformNamed('carbonio'), hosts));
  expect(Object.keys(carbonio.vars.secrets)).not.toContain('bes-searcher');
});

test('every platform describes each kind of its nodes, and names the ports that answer there', () => {
  const { describe, ports } = platformNamed('zimbra');
  const host = (name: string, kind: NodeKind) => ({ name, kind, fqdn: '', address: '' });
  expect(describe(host('ldap1', 'master'))).toBe('master, with 200 people in dc=example,dc=com');
  expect(describe(host('ldap2', 'bare'))).toContain('/opt/zimbra/libexec/zmsetup.pl -c FILE');
  expect(describe(host('store1', 'mailstore'))).toBe('mailstore');
  expect(kinds.filter((kind) => ports(kind).includes(389))).toEqual(['master', 'bare', 'replica']);
});
