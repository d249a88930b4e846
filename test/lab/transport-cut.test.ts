/**
 * The link is cut at every byte around one changing command. Whatever the byte: the command ran once, or it is proven that
 * it did not and never will, and what the connection says is what happened.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createTransport } from '../../src/transport/pool.ts';
import type { Connection, Token } from '../../src/transport/transport.ts';
import { type CutMode, type Direction, startProxy, type TcpProxy } from '../proxy.ts';
import { startSshd } from '../sshd.ts';

const sshd = await startSshd();
afterAll(() => sshd.stop());
const directory = mkdtempSync(join(tmpdir(), 'lockstep-cut-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Line {
  readonly proxy: TcpProxy;
  readonly connection: Connection;
  end(): Promise<void>;
}

/** A connection through a proxy of its own; it outlives its cuts, since it reconnects by itself. */
async function openLine(): Promise<Line> {
  const proxy = await startProxy(sshd.port);
  const transport = createTransport({
    askHostKey: async () => true,
    keepaliveMs: 250,
    reconnectPausesMs: [20, 100, 500, 1000, 2000, 4000],
  });
  const receipts = join(directory, 'receipts');
  const target = sshd.target('host', { port: proxy.port, knownHostsFiles: [], receipts });
  return {
    proxy,
    connection: transport.connect(target),
    end: async () => {
      await transport.closeAll();
      await proxy.stop();
    },
  };
}

interface Change {
  readonly token: Token;
  readonly log: string;
  readonly command: { readonly script: string; readonly stdin?: string };
}

let made = 0;
/** Names of one length, so that every command is as many bytes on the wire. `stdin` makes it long. */
function fresh(stdin?: string): Change {
  const name = `cut-${String(++made).padStart(5, '0')}`;
  const log = join(directory, name);
  const token: Token = { run: 'cuts', task: name, attempt: 1 };
  const script = `echo ran >>${log}; wc -c; exit 7`;
  return { token, log, command: stdin === undefined ? { script } : { script, stdin } };
}

const timesRun = (log: string): number =>
  existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0;

/** Bytes that one changing command takes on a connection that is up: the fewest of some, as sshd may cut replies up. */
async function measure(stdin?: string): Promise<Readonly<Record<Direction, number>>> {
  const line = await openLine();
  const sizes: Record<Direction, number>[] = [];
  for (let turn = 0; turn < 5; turn++) {
    await line.connection.probe({ argv: ['true'] });
    const { up, down } = { ...line.proxy.bytes };
    const { token, command } = fresh(stdin);
    await line.connection.execute(token, command);
    sizes.push({ up: line.proxy.bytes.up - up, down: line.proxy.bytes.down - down });
  }
  await line.end();
  return { up: Math.min(...sizes.map(({ up }) => up)), down: Math.min(...sizes.map(({ down }) => down)) };
}

interface Trial {
  readonly log: string;
  readonly afterBytes: number;
  readonly fired: boolean;
  /** What `execute` said. */
  readonly told: string;
  /** What the receipt said afterwards. */
  readonly receipt: string;
}

interface Cutting {
  readonly direction: Direction;
  readonly mode: CutMode;
  readonly linesAtOnce: number;
  readonly stdin?: string;
}

async function cutOnce(line: Line, afterBytes: number, { direction, mode, stdin }: Cutting): Promise<Trial> {
  const { connection, proxy } = line;
  const { token, log, command } = fresh(stdin);
  await connection.probe({ argv: ['true'] });
  proxy.arm({ direction, afterBytes, mode });
  const told = await connection.execute(token, command).then(
    ({ exit, stdout }) => `${JSON.stringify(exit)} ${stdout}`,
    (error) => error.kind ?? `${error}`,
  );
  const { fired } = proxy;
  proxy.heal();
  const found = await connection.receipt(token);
  const receipt =
    found.kind === 'ended' ? `${JSON.stringify(found.result.exit)} ${found.result.stdout}` : found.kind;
  return { log, afterBytes, fired, told, receipt };
}

