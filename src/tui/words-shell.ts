/** The terminal UI for somebody who hears it: sentences, one after the other, and the same keys. Nothing is redrawn. */
import { emitKeypressEvents } from 'node:readline';
import type { Pictures, Shell, ShellPorts } from './shell.ts';

interface Keypress {
  readonly name?: string;
  readonly ctrl?: boolean;
}

export function openWords(pictures: Pictures, { stdin, stdout }: ShellPorts): Shell {
  let before: unknown;
  const tell = (): void => {
    const now = pictures.getSnapshot();
    for (const line of pictures.words(before, now)) stdout.write(`${line}\n`);
    before = now;
  };
  const press = (text: string | undefined, { name, ctrl }: Keypress): void => {
    if (ctrl) pictures.press(`ctrl-${name}`);
    else pictures.press(NAMES[name ?? ''] ?? text ?? '');
  };
  const listen = (): void => {
    stdin.setRawMode(true);
    stdin.on('keypress', press);
    stdin.resume();
  };
  const giveBack = (): void => {
    stdin.off('keypress', press);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
  };
  emitKeypressEvents(stdin);
  const unsubscribe = pictures.subscribe(tell);
  listen();
  tell();
  return {
    async suspend(use) {
      giveBack();
      try {
        await use();
      } finally {
        listen();
      }
    },
    async close() {
      unsubscribe();
      tell();
      giveBack();
    },
    giveBack,
  };
}

const NAMES: Readonly<Record<string, string>> = {
  up: 'up',
  down: 'down',
  left: 'left',
  right: 'right',
  pageup: 'pageup',
  pagedown: 'pagedown',
  home: 'home',
  end: 'end',
  return: 'enter',
  enter: 'enter',
  escape: 'escape',
  tab: 'tab',
  backspace: 'backspace',
};
