import type { Duplex } from 'node:stream';

/**
 * ssh2 without its native addon writes an AES-GCM packet as length, ciphertext and tag (its crypto.js), and each would
 * be a system call, a TCP segment and a wake-up of sshd. Gathers what is written in one turn of the event loop.
 */
export function gatherWrites<T extends Duplex>(sock: T): T {
  const write = sock.write.bind(sock);
  let gathering = false;
  const release = (): void => {
    gathering = false;
    sock.uncork();
  };
  sock.write = (...written: unknown[]): boolean => {
    if (!gathering) {
      gathering = true;
      sock.cork();
      process.nextTick(release);
    }
    return write(...(written as Parameters<typeof write>));
  };
  return sock;
}
