import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createTransport } from '../../src/transport/pool.ts';
import { startSshd } from '../sshd.ts';
import { transportContract } from '../transport/contract.ts';

const sshd = await startSshd();
afterAll(() => sshd.stop());

transportContract('ssh2', async () => {
  const receipts = mkdtempSync(join(tmpdir(), 'lockstep-ssh2-'));
  const transport = createTransport({ askHostKey: async () => false });
  return {
    connection: transport.connect(sshd.target('one', { receipts })),
    prime() {},
    async end() {
      await transport.closeAll();
      rmSync(receipts, { recursive: true, force: true });
    },
  };
});
