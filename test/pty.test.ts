/** The harness itself, on small programs whose doings are known. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { endAll, KEYS, openPty, type PtyOptions } from './pty.ts';
import { keysOf } from './pty-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'pty-'));
afterAll(() => {
  endAll();
  rmSync(folder, { recursive: true, force: true });
});

/** A full-screen program: each key that it reads is a line on its alternate screen; q leaves it as a good program does, x as a bad one. */
const FULL_SCREEN = `
  const say = (text) => process.stdout.write(text);
  process.stdin.setRawMode(true);
  say('\\u001b[?1049h\\u001b[?25l\\u001b[?2004h\\u001b[H');
  const size = () => say('\\u001b[H\\u001b[2K' + process.stdout.columns + 'x' + process.stdout.rows + '\\r\\n');
  size();
  process.stdout.on('resize', size);
  process.stdin.on('data', (chunk) => {
    const key = chunk.toString();
    if (key === 'x') process.exit(9);
    if (key === 'q') {
      say('\\u001b[?2004l\\u001b[?25h\\u001b[?1049l');
      process.stdin.setRawMode(false);
      say('bye\\r\\n');
      process.exit(4);
    }
    say(JSON.stringify(key) + '\\r\\n');
  });`;

function node(program: string, options: PtyOptions = {}) {
  return openPty([process.execPath, '-e', program], options);
}
const sh = (script: string, options: PtyOptions = {}) => openPty(['sh', '-c', script], options);

describe('the screen', () => {
  test('holds what a program wrote, where it wrote it', async () => {
    const pty = sh("printf 'one\\n\\033[5;10Hthere\\033[1A up'", { columns: 30, rows: 8 });
    expect(await pty.ended).toEqual({ code: 0, signal: undefined });
    expect(pty.screen()).toEqual(['one', '', '', '               up', '         there', '', '', '']);
  });

  test('has the colours and styles of each cell, and a wide letter once', async () => {
    const pty = sh("printf '\\033[1;31mA\\033[0m\\033[38;2;1;2;255;44mB\\033[0m\\033[7m漢\\033[0m '", {
      columns: 6,
      rows: 2,
    });
    await pty.ended;
    expect(pty.cells()[0]).toEqual([
      { text: 'A', width: 1, fg: 1, bold: true },
      { text: 'B', width: 1, fg: '#0102ff', bg: 4 },
      { text: '漢', width: 2, inverse: true },
      { text: ' ', width: 1 },
      { text: ' ', width: 1 },
    ]);
  });

  test('keeps what has scrolled off', async () => {
    const pty = sh('seq 50', { rows: 10 });
    await pty.ended;
    expect(pty.screen()[8]).toBe('50');
    expect(pty.scrollback()).toEqual(Array.from({ length: 50 }, (_, index) => String(index + 1)));
  });

  test('is all there at the end of a program that ends right after writing a lot', async () => {
    const pty = sh('seq 12000; echo last');
    await pty.ended;
    expect(pty.scrollback().length).toBe(12_001);
    expect(pty.scrollback().at(-1)).toBe('last');
  });
});

describe('keys', () => {
  test('are told apart as a terminal sends them', () => {
    expect(keysOf(`ab${KEYS.up}${KEYS.pageDown}\u001bOA😀${KEYS.escape}`)).toEqual([
      ...['a', 'b', '\u001b[A', '\u001b[6~', '\u001bOA', '😀', '\u001b'],
    ]);
  });

  test('arrive one by one, however slowly the program reads', async () => {
    const pty = node(
      `process.stdin.setRawMode(true); process.stdout.write('ready\\r\\n');
       process.stdin.on('data', (chunk) => {
         const end = Date.now() + 30; while (Date.now() < end);
         process.stdout.write(JSON.stringify(chunk.toString()) + '\\r\\n');
         if (chunk.toString() === 'q') process.exit();
       });`,
    );
    await pty.until('ready');
    await pty.type(`abc${KEYS.up}${KEYS.enter}${KEYS.escape}q`);
    await pty.ended;
    expect(pty.screen().slice(0, 8)).toEqual([
      ...['ready', '"a"', '"b"', '"c"', '"\\u001b[A"', '"\\r"', '"\\u001b"', '"q"'],
    ]);
  });

  test('of a program that has ended are refused, and its screen is shown', async () => {
    const pty = sh('echo the end');
    await pty.ended;
    await expect(pty.type('y')).rejects.toThrow(/nobody is there to read "y".*\|the end +\|/s);
  });
});

