/** A controller is stopped past its lease and woken again: the target itself refuses its next start. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import type { LeaseTerms } from '../../src/transport/lease.ts';
import { createTransport } from '../../src/transport/pool.ts';
import { startSshd } from '../sshd.ts';

const sshd = await startSshd();
afterAll(() => sshd.stop());
const directory = mkdtempSync(join(tmpdir(), 'lockstep-late-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const target = sshd.target('one', { receipts: join(directory, 'receipts') });
const transport = createTransport({ askHostKey: async () => false });
afterAll(() => transport.closeAll());
const connection = transport.connect(target);

const terms = (run: string): LeaseTerms => ({
  nonce: `nonce-of-${run}`,
  run,
  controller: 'm:b:s:1:2',
  seconds: 1,
  since: '2026-11-25T01:00:00.000Z',
  who: `${run}@desk`,
  why: 'CHG-1',
});

/** Holds the lease, and executes when it is told to. */
function controller(): {
  child: ChildProcessByStdio<Writable, Readable, null>;
  says: (what: RegExp) => Promise<string>;
} {
  const command = { argv: ['touch', join(directory, 'ran')] };
  const token = { run: 'alice', task: 'late@one', attempt: 1 };
  const words = [target, token, command, terms('alice')].map((value) => JSON.stringify(value));
  const file = join(import.meta.dirname, 'transport-controller.ts');
  const child = spawn(process.execPath, [file, ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  return {
    child,
    says: async (what) => {
      while (!what.test(said)) await sleep(10);
      return said;
    },
  };
}

test.each([
  ['another run has taken the lapsed lease', true],
  ['nobody has, and it goes on', false],
])('when %s', async (_what, taken) => {
  rmSync(join(directory, 'ran'), { force: true });
  rmSync(join(directory, 'receipts'), { recursive: true, force: true });
  const { child, says } = controller();
  await says(/leased/);
  child.kill('SIGSTOP');
  const look = async () => {
    const held = await connection.lease({ act: 'look' });
    return held.kind === 'held' ? held : undefined;
  };
  while (!(await look())?.lapsed) await sleep(100);
  const over = (await look())?.epoch ?? 0;
  if (taken)
    expect(await connection.lease({ act: 'claim', terms: terms('bob'), over })).toMatchObject({
      kind: 'taken',
    });
  child.stdin.write('go\n');
  child.kill('SIGCONT');
  const said = await says(/\{.*\}/);
  expect(said).toContain(taken ? '"refused":"fenced"' : '"exit":{"kind":"exited","code":0}');
  expect(existsSync(join(directory, 'ran'))).toBe(!taken);
  const receipt = await connection.receipt({ run: 'alice', task: 'late@one', attempt: 1 });
  expect(receipt.kind).toBe(taken ? 'never-started' : 'ended');
});
