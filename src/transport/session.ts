/**
 * A lane: one long-lived `sh` of one user on one host, which reads frames on its stdin and runs one at a time in its
 * foreground. It starts no process but the command itself.
 */
import { randomBytes } from 'node:crypto';
import { TransportError } from '../engine/ports.ts';
import { helloFrame } from './envelope.ts';
import type { Channel, Closed } from './link.ts';
import { LaneLost } from './link.ts';
import { MarkerReader } from './markers.ts';
import { Output } from './output.ts';

/** What a frame answered: the words of its last marker and the bytes in between. */
export interface Answer {
  /** `e CODE`, `p CODE`, `n WHY [WORD]`, `q STATUS …`, `k PID:START …`, `h …`; without the sequence number. */
  readonly words: readonly string[];
  readonly stdout: Output;
  readonly stderr: Output;
  /** What the lane's shell said for itself, e.g. why a file could not be made. */
  readonly said: Output;
}

/** What the shell said of itself when it started. */
export interface Hello {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat; `-` without /proc. */
  readonly started: string;
  readonly uid: number;
  readonly bootId: string;
  readonly machineId: string;
  readonly hostname: string;
  /** printf is a builtin: it may be given what must not be in an argv. */
  readonly printf: boolean;
}

interface Pending {
  readonly seq: string;
  readonly probe: boolean;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly said: Output;
  /** Where bytes of stdout go until the next marker. */
  into: Output;
  words: readonly string[] | undefined;
  errDone: boolean;
  readonly onStarted: (() => void) | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: LaneLost) => void;
}

const absent = (word: string | undefined): string => (word === undefined || word === '-' ? '' : word);

export class Session {
  readonly user: string;
  readonly #channel: Channel;
  readonly #nonce = randomBytes(16).toString('hex');
  #seq = 0;
  #pending: Pending | undefined;
  #over: Closed | undefined;
  #stray = '';
  #hello: Hello | undefined;

  private constructor(channel: Channel, user: string) {
    this.user = user;
    this.#channel = channel;
    const out = new MarkerReader(
      this.#nonce,
      (bytes) => this.#pending?.into.add(bytes),
      (words) => this.#marker(words),
    );
    const err = new MarkerReader(
      this.#nonce,
      (bytes) => this.#errBytes(bytes),
      (words) => this.#errMarker(words),
    );
    channel.stdout.on('data', (bytes: Buffer) => out.push(bytes)).resume();
    channel.stderr.on('data', (bytes: Buffer) => err.push(bytes)).resume();
    channel.stdin.on('error', () => {});
    void channel.closed.then((closed) => this.#close(closed));
  }

  /** Greets the shell of `user`, which was entered. Rejects with `LaneLost`, or `TransportError` refused. */
  static async start(
    channel: Channel,
    user: string,
    host: string,
    receipts: string | undefined,
  ): Promise<Session> {
    const session = new Session(channel, user);
    const seq = session.nextSeq();
    try {
      const answer = await session.run(helloFrame(session.#nonce, seq, receipts), seq, { probe: false });
      const [, pid, started, uid, bootId, machineId, printf, hostname] = answer.words;
      session.#hello = {
        pid: Number(pid),
        started: started ?? '-',
        uid: Number(uid),
        bootId: absent(bootId),
        machineId: absent(machineId),
        hostname: absent(hostname),
        printf: printf === 'printf',
      };
      return session;
    } catch (error) {
      const over = session.#over;
      if (!(error instanceof LaneLost)) throw error;
      if (over === undefined || over.cause === 'link') throw new LaneLost(false, error.message);
      const said = session.#stray.trim();
      throw new TransportError(
        'refused',
        host,
        `${user} got no shell${said === '' ? '' : `: ${said}`} (exit code ${over.code})`,
        `Log in to ${host} as that user by hand; its login shell must run "sh".`,
      );
    }
  }

  get hello(): Hello {
    if (this.#hello === undefined) throw new Error('Bug: a lane was used before it said hello');
    return this.#hello;
  }

  get alive(): boolean {
    return this.#over === undefined;
  }

  get busy(): boolean {
    return this.#pending !== undefined;
  }

  /** The number of the next frame. */
  nextSeq(): number {
    return ++this.#seq;
  }

  /** Runs one frame. Rejects with `LaneLost` and nothing else. */
  run(
    frame: string,
    seq: number,
    how: { probe: boolean; onStarted?: (() => void) | undefined },
  ): Promise<Answer> {
    if (this.#pending !== undefined) throw new Error('Bug: a lane was given a frame while it ran another');
    return new Promise((resolve, reject) => {
      if (this.#over !== undefined || !this.#channel.stdin.writable) {
        reject(new LaneLost(false, this.#why()));
        return;
      }
      const stdout = new Output();
      const said = new Output(4096);
      this.#pending = {
        seq: String(seq),
        probe: how.probe,
        stdout,
        stderr: new Output(),
        said,
        into: how.probe ? stdout : said,
        words: undefined,
        errDone: !how.probe,
        onStarted: how.onStarted,
        resolve,
        reject,
      };
      this.#channel.stdin.write(frame);
    });
  }

  /** Ends the shell by the end of its input: what runs in it goes on, and its exit code is written. */
  close(): void {
    this.#channel.stdin.end();
    this.#channel.destroy();
  }

  #marker(words: readonly string[]): void {
    const pending = this.#pending;
    const [letter, seq, ...rest] = words;
    if (pending === undefined || letter === undefined || seq !== pending.seq) return;
    if (letter === 's') pending.onStarted?.();
    else if (letter === 'd') pending.into = pending.stdout;
    else if (letter === 'r') pending.into = pending.stderr;
    else {
      pending.words = [letter, ...rest];
      pending.into = pending.said;
      this.#settle(pending);
    }
  }

  #errMarker(words: readonly string[]): void {
    const pending = this.#pending;
    if (pending === undefined || words[1] !== pending.seq) return;
    pending.errDone = true;
    this.#settle(pending);
  }

  #errBytes(bytes: Buffer): void {
    this.#pending?.stderr.add(bytes);
    if (this.#hello === undefined && this.#stray.length < 4096) this.#stray += bytes.toString();
  }

  #settle(pending: Pending): void {
    if (pending.words === undefined || !pending.errDone) return;
    this.#pending = undefined;
    const { words, stdout, stderr, said } = pending;
    pending.resolve({ words, stdout, stderr, said });
  }

  #close(closed: Closed): void {
    this.#over = closed;
    const pending = this.#pending;
    this.#pending = undefined;
    if (this.#hello === undefined && pending !== undefined) this.#stray += pending.said.text();
    pending?.reject(new LaneLost(true, this.#why()));
  }

  #why(): string {
    if (this.#over?.cause === 'link') return this.#over.detail;
    if (this.#over === undefined) return 'its input is closed';
    const { code, signal } = this.#over;
    return signal === null ? `its shell ended with code ${code}` : `its shell was killed by ${signal}`;
  }
}
