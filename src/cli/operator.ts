import { hostname, userInfo } from 'node:os';
import type { Operator } from '../engine/event.ts';
import type { Terminal } from './terminal.ts';

/** Who runs this: the person behind sudo, if there is one. */
export function operatorOf(terminal: Terminal, env: NodeJS.ProcessEnv): Operator {
  const name = env['SUDO_USER'] || userInfo().username;
  return { name, host: hostname(), terminal: terminal.present };
}
