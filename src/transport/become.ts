/**
 * Turning into another user. A password goes to the tool's standard input only after the tool has asked for it: sent
 * blindly, it would be read by the shell as a command.
 */
import { TransportError } from '../engine/ports.ts';
import { reveal } from '../secrets/secret.ts';
import type { Channel, Closed } from './link.ts';
import { LaneLost } from './link.ts';
import { quote } from './shell.ts';
import type { Become, Target } from './transport.ts';

/** The user a command runs as: its own, else the host's, else the login user. */
export function effectiveUser(target: Target, as: string | undefined, login: string): string {
  return as ?? target.become?.user ?? login;
}

export interface Entry {
  readonly commandLine: string;
  /** Printed by the shell when it is there; undefined when there is nobody to turn into. */
  readonly ready?: string;
  readonly prompt?: string;
  readonly become?: Become;
  readonly user: string;
}

/** How to start `sh` as `user`; `nonce` marks the prompt and the readiness. Pure. */
export function entryFor(target: Target, user: string, login: string, nonce: string): Entry {
  if (user === login) return { commandLine: 'exec sh', user };
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@\\-]*\$?$/.test(user)) {
    throw new TransportError(
      'refused',
      target.name,
      `"${user}" cannot be a user's name`,
      'Correct `as` or `become`.',
    );
  }
  // root needs no tool that may be missing, and no password.
  const become: Become = login === 'root' ? { method: 'su' } : (target.become ?? { method: 'sudo' });
  const ready = `ready-${nonce}`;
  const shell = `echo ${ready}; exec sh`;
  if (become.method === 'su') {
    const commandLine = `exec env LC_ALL=C su -s /bin/sh -c ${quote(shell)} ${quote(user)}`;
    return { commandLine, ready, prompt: 'Password: ', become, user };
  }
  const prompt = `password-${nonce}:`;
  const ask = become.password === undefined ? '-n' : `-S -p ${quote(prompt)}`;
  const commandLine = `exec env LC_ALL=C sudo ${ask} -H -u ${quote(user)} sh -c ${quote(shell)}`;
  return { commandLine, ready, prompt, become, user };
}

/** Waits until the shell of `entry` is there, answering one prompt. Leaves the channel's streams unread. */
export async function enter(channel: Channel, entry: Entry, host: string): Promise<void> {
  const { ready, prompt } = entry;
  if (ready === undefined || prompt === undefined) return;
  let out = '';
  let err = '';
  let prompts = 0;
  let wrong = false;
  const arrived = new Promise<'ready' | 'wrong'>((resolve) => {
    const look = (): void => {
      if (out.includes(`${ready}\n`)) {
        resolve('ready');
        return;
      }
      const seen = (out + err).split(prompt).length - 1;
      if (seen === prompts) return;
      prompts = seen;
      const password = entry.become?.password;
      if (seen > 1 || password === undefined) {
        wrong = true;
        resolve('wrong');
        return;
      }
      channel.stdin.write(`${reveal(password)}\n`);
    };
    channel.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString('latin1');
      look();
    });
    channel.stderr.on('data', (bytes: Buffer) => {
      err += bytes.toString('latin1');
      look();
    });
  });
  const outcome = await Promise.race([arrived, channel.closed]);
  channel.stdout.removeAllListeners('data').pause();
  channel.stderr.removeAllListeners('data').pause();
  if (outcome === 'ready') return;
  channel.destroy();
  if (outcome !== 'wrong' && outcome.cause === 'link') throw new LaneLost(false, outcome.detail);
  throw refusal(entry, host, (out + err).replaceAll(prompt, '').trim(), wrong || prompts > 0, outcome);
}

function refusal(
  entry: Entry,
  host: string,
  said: string,
  asked: boolean,
  outcome: Closed | 'wrong',
): TransportError {
  const method = entry.become?.method ?? 'sudo';
  const start = `${method} refused to become ${entry.user}`;
  const code = outcome !== 'wrong' && outcome.cause === 'exit' ? ` (exit code ${outcome.code})` : '';
  const words = said === '' ? code : `: ${said}`;
  if (entry.become?.password === undefined && (asked || /password is required/.test(said))) {
    return new TransportError(
      'refused',
      host,
      `${method} asks for a password to become ${entry.user}, and none was given`,
      'Give become.password in the inventory, or allow this user NOPASSWD in sudoers.',
    );
  }
  if (asked && !/not in the sudoers|not allowed/.test(said)) {
    return new TransportError(
      'refused',
      host,
      `${start}: wrong password`,
      'Correct become.password and try again.',
    );
  }
  const next = /not in the sudoers|not allowed|may not run/.test(said)
    ? `Add a rule to sudoers that lets the login user run sh as ${entry.user}.`
    : /must have a tty|a terminal is required/.test(said)
      ? 'Remove requiretty for the login user from sudoers.'
      : `Log in to ${host} and try ${method} by hand.`;
  return new TransportError('refused', host, `${start}${words}`, next);
}
