/**
 * Searches bytes for canaries. It knows nothing of the redactor: besides whole values in many encodings it looks for the
 * random pieces of each, which stay as they are under any quoting, in the bytes and in what they were before lines were
 * folded, drawn at a terminal, escaped or encoded.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Canary } from './canaries.ts';

export interface Leak {
  readonly place: string;
  /** Of the byte in the place, or in the view of it that `form` names. */
  readonly offset: number;
  readonly canary: string;
  readonly form: string;
}

export interface Scan {
  readonly leaks: readonly Leak[];
  readonly bytes: number;
}

interface Needle {
  readonly canary: string;
  readonly form: string;
  readonly bytes: Buffer;
}

export class Scanner {
  readonly #needles: readonly Needle[];
  #bytes = 0;
  readonly #leaks: Leak[] = [];

  constructor(canaries: readonly Canary[]) {
    this.#needles = canaries.flatMap(needlesOf);
  }

  get forms(): number {
    return this.#needles.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Everything found since it was made. */
  get leaks(): readonly Leak[] {
    return this.#leaks;
  }

  /** What is found in these bytes. */
  scan(place: string, bytes: Buffer | string): readonly Leak[] {
    const whole = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    this.#bytes += whole.length;
    const found: Leak[] = [];
    const told = new Set<Needle>();
    for (const [view, text] of viewsOf(whole)) {
      for (const needle of this.#needles) {
        if (told.has(needle)) continue;
        const offset = text.indexOf(needle.bytes);
        if (offset < 0) continue;
        told.add(needle);
        const form = view === '' ? needle.form : `${needle.form}, ${view}`;
        found.push({ place, offset, canary: needle.canary, form });
      }
    }
    this.#leaks.push(...found);
    return found;
  }

  /** Every file below a folder, names too. */
  scanFolder(folder: string, except: (path: string) => boolean = () => false): readonly Leak[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      if (except(path)) return [];
      const inName = this.scan(`name of ${path}`, path);
      return entry.isFile() ? [...inName, ...this.scan(path, readFileSync(path))] : inName;
    });
  }
}

/** `c05 (blanks around): base64 at byte 123 of journal.ndjson`, one a line. */
export function tellLeaks(leaks: readonly Leak[], canaries: readonly Canary[]): string {
  const shapes = new Map(canaries.map(({ name, shape }) => [name, shape]));
  return leaks
    .map(
      ({ place, offset, canary, form }) =>
        `${canary} (${shapes.get(canary)}): ${form} at byte ${offset} of ${place}`,
    )
    .join('\n');
}

function needlesOf({ name, value, pieces }: Canary): readonly Needle[] {
  const needle = (form: string, bytes: Buffer | string): Needle => ({
    canary: name,
    form,
    bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
  });
  const utf8 = Buffer.from(value);
  const lengthy = value.length > 400 ? value.slice(0, 400) : value;
  const start = Buffer.from(lengthy);
  return [
    needle('the value', utf8),
    ...pieces.map((piece, index) => needle(`piece ${index + 1}`, piece)),
    ...pieces.map((piece) => needle('a piece backwards', [...piece].reverse().join(''))),
    ...pieces.map((piece) => needle('a piece in UTF-16', Buffer.from(piece, 'utf16le'))),
    ...pieces.map((piece) => needle('a piece in hex', Buffer.from(piece).toString('hex'))),
    ...pieces.map((piece) => needle('a piece in hex', Buffer.from(piece).toString('hex').toUpperCase())),
    ...[start, ...pieces.map((piece) => Buffer.from(piece))].flatMap((bytes) =>
      settledBase64(bytes).map((text) => needle('Base64', text)),
    ),
    ...settledBase64(Buffer.from(lengthy, 'utf16le')).map((text) => needle('Base64 of UTF-16', text)),
    needle('shell quotes', value.replaceAll("'", "'\\''")),
    needle('JSON', JSON.stringify(value).slice(1, -1)),
    needle('a URL', encodeURIComponent(value)),
  ].filter(({ bytes }) => bytes.length >= 8);
}

/** The characters that the bytes settle at each offset in a longer Base64, in both alphabets. */
function settledBase64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const from = Math.ceil((offset * 8) / 6);
    const settled = text.slice(from, Math.floor(((offset + bytes.length) * 8) / 6));
    return [settled, settled.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** The bytes, and what they may have been made of. A view that changes nothing is left out. */
function viewsOf(bytes: Buffer): ReadonlyArray<readonly [string, Buffer]> {
  const text = bytes.toString('latin1');
  const bare = text.replaceAll(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007]*\u0007|[@-Z\\-_])/g, '');
  const views: ReadonlyArray<readonly [string, string]> = [
    ['unfolded', text.replaceAll(/\r?\n /g, '')],
    ['its lines joined', text.replaceAll(/\r?\n[ \t|]*/g, '')],
    ['its JSON lines joined', text.replaceAll(/",\s*"|\\r|\\n/g, '')],
    ['without control sequences', bare],
    ['redrawn', bare.replaceAll(/[\u0000-\u001f\u007f]+/g, '')],
    [
      'unescaped',
      text.replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => utf8Of(Number.parseInt(code, 16))),
    ],
    [
      'percent-decoded',
      text.replaceAll(/%([0-9a-fA-F]{2})/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      ),
    ],
    ['without backslashes', text.replaceAll('\\', '')],
  ];
  const changed = views.filter(([, view]) => view.length !== text.length);
  return [['', bytes], ...changed.map(([name, view]) => [name, Buffer.from(view, 'latin1')] as const)];
}

/** One UTF-16 unit as its UTF-8 bytes, each a Latin-1 character. */
function utf8Of(unit: number): string {
  return Buffer.from(String.fromCharCode(unit)).toString('latin1');
}
