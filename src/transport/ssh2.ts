/** One SSH connection to one host, by the ssh2 package. */

import { connect } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2';
import ssh2 from 'ssh2';
import { TransportError } from '../engine/ports.ts';
import { gatherWrites } from './gather-writes.ts';
import type { HostKeyJudge } from './host-key.ts';
import { hostKeyJudges } from './host-key.ts';
import { fingerprint } from './known-hosts.ts';
import type { Link } from './link.ts';
import type { Dial } from './reach.ts';
import type { Semaphore } from './semaphore.ts';
import { authHandler, readLogin } from './ssh-auth.ts';
import { connectError, isStartupDrop } from './ssh-errors.ts';
import { sshLink } from './ssh-link.ts';
import type { Target, TransportOptions } from './transport.ts';

/** ssh2's own order, fastest first; types on file go before it. */
const HOST_KEYS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

/** How often a connection cut before the handshake (MaxStartups) is tried again. */
const STARTUP_TRIES = 8;

export interface Ssh2Surroundings {
  readonly options: TransportOptions;
  /** Shared by all hosts of the run. */
  readonly handshakes: Semaphore;
  /** A pipe to the target through its last jump host; undefined when there is none. */
  readonly through: (() => Promise<Duplex>) | undefined;
}

/** Dials `target`; each call makes a new connection. */
export function ssh2Dial(target: Target, surroundings: Ssh2Surroundings): Dial {
  const judges = hostKeyJudges(target, surroundings.options.askHostKey);
  return async () => {
    const judge = await judges();
    for (let attempt = 1; ; attempt++) {
      // Before the turn is taken: the jump host's own handshake needs one too.
      const sock = await surroundings.through?.();
      const leave = await surroundings.handshakes.enter();
      try {
        return await shakeHands(target, surroundings.options, judge, sock, leave);
      } catch (error) {
        const drop = error instanceof TransportError && isStartupDrop(error.cause);
        if (!drop || attempt === STARTUP_TRIES) throw error;
      } finally {
        leave();
      }
      // sshd drops at random beyond its limit; spread out, or all come back at once.
      await sleep(attempt * (50 + Math.random() * 150));
    }
  };
}

async function shakeHands(
  target: Target,
  options: TransportOptions,
  judge: HostKeyJudge,
  sock: Duplex | undefined,
  leave: () => void,
): Promise<Link> {
  const login = await readLogin(target);
  const tried: string[] = [];
  const taken = new Set<string>();
  const client = new ssh2.Client();
  const timeoutMs = target.connectTimeoutMs ?? options.connectTimeoutMs ?? 30_000;
  let hostKey = '';
  let timer: NodeJS.Timeout | undefined;
  let refused: unknown;
  let asking: Promise<void> | undefined;
  let over = false;
  const wire = gatherWrites(sock ?? connect(target.port, target.address));
  const story = { tried, taken: [], problems: login.problems };
  try {
    await new Promise<void>((resolve, reject) => {
      const late = (): void => reject(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }));
      timer = setTimeout(late, timeoutMs);
      client.once('ready', resolve);
      client.on('error', reject);
      client.once('close', () => reject(new Error('Connection lost')));
      const config: ConnectConfig = {
        username: target.user,
        sock: wire as Readable,
        readyTimeout: 0,
        keepaliveInterval: target.keepaliveMs ?? options.keepaliveMs ?? 15_000,
        keepaliveCountMax: target.keepaliveTries ?? 3,
        algorithms: {
          serverHostKey: [
            ...new Set([...judge.algorithms.filter((name) => HOST_KEYS.includes(name)), ...HOST_KEYS]),
          ] as ServerHostKeyAlgorithm[],
        },
        authHandler: authHandler(login, tried, taken) as NonNullable<ConnectConfig['authHandler']>,
        hostVerifier: (key: Buffer, verify: (good: boolean) => void) => {
          hostKey = fingerprint(key);
          // A person may be asked: no clock runs meanwhile, and others may shake hands.
          clearTimeout(timer);
          const freed = setTimeout(leave, 1000);
          asking = judge
            .judge(key)
            .then(
              () => verify(true),
              (error) => {
                refused = error;
                verify(false);
              },
            )
            .finally(() => {
              clearTimeout(freed);
              if (!over) timer = setTimeout(late, timeoutMs);
            });
        },
      };
      client.connect(config);
    });
  } catch (error) {
    over = true;
    // sshd hangs up on a person who takes long (LoginGraceTime); the answer counts for the next try.
    await asking;
    client.on('error', () => {});
    client.destroy();
    throw connectError(target, refused ?? error, { ...story, taken: [...taken] });
  } finally {
    over = true;
    clearTimeout(timer);
  }
  client.removeAllListeners('error').removeAllListeners('close');
  client.setNoDelay(true);
  return sshLink(client, target.user, hostKey, wire);
}
