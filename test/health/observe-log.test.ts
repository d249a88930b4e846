/** What slapd has logged about replication, from the journal, from syslog's files and from its own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ReadPorts } from '../../src/engine/ports.ts';
import { logsSync, parseLog, readLog } from '../../src/health/observe/log.ts';
import { LOG_SCRIPT } from '../../src/health/observe/log-script.ts';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

const failed = 'do_syncrepl: rid=001 rc 49 retrying';
const at = Date.UTC(2026, 10, 26, 4, 52, 36);

describe('a line', () => {
  const head = `==now ${at / 1000 + 60} +0100`;
  test.each([
    ['of the journal', `${at / 1000}.500000 ldap1 slapd[78]: ${failed}`, at + 500],
    ['of rsyslog with RFC 3339', `2026-11-26T05:52:36.500000+01:00 ldap1 slapd[78]: ${failed}`, at + 500],
    ["of syslog's old form, in the zone of the host", `Nov 26 05:52:36 ldap1 slapd[78]: ${failed}`, at],
    ['of olcLogFile', `${(at / 1000).toString(16)}.1dcd6500 0x7fc4381075a0 ${failed}`, at],
  ])('%s has its time and its message alone', (_, line, time) => {
    expect(parseLog(`${head}\n==file\n${line}\n`)).toEqual([{ at: time, text: failed }]);
  });

  test('of December that is read in January is of the year before', () => {
    const january = Date.UTC(2027, 0, 1, 0, 10) / 1000;
    const [line] = parseLog(`==now ${january} +0000\n==file\nDec 31 23:59:00 ldap1 slapd[1]: ${failed}\n`);
    expect(line?.at).toBe(Date.UTC(2026, 11, 31, 23, 59));
  });

  test('without a time that can be read is left out', () => {
    expect(parseLog(`${head}\n==file\nsomething else\n`)).toEqual([]);
  });
});

test('sync is logged by its name, its number, as part of a number, and with any', () => {
  for (const levels of [['sync'], ['stats sync'], ['16384'], ['0x4100'], ['any'], ['-1'], ['256', 'sync']])
    expect(logsSync(levels), levels.join()).toBe(true);
  for (const levels of [[], ['none'], ['stats'], ['256'], ['0x100']])
    expect(logsSync(levels), levels.join()).toBe(false);
});

describe('the script', () => {
  const loud = (rid: number, count: number) =>
    Array.from(
      { length: count },
      (_, n) => `6926d0a0.00000000 0x7f do_syncrep2: rid=00${rid} CSN too old, ignoring ${n}`,
    );
  const run = (lines: readonly string[]) => {
    const file = join(folder, 'slapd.log');
    writeFileSync(file, `${lines.join('\n')}\n`);
    const env = {
      PATH: process.env['PATH'],
      LC_ALL: 'C',
      LOCKSTEP_LOG_FILE: file,
      LOCKSTEP_UNIT: 'slapd',
      LOCKSTEP_SINCE: '0',
    };
    return execFileSync('sh', ['-c', LOG_SCRIPT], { env, encoding: 'utf8' });
  };
  const texts = (lines: readonly string[]) => parseLog(run(lines)).map(({ text }) => text);
  const line = (text: string) => `6926d0a0.00000000 0x7f ${text}`;

  test('keeps what went wrong, however often what is harmless comes after it', () => {
    const found = texts([line(failed), ...loud(2, 5000), line('do_syncrepl: rid=003 rc -1 quitting')]);
    expect(found[0]).toBe(failed);
    expect(found.at(-1)).toBe('do_syncrepl: rid=003 rc -1 quitting');
    expect(found.length).toBe(62);
    expect(found[1]).toContain('ignoring 4940');
  });

  test('keeps the last line of each agreement that does well again, in its place', () => {
    const well = 'do_syncrep2: rid=001 LDAP_RES_INTERMEDIATE - REFRESH_DELETE';
    expect(
      texts([
        line(failed),
        line('syncrepl_entry: rid=001 be_add cn=a (0)'),
        line(well),
        line('conn=1 fd=12 ACCEPT'),
      ]),
    ).toEqual([failed, well]);
  });

  test("does not take syncprov's lines, whose rid is one of the consumer, for its own agreement", () => {
    const provider =
      'conn=1134 op=1 syncprov_op_search: got a persistent search with a cookie=rid=001,sid=002';
    expect(texts([line(failed), line(provider)])).toEqual([failed]);
  });

  test.each([
    'do_syncrep2: rid=001 LDAP_RES_SEARCH_RESULT (32) No such object',
    'syncprov_op_search: consumer state is newer than provider!',
    'do_syncrep2: rid=001 delta-sync lost sync on (cn=a), switching to REFRESH',
    'dn_callback : new entry is older than ours cn=a ours 2026 new 2025',
    'mdb_add: txn_commit failed: MDB_MAP_FULL: Environment mapsize limit reached (-30792) rid=001',
    'do_syncrepl: rid=001 rc -101 retrying (4 retries left)',
  ])('keeps: %s', (text) => {
    expect(texts([line('conn=1 op=0 BIND'), line(text), line('conn=1 op=1 SRCH')])).toEqual([text]);
  });

  test('says which file it cannot read', () => {
    const env = {
      ...process.env,
      LOCKSTEP_LOG_FILE: '/no/such/file',
      LOCKSTEP_UNIT: 'slapd',
      LOCKSTEP_SINCE: '0',
    };
    expect(() => execFileSync('sh', ['-c', LOG_SCRIPT], { env, stdio: 'pipe' })).toThrow(
      '/no/such/file cannot be read',
    );
  });
});

test('a log without a line is unknown where slapd was not told to log sync, and empty where it was', async () => {
  const probe: ReadPorts['probe'] = async () => ({
    exit: { kind: 'exited', code: 0 },
    stdout: `==now ${at / 1000} +0000\n==journal\n`,
    stderr: '',
    truncated: false,
    durationMs: 1,
  });
  const catalogue = (level: string) => ({
    entries: [{ dn: 'cn=config', attributes: { olcLogLevel: [level] } }],
    schemas: [],
  });
  const started = { unit: 'slapd', startedAt: at - 1000 };
  await expect(readLog({ probe }, started, catalogue('stats'))).rejects.toThrow('olcLogLevel lacks sync');
  expect(await readLog({ probe }, started, catalogue('sync'))).toEqual([]);
});
