import { appendFileSync, mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { waitQuiet } from '../../src/actions/wait-quiet.ts';
import { localPorts } from './local-ports.ts';
import { scriptedPorts } from './ports.ts';

/** Watches a real log; `acts` are what happens during the 1st, 2nd, 3rd sleep of 2 s. */
async function watch(
  acts: readonly ((log: string) => void)[],
  params: { for?: string; pattern?: string } = {},
) {
  const dir = mkdtempSync(join(tmpdir(), 'lockstep-quiet-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const log = `${dir}/mail.log`;
  writeFileSync(log, 'an old ERROR\n');
  const left = [...acts];
  const all = { path: log, pattern: 'ERROR|err=', for: '6s', ...params };
  const facts = await waitQuiet.read(
    all,
    localPorts(() => left.shift()?.(log)),
  );
  return { facts, lacking: waitQuiet.lacking(all, facts)?.replace(dir, '') };
}

const add = (text: string) => (log: string) => appendFileSync(log, text);
const rotate = (log: string) => {
  renameSync(log, `${log}.1`);
  writeFileSync(log, '');
};

test('a log is quiet when nothing that matches is added; what was there before does not count', async () => {
  expect((await watch([add('fine\n'), add('fine too\n')])).lacking).toBeUndefined();
});

test('a matching line ends the look and is told', async () => {
  const { facts, lacking } = await watch([add('a ERROR\nfine\nb err=49\n')]);
  expect(facts).toEqual({ kind: 'line', line: 'b err=49', count: 2 });
  expect(lacking).toBe('/mail.log got 2 matching lines within 6s; the last: b err=49');
});

test('a line that comes in two halves is seen whole', async () => {
  expect((await watch([add('half an ER'), add('ROR here\n')])).facts).toMatchObject({
    line: 'half an ERROR here',
  });
});

test('the rest of a rotated log and its new file are both read', async () => {
  const last = (log: string) => {
    appendFileSync(log, 'ERROR before the rotation\n');
    rotate(log);
  };
  expect((await watch([last])).facts).toMatchObject({ kind: 'line', line: 'ERROR before the rotation' });
  const first = (log: string) => {
    rotate(log);
    appendFileSync(log, 'ERROR after it\n');
  };
  expect((await watch([first])).facts).toMatchObject({ kind: 'line', line: 'ERROR after it', count: 1 });
  expect((await watch([rotate])).facts.kind).toBe('quiet');
});

test('a log that is truncated in place is read from its start', async () => {
  expect((await watch([(log) => writeFileSync(log, 'ERROR\n')])).facts).toMatchObject({
    kind: 'line',
    count: 1,
  });
});

test('a rotated log whose old file is gone proves nothing', async () => {
  const gone = (log: string) => {
    // A second file keeps the inode from being used again at once.
    writeFileSync(`${log}.new`, '');
    unlinkSync(log);
    renameSync(`${log}.new`, log);
  };
  expect((await watch([gone])).lacking).toBe(
    '/mail.log was rotated, and the rest of the old file can no longer be read',
  );
});

test('a log that is missing is not quiet', async () => {
  expect((await watch([unlinkSync])).lacking).toBe('/mail.log is not there');
  const facts = await waitQuiet.read({ path: '/nonexistent/log', pattern: 'x', for: '1s' }, localPorts());
  expect(facts.kind).toBe('missing');
});

test('a pattern that grep cannot read is an error', async () => {
  await expect(watch([], { pattern: '(' })).rejects.toMatchObject({
    message: 'wait.quiet: grep cannot read the pattern /(/',
    next: expect.stringContaining('POSIX'),
  });
});

test('one look takes as long as it must be quiet, in steps of two seconds', async () => {
  const quiet = { gives: { stdout: '0\n\n' } };
  const ports = scriptedPorts([
    { probe: { as: 'root' }, gives: { stdout: '7 100\n' } },
    ...Array.from({ length: 3 }, () => ({
      probe: { env: { LOCKSTEP_INODE: '7', LOCKSTEP_OFFSET: '100' } },
      ...quiet,
    })),
  ]);
  await waitQuiet.read({ path: '/l', pattern: 'x', for: '5s', as: 'root' }, ports);
  ports.done();
  expect(ports.slept).toEqual([2_000, 2_000, 1_000]);
});

test('the deadline is never shorter than the quiet itself', () => {
  const base = { path: '/l', pattern: 'x' };
  expect(waitQuiet.patienceOf?.({ ...base, for: '30s' }).withinMs).toBe(150_000);
  expect(waitQuiet.patienceOf?.({ ...base, for: '5s' }).withinMs).toBe(60_000);
  expect(waitQuiet.params.safeParse({ ...base, for: '30s', within: '20s' }).success).toBe(false);
});
