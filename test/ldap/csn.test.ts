import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareCsn, csnTime, formatCsn, formatSid, latestPerSid, parseCsn } from '../../src/ldap/csn.ts';
import { formatGeneralizedTime, parseGeneralizedTime } from '../../src/ldap/generalized-time.ts';

const csn = fc
  .record({
    at: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    micros: fc.integer({ min: 0, max: 999_999 }),
    count: fc.integer({ min: 0, max: 0xffffff }),
    sid: fc.integer({ min: 0, max: 4095 }),
    mod: fc.integer({ min: 0, max: 0xffffff }),
  })
  .map(({ at, ...rest }) => ({ ...rest, second: formatGeneralizedTime(at).slice(0, 14) }));

describe('csn', () => {
  it('reads back what it wrote, and orders within one SID as bytes do', () => {
    fc.assert(
      fc.property(csn, csn, (a, other) => {
        const b = { ...other, sid: a.sid };
        expect(parseCsn(formatCsn(a))).toEqual(a);
        const bytes = Buffer.compare(Buffer.from(formatCsn(a)), Buffer.from(formatCsn(b)));
        expect(Math.sign(compareCsn(a, b))).toBe(bytes);
      }),
    );
  });

  it('reads the old form without fraction and with a short SID as equal to the new', () => {
    expect(formatCsn(parseCsn('20061122015600Z#000001#0A#000000'))).toBe(
      '20061122015600.000000Z#000001#00a#000000',
    );
  });

  it('takes the newest of each SID, in the order of SIDs', () => {
    const latest = latestPerSid([
      '20261122020150.340674Z#000000#002#000000',
      '20261122020150.340674Z#000000#001#000000',
      '20261122020150.340675Z#000000#001#000000',
    ]);
    expect([...latest].map(([sid, one]) => [formatSid(sid), one.micros])).toEqual([
      ['001', 340675],
      ['002', 340674],
    ]);
  });

  it('gives the time of a change in milliseconds', () => {
    expect(new Date(csnTime(parseCsn('20261122020150.340674Z#000000#001#000000'))).toISOString()).toBe(
      '2026-11-22T02:01:50.340Z',
    );
  });

  it.each(['', '2026', '20261122020150.340674Z#000000#0001#000000', '20261122020150Z'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseCsn(text)).toThrow('is not a CSN');
    },
  );
});

describe('generalized time', () => {
  it('reads back whole seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (second) => {
        expect(parseGeneralizedTime(formatGeneralizedTime(second * 1000))).toBe(second * 1000);
      }),
    );
  });

  it('knows offsets, fractions, missing parts and slapd’s word for never', () => {
    const noon = Date.UTC(2026, 10, 22, 12);
    expect(parseGeneralizedTime('20261122130000+0100')).toBe(noon);
    expect(parseGeneralizedTime('2026112212Z')).toBe(noon);
    expect(parseGeneralizedTime('20261122120000.25Z')).toBe(noon + 250);
    expect(parseGeneralizedTime('202611221200.5Z')).toBe(noon + 30_000);
    expect(parseGeneralizedTime('00000101000000Z')).toBeUndefined();
    expect(() => parseGeneralizedTime('yesterday')).toThrow('"yesterday"');
  });
});
