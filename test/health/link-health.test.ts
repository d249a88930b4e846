import { describe, expect, test } from 'vitest';
import type { LogLine, MonitorFacts } from '../../src/health/facts.ts';
import { linkHealth } from '../../src/health/link-health.ts';
import { lastError } from '../../src/health/log-lines.ts';
import { agreement, healthySite, MINUTE, NOW, seen, serverOf } from './site.ts';

const persist = agreement(1, 'ldap1');
const line = (text: string, ago = 1_000): LogLine => ({ at: NOW - ago, text });
const facts = (monitor: Partial<MonitorFacts> | undefined, lines: readonly LogLine[] | undefined) => ({
  ...serverOf(healthySite(), 'ldap2'),
  monitor: monitor
    ? seen(
        new Map([
          [
            '001',
            {
              rid: '001',
              phase: 'Persist',
              connection: undefined,
              nextConnect: undefined,
              lastConnect: undefined,
              lastContact: undefined,
              cookieReceived: undefined,
              ...monitor,
            },
          ],
        ]),
      )
    : { unknown: 'no cn=monitor' },
  log: lines ? seen(lines) : { unknown: 'olcLogLevel lacks sync' },
});
const health = (...[monitor, lines]: Parameters<typeof facts>) =>
  linkHealth(facts(monitor, lines), '001', persist, NOW);

describe('by cn=monitor', () => {
  test('a connection is connected, refreshing or a fallback by its phase', () => {
    const connection = '10.0.0.2:40000';
    expect(health({ connection }, []).state).toBe('connected');
    expect(health({ connection, phase: 'Refresh' }, []).state).toBe('refreshing');
    expect(health({ connection, phase: 'Fallback Refresh' }, []).state).toBe('fallback');
  });

  test('without a connection it is down, or has given up when the log says so', () => {
    expect(health({ nextConnect: NOW + 5_000 }, [])).toEqual({
      state: 'down',
      from: 'monitor',
      nextTry: NOW + 5_000,
    });
    expect(health({}, [line('do_syncrepl: rid=001 rc -1 quitting')]).state).toBe('gave up');
    expect(health({}, undefined).state).toBe('down');
  });

  test('one that polls waits between two times', () => {
    const polling = {
      words: persist.words.map((word) =>
        word.key === 'type' ? { key: 'type', value: 'refreshOnly' } : word,
      ),
    };
    expect(linkHealth(facts({}, []), '001', polling, NOW).state).toBe('waiting');
    const failed = [line('do_syncrepl: rid=001 rc -1 retrying')];
    expect(linkHealth(facts({}, failed), '001', polling, NOW).state).toBe('down');
  });

  test('an error of before its last contact is over, one of an agreement that is down is not', () => {
    const connection = '10.0.0.2:40000';
    const failed = [line('do_syncrepl: rid=001 rc -1 retrying', MINUTE)];
    expect(health({ connection, lastContact: NOW }, failed).lastError).toBeUndefined();
    expect(health({ lastContact: NOW }, failed).lastError).toMatchObject({ rc: -1, gaveUp: false });
  });

  test('the cookie tells the ID of the provider, in hex', () => {
    expect(health({ cookieReceived: 'rid=001,sid=01f,csn=x' }, []).providerSid).toBe(31);
    expect(health({ cookieReceived: 'rid=001,csn=x' }, []).providerSid).toBeUndefined();
    const csn = '20261126044342.878420Z#000000#002#000000';
    const { providerSidAt } = health(
      { cookieReceived: `rid=001,sid=002,csn=${csn};${csn.replace('2026', '2025')}` },
      [],
    );
    expect(providerSidAt).toBe(Date.UTC(2026, 10, 26, 4, 43, 42, 878));
  });
});

describe('by the log, where there is no cn=monitor', () => {
  test('it is connected as long as no error of its own is in it', () => {
    expect(health(undefined, []).state).toBe('connected');
    expect(health(undefined, [line('do_syncrepl: rid=002 rc -1 retrying')]).state).toBe('connected');
  });

  test('it is down after an error, until it could have failed again and has not', () => {
    const failed = (ago: number) => health(undefined, [line('do_syncrepl: rid=001 rc 49 retrying', ago)]);
    expect(failed(10_000)).toMatchObject({ state: 'down', lastError: { rc: 49 } });
    expect(failed(10 * MINUTE).state).toBe('connected');
  });

  test('where a trial comes through, it is down until its next try, and no longer', () => {
    const stateAfter = (seconds: number, rest: string, tried: 'ok' | 'refused') => {
      const lines = [line(`do_syncrepl: rid=001 rc -1 retrying${rest}`, seconds * 1000)];
      const trial =
        tried === 'ok'
          ? ({ kind: 'ok', entries: 1, limited: false, passwords: true } as const)
          : ({ kind: 'refused', code: 49, why: '' } as const);
      const trials = new Map([['001', trial]]);
      // retry="5 12 30 +": five seconds apart at first, then thirty.
      return linkHealth({ ...facts(undefined, lines), trials }, '001', persist, NOW).state;
    };
    expect([stateAfter(10, ' (11 retries left)', 'ok'), stateAfter(15, ' (11 retries left)', 'ok')]).toEqual([
      'down',
      'connected',
    ]);
    expect([stateAfter(40, '', 'ok'), stateAfter(60, '', 'ok')]).toEqual(['down', 'connected']);
    expect([stateAfter(60, '', 'refused'), stateAfter(160, '', 'refused')]).toEqual(['down', 'connected']);
  });

  test('it has given up, however long ago that was', () => {
    expect(health(undefined, [line('do_syncrepl: rid=001 rc -1 quitting', 1000 * MINUTE)]).state).toBe(
      'gave up',
    );
  });

  test('nothing is known where the log is not', () => {
    expect(health(undefined, undefined)).toEqual({
      state: 'unknown',
      from: 'nothing',
      why: 'olcLogLevel lacks sync',
    });
  });
});

describe('the last error of an agreement', () => {
  test('takes its code from the line before when the provider ended the search', () => {
    const lines = [
      line('do_syncrep2: rid=001 LDAP_RES_SEARCH_RESULT (32) No such object'),
      line('do_syncrepl: rid=001 rc -101 retrying (4 retries left)'),
    ];
    expect(lastError(lines, '001')).toMatchObject({ rc: 32, gaveUp: false });
    expect(lastError(lines.slice(1), '001')?.rc).toBe(-101);
    expect(lastError(lines, '002')).toBeUndefined();
  });

  test('is none of a consumer, whose RID syncprov names', () => {
    const lines = [
      line('do_syncrepl: rid=001 rc -1 retrying'),
      line('syncprov_sendresp: to=002, rid=001, cookie=rid=001,sid=001'),
    ];
    expect(lastError(lines, '001')?.rc).toBe(-1);
  });

  test('is none when something else came after it', () => {
    expect(
      lastError(
        [line('do_syncrepl: rid=001 rc -1 retrying'), line('do_syncrep2: rid=001 CSN too old, ignoring x')],
        '001',
      ),
    ).toBeUndefined();
  });
});
