/** ssh2's failures to connect, in the operator's words. */
import { TransportError } from '../engine/ports.ts';
import type { Target } from './transport.ts';

/** What was tried to log in, what the server takes, and which keys could not be used. */
export interface LoginStory {
  readonly tried: readonly string[];
  readonly taken: readonly string[];
  readonly problems: readonly string[];
}

/** A connection that was cut before the handshake: sshd does that beyond MaxStartups; trying again helps. */
export function isStartupDrop(error: unknown): boolean {
  return (
    error instanceof Error &&
    /lost before handshake|ECONNRESET|socket hang up|EPIPE|Connection lost$/.test(error.message)
  );
}

/** A TransportError for what went wrong before the login was complete. Nothing has run. */
export function connectError(target: Target, error: unknown, login: LoginStory): TransportError {
  if (error instanceof TransportError) return error;
  const { name, address, port } = target;
  const where = `${name} (${address}:${port})`;
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const level = 'level' in cause && typeof cause.level === 'string' ? cause.level : '';
  const make = (kind: 'not-started' | 'refused', message: string, next: string): TransportError =>
    new TransportError(kind, name, message, next, { cause });
  if (level === 'client-authentication') return make('refused', ...loginRefused(target, login));
  if (code === 'ECONNREFUSED') {
    return make(
      'not-started',
      `${where} refused the connection`,
      `Check that sshd runs and listens on port ${port}.`,
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const why = code === 'ENOTFOUND' ? 'is not known to DNS' : 'could not be looked up: DNS does not answer';
    return make(
      'not-started',
      `${name}: the name ${address} ${why}`,
      'Correct the address in the inventory.',
    );
  }
  if (code === 'ETIMEDOUT' || level === 'client-timeout') {
    return make('not-started', `${where} does not answer`, 'Check the host, the network and the firewall.');
  }
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return make('not-started', `there is no way to ${where}: ${code}`, 'Check the network and the address.');
  }
  if (level === 'handshake' || /no matching/.test(cause.message)) {
    return make(
      'refused',
      `${where} and lockstep agree on no SSH algorithm: ${cause.message}`,
      'Update sshd, or widen its algorithms.',
    );
  }
  return make(
    'not-started',
    `${where} cannot be reached: ${cause.message}`,
    'Check the host and its link, then try again.',
  );
}

function loginRefused(target: Target, login: LoginStory): readonly [string, string] {
  const tried = login.tried.length === 0 ? 'nothing to log in with' : `tried ${login.tried.join(', ')}`;
  const taken = login.taken.length === 0 ? '' : `; the server takes ${login.taken.join(', ')}`;
  const problems = login.problems.map((problem) => `; ${problem}`).join('');
  return [
    `${target.name} refused the login of ${target.user}: ${tried}${taken}${problems}`,
    `Check user and keys with: ssh -p ${target.port} ${target.user}@${target.address}`,
  ];
}
