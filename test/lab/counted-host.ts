import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** An inventory whose only host, ldap1, listens on this machine and counts who comes: for runs that must contact nobody. */
export function countedHost(folder: string): { readonly inventory: string; contacts(): number } {
  const inventory = join(folder, 'inventory.yaml');
  let contacts = 0;
  const listener = createServer((socket) => {
    contacts += 1;
    socket.destroy();
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('the listener has no port');
    const hosts = `{ ldap1: { address: 127.0.0.1, port: ${address.port} } }`;
    writeFileSync(
      inventory,
      `format: lockstep-inventory/1\nhosts: ${hosts}\ngroups: { masters: { hosts: [ldap1] } }\n`,
    );
  });
  afterAll(() => new Promise((resolve) => listener.close(resolve)));
  return { inventory, contacts: () => contacts };
}
