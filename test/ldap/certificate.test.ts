import { describe, expect, it } from 'vitest';
import { daysLeft, describeCertificate, isFor, parsePem, unvouched } from '../../src/ldap/certificate.ts';
import { certificates } from '../certificates.ts';

function one(text: string) {
  const [certificate] = parsePem(text);
  if (!certificate) throw new Error('no certificate');
  return certificate;
}

describe('a PEM text', () => {
  it('gives its certificates in their order, whatever stands between them', () => {
    const files = certificates();
    files.authority('ca');
    files.sign('ldap1', 'ca');
    const text = `subject=x\n${files.text('ldap1.key')}${files.text('ldap1.pem')}\r\n# the authority\n${files.text('ca.pem')}`;
    expect(parsePem(text).map(({ subject }) => subject)).toEqual(['CN=ldap1', 'CN=ca']);
    expect(() => parsePem(files.text('ldap1.key'))).toThrow('it holds no PEM certificate');
    expect(() => parsePem('')).toThrow('it holds no PEM certificate');
    expect(() => parsePem(files.text('ca.pem').replace(/\n.{64}\n/, '\nnonsense\n'))).toThrow();
  });
});

describe('a certificate', () => {
  it('says whom it names, who signed it and from when to when it holds', () => {
    const files = certificates();
    files.authority('ca');
    files.sign('ldap1', 'ca', { subject: 'somebody/O=Example', san: 'DNS:ldap1.example.org,IP:10.0.0.1' });
    const began = Date.now();
    const { names, issuer, subject, notBefore, notAfter } = describeCertificate(one(files.text('ldap1.pem')));
    expect({ names, issuer, subject }).toEqual({
      names: ['ldap1.example.org', '10.0.0.1'],
      issuer: 'CN=ca',
      subject: 'CN=somebody, O=Example',
    });
    expect(Math.abs(notBefore - began)).toBeLessThan(60_000);
    expect(notAfter - notBefore).toBe(30 * 86_400_000);
  });

  it('is for the names and addresses that it lists, and for its CN only where it lists none', () => {
    const files = certificates();
    files.authority('ca');
    files.sign('listed', 'ca', {
      subject: 'cn.example.org',
      san: 'DNS:a.example.org,DNS:*.b.org,IP:10.0.0.1',
    });
    files.sign('bare', 'ca', { subject: 'cn.example.org' });
    const listed = one(files.text('listed.pem'));
    for (const name of ['a.example.org', 'A.Example.org', 'x.b.org', '10.0.0.1'])
      expect(isFor(listed, name), name).toBe(true);
    for (const name of ['cn.example.org', 'b.org', 'x.y.b.org', '10.0.0.2', 'ample.org'])
      expect(isFor(listed, name), name).toBe(false);
    expect(isFor(one(files.text('bare.pem')), 'cn.example.org')).toBe(true);
  });

  it.each([
    [0, 0],
    [86_399_999, 0],
    [86_400_000, 1],
    [-1, -1],
    [-86_400_001, -2],
  ])('that ends in %d ms has %d days left', (ms, days) => {
    expect(daysLeft(1_000_000_000_000 + ms, 1_000_000_000_000)).toBe(days);
  });
});

describe('a chain', () => {
  it('is vouched for by an authority that has signed it, directly or by those between', () => {
    const files = certificates();
    files.authority('ca');
    files.sign('between', 'ca', { isAuthority: true });
    files.sign('ldap1', 'between');
    const [ca, between, ldap1] = ['ca', 'between', 'ldap1'].map((name) => one(files.text(`${name}.pem`)));
    if (!ca || !between || !ldap1) throw new Error('three certificates');
    expect(unvouched([ldap1, between], [ca])).toBeUndefined();
    expect(unvouched([ldap1], [ca, between])).toBeUndefined();
    expect(unvouched([ca], [ca])).toBeUndefined();
    expect(unvouched([ldap1], [ca])).toBe('nobody here has signed CN=ldap1 (issuer CN=between)');
    expect(unvouched([ldap1, between], [])).toMatch(
      /signed CN=between \(issuer CN=ca\)|does not end at an authority/,
    );
  });

  it('is not vouched for by another authority of the same name', () => {
    const files = certificates();
    files.authority('ca');
    files.sign('ldap1', 'ca');
    const ldap1 = one(files.text('ldap1.pem'));
    files.authority('ca');
    expect(unvouched([ldap1], [one(files.text('ca.pem'))])).toBe(
      'nobody here has signed CN=ldap1 (issuer CN=ca)',
    );
  });

  it('that signs itself and is no authority of the file ends nowhere', () => {
    const files = certificates();
    files.authority('self');
    files.authority('ca');
    const self = one(files.text('self.pem'));
    expect(unvouched([self], [one(files.text('ca.pem'))])).toBe(
      'nobody here has signed CN=self (issuer CN=self)',
    );
    expect(unvouched([self, self], [one(files.text('ca.pem'))])).toBe(
      'its chain does not end at an authority of the file',
    );
  });
});
