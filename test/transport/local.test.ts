import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createTransport } from '../../src/transport/pool.ts';
import { transportContract } from './contract.ts';

transportContract('local', async () => {
  const receipts = mkdtempSync(join(tmpdir(), 'lockstep-local-'));
  const transport = createTransport({ askHostKey: async () => false });
  const connection = transport.connect({
    name: 'here',
    address: '127.0.0.1',
    port: 22,
    user: userInfo().username,
    transport: 'local',
    identityFiles: [],
    knownHostsFiles: [],
    receipts,
  });
  return {
    connection,
    prime() {},
    async end() {
      await transport.closeAll();
      rmSync(receipts, { recursive: true, force: true });
    },
  };
});
