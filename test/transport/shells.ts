/** Every POSIX sh of this machine, and a session of it. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { Channel, Closed } from '../../src/transport/link.ts';
import { Session } from '../../src/transport/session.ts';

function there(name: string): boolean {
  return (process.env.PATH ?? '').split(':').some((directory) => {
    try {
      accessSync(`${directory}/${name}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const installed = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(([name = '']) => there(name));

/** Those of dash, bash and busybox that are installed; at least `sh`. */
export const shells: readonly (readonly [string, readonly string[]])[] = (
  installed.length > 0 ? installed : [['sh']]
).map((words) => [words.join(' '), words]);

export function openShell(words: readonly string[]): Channel {
  const [program = 'sh', ...args] = words;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    closed: new Promise<Closed>((resolve) => {
      child.once('close', (code, signal) => resolve({ cause: 'exit', code, signal }));
    }),
    exited: new Promise((resolve) => child.once('exit', () => resolve())),
    signal: (name) => void child.kill(`SIG${name}`),
    destroy: () => child.stdin.destroy(),
  };
}

export function startSession(words: readonly string[], receipts: string): Promise<Session> {
  return Session.start(openShell(words), 'me', 'here', receipts);
}