describe('waiting', () => {
  test('ends as soon as the screen shows the text, fits the pattern, or pleases', async () => {
    const pty = sh('echo first; read line; echo "second $line"; read line');
    expect((await pty.until('first'))[0]).toBe('first');
    await pty.type('x\r');
    await pty.until(/^second x$/m);
    await pty.until((screen) => screen.filter((row) => row !== '').length === 3);
    pty.kill('SIGKILL');
  });

  test('that is in vain says what was missed and shows the screen', async () => {
    const pty = sh('echo here; sleep 60', { columns: 20, rows: 3 });
    await pty.until('here');
    await expect(pty.until(/there/, 0.1)).rejects.toThrow(
      /^0\.1 s passed without showing \/there\/\n\+-{20}\+ 20x3, normal screen\n\|here {16}\|\n/,
    );
    pty.kill('SIGTERM');
    await expect(pty.until('there')).rejects.toThrow('the program ended with code 143 without showing there');
    expect(await pty.ended).toEqual({ code: 143, signal: 'SIGTERM' });
  });
});

describe('the terminal', () => {
  test('tells the alternate screen, the cursor and the echo, and that all of it is put back', async () => {
    const pty = node(FULL_SCREEN);
    await pty.until('120x35');
    expect([pty.alternate(), pty.cursorVisible(), await pty.echo()]).toEqual([true, false, false]);
    await pty.type('q');
    expect((await pty.ended).code).toBe(4);
    expect([pty.alternate(), pty.cursorVisible(), await pty.echo()]).toEqual([false, true, true]);
    expect(await pty.traces()).toEqual([]);
    expect(pty.screen()[0]).toBe('bye');
  });

  test('tells what a program has left behind', async () => {
    const pty = node(`${FULL_SCREEN}; process.on('exit', () => process.stdout.write('\\u001b[31m'))`);
    await pty.until('120x35');
    await pty.type('x');
    expect((await pty.ended).code).toBe(9);
    expect(await pty.traces()).toEqual([
      ...['the alternate screen is on', 'the cursor is hidden', 'bracketed paste is on'],
      'what is written next has a colour or a style',
    ]);
  });

  test('tells how the modes of the line were left', async () => {
    const pty = sh('stty -echo');
    await pty.ended;
    expect(await pty.echo()).toBe(false);
    expect(await pty.traces()).toEqual([expect.stringMatching(/^the modes of the line: \S+ → \S+$/)]);
  });

  test('tells a program that it has another size', async () => {
    const pty = node(FULL_SCREEN, { columns: 120, rows: 35 });
    await pty.until('120x35');
    pty.resize(60, 15);
    await pty.until('60x15');
    expect(pty.screen().length).toBe(15);
    expect(pty.cells()[0]?.length).toBe(60);
    await pty.type('q');
    await pty.ended;
  });

  test('is the controlling one: Ctrl-C interrupts, and a hangup is told', async () => {
    const interrupted = sh("trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.05; done");
    await interrupted.until('ready');
    await interrupted.type(KEYS.ctrlC);
    expect((await interrupted.ended).code).toBe(5);
    expect(interrupted.screen().join('\n')).toContain('caught');

    const file = join(folder, 'hangup');
    const closed = sh(`trap 'echo hung up >${file}; exit 6' HUP; echo ready; while :; do sleep 0.05; done`);
    // Another one that is open must not keep the line of the first.
    const other = sh('echo other; sleep 60');
    await Promise.all([closed.until('ready'), other.until('other')]);
    closed.hangup();
    expect((await closed.ended).code).toBe(6);
    other.kill('SIGKILL');
    expect((await other.ended).code).toBe(137);
  });

  test('answers what a program asks it', async () => {
    const pty = node(
      `process.stdin.setRawMode(true); process.stdout.write('ab\\u001b[6n');
       process.stdin.once('data', (chunk) => { console.log(JSON.stringify(chunk.toString())); process.exit(); });`,
    );
    await pty.ended;
    expect(pty.screen()[0]).toBe('ab"\\u001b[1;3R"');
  });

  test('is a plain colour terminal, whatever the tests run in', async () => {
    const pty = sh('echo "[$TERM] [$NO_COLOR] [$CI] [$LANG] [$MINE]"', { env: { MINE: 'yes', LANG: 'C' } });
    await pty.ended;
    expect(pty.screen()[0]).toBe('[xterm-256color] [] [] [C] [yes]');
  });
});
