/** A way to a host's sshd that counts who takes it: proof that nobody was contacted. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { labDir } from '../../src/lab/lab-paths.ts';
import type { SharedLab } from './shared-lab.ts';

export interface CountingWay {
  /** Connections made since the way was opened. */
  taken(): number;
  /** Writes an inventory beside `folder` whose only host, ldap1, is reached by this way; resolves to its path. */
  inventory(folder: string): Promise<string>;
}

/** Opened when its inventory is first asked for, closed after the tests of the file. */
export function countingWay(lab: SharedLab): CountingWay {
  let count = 0;
  const open = new Set<Socket>();
  let server: Server | undefined;
  afterAll(() => {
    for (const socket of open) socket.destroy();
    server?.close();
  });
  return {
    taken: () => count,
    async inventory(folder) {
      const [host] = lab.record().hosts;
      server = createServer((near) => {
        count++;
        const far = connect({ host: host?.address ?? '', port: 22 });
        for (const [from, to] of [
          [near, far],
          [far, near],
        ] as const) {
          open.add(from);
          from.on('error', () => to.destroy());
          from.on('close', () => {
            to.destroy();
            open.delete(from);
          });
          from.pipe(to);
        }
      });
      await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const key = / (ssh-\S+ \S+)$/m.exec(readFileSync(join(labDir(lab.name), 'known_hosts'), 'utf8'))?.[1];
      const known = join(folder, 'known_hosts');
      writeFileSync(known, `[127.0.0.1]:${port} ${key}\n`);
      const path = join(folder, 'counting.yaml');
      writeFileSync(
        path,
        `format: lockstep-inventory/1
access: { user: root, identity: ${join(labDir(lab.name), 'id_ed25519')}, known-hosts: ${known} }
groups: { masters: { hosts: [ldap1] } }
hosts: { ldap1: { address: ldap1.lab.example, connect: 127.0.0.1, port: ${port} } }
`,
      );
      return path;
    },
  };
}