const endOf = (stdin = ''): string => `{"kind":"exited","code":7} ${stdin.length}\n`;

/** The two truths there may be: it ran once and everybody says how it ended, or it never did and everybody says so. */
function isTrue({ log, told, receipt }: Trial, stdin?: string): boolean {
  const ran = told === endOf(stdin) && receipt === told && timesRun(log) === 1;
  const never = told === 'not-started' && receipt === 'never-started' && timesRun(log) === 0;
  return ran || never;
}

/** Cuts at each of the bytes, on some lines at once; all are judged at the end, so that none runs late unseen. */
async function cutAtEach(bytes: readonly number[], cutting: Cutting): Promise<readonly Trial[]> {
  const waiting = [...bytes];
  const trials: Trial[] = [];
  const work = async (): Promise<void> => {
    const line = await openLine();
    for (let byte = waiting.shift(); byte !== undefined; byte = waiting.shift()) {
      trials.push(await cutOnce(line, byte, cutting));
    }
    await line.end();
  };
  await Promise.all(Array.from({ length: cutting.linesAtOnce }, work));
  return trials.sort((a, b) => a.afterBytes - b.afterBytes);
}

/** 0, `last`, and every `step`-th byte between from a start that differs from run to run: in time each has its turn. */
function spread(last: number, step: number): readonly number[] {
  const first = 1 + Math.floor(Math.random() * step);
  const between = Array.from({ length: Math.ceil(last / step) }, (_, index) => first + index * step);
  return [0, ...between.filter((byte) => byte < last), last];
}

const short = await measure();

test.each([
  ['reset', 8, 3],
  ['swallow', 8, 8],
] as const)(
  'to the host, %s at any byte: with less than all of it nothing starts',
  async (mode, step, linesAtOnce) => {
    const trials = await cutAtEach(spread(short.up, step), { direction: 'up', mode, linesAtOnce });
    expect(trials.filter((trial) => !isTrue(trial))).toEqual([]);
    expect(trials.filter(({ fired }) => !fired)).toEqual([]);
    expect(trials.slice(0, -1).filter(({ told }) => told !== 'not-started')).toEqual([]);
    // A reset right behind the last byte may reach sshd before it has passed that byte on.
    if (mode === 'swallow') expect(trials.at(-1)?.told).toBe(endOf());
  },
);

test.each([
  ['reset', 6, 3],
  ['swallow', 8, 8],
] as const)(
  'from the host, %s at any byte: it ran, and its true end is found',
  async (mode, step, linesAtOnce) => {
    const trials = await cutAtEach(spread(short.down, step), { direction: 'down', mode, linesAtOnce });
    expect(trials.filter((trial) => !isTrue(trial))).toEqual([]);
    // sshd sends its reply in one to three packets; what is cut beyond a short one is not cut.
    expect(trials.filter(({ fired, afterBytes }) => !fired && afterBytes < 100)).toEqual([]);
    expect(trials.filter(({ told }) => told !== endOf())).toEqual([]);
  },
);

test('to the host, in the midst of a long command: what arrived of it is never run', async () => {
  // Four SSH packets: whole ones before the cut reach the shell, which has to see that the rest is missing.
  const stdin = 'line of a file\n'.repeat(8000);
  const long = (await measure(stdin)).up;
  expect(long).toBeGreaterThan(stdin.length);
  const cutting = { direction: 'up', mode: 'reset', linesAtOnce: 3, stdin } as const;
  const trials = await cutAtEach(spread(long, 5000), cutting);
  expect(trials.filter((trial) => !isTrue(trial, stdin))).toEqual([]);
  expect(trials.at(0)?.told).toBe('not-started');
  expect(trials.filter(({ told }) => told === 'not-started').length).toBeGreaterThan(trials.length - 3);
});

test('a connection whose link has gone silent is closed all the same', async () => {
  const { proxy, connection, end } = await openLine();
  await connection.probe({ argv: ['true'] });
  proxy.cut('swallow');
  // It says farewell, and nobody answers: this would never come back.
  await end();
});
