/**
 * A value that must never be shown. Every default rendering (string, JSON, inspect) gives its name only;
 * `.reveal()` is for the adapters that hand it to a target.
 */
export class Secret {
  readonly name: string;
  readonly #value: string;
  readonly #pieces: readonly Text[];

  constructor(name: string, value: string, pieces: readonly Text[] = []) {
    this.name = name;
    this.#value = value;
    this.#pieces = pieces;
  }

  /** What `joinText` made it of, so that it can be written down without its value; `[]` when it was not joined. */
  get pieces(): readonly Text[] {
    return this.#pieces;
  }

  /** Is it the same value, whatever the name? */
  equals(other: Secret): boolean {
    return this.#value === other.#value;
  }

  /** The clear value. Call it only in transport, ldap and the sources of secrets. */
  reveal(): string {
    return this.#value;
  }

  /** A new secret made of this one, e.g. a DN, a line of LDIF, a hash. */
  map(transform: (clear: string) => string): Secret {
    return new Secret(this.name, transform(this.#value));
  }

  toString(): string {
    return `[${this.name}]`;
  }

  toJSON(): { $secret: string } {
    return { $secret: this.name };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Secret[${this.name}]`;
  }
}

/** Text that may hold a secret. Concatenate with `joinText`, never with a template literal. */
export type Text = string | Secret;

/** Joins pieces; the result is a secret as soon as one piece is. */
export function joinText(pieces: readonly Text[]): Text {
  const secrets = pieces.filter((piece) => piece instanceof Secret);
  if (secrets.length === 0) return pieces.join('');
  const names = [...new Set(secrets.map((secret) => secret.name))].join('+');
  const flat = pieces.flatMap((piece) =>
    piece instanceof Secret && piece.pieces.length > 0 ? piece.pieces : [piece],
  );
  return new Secret(names, pieces.map((piece) => reveal(piece)).join(''), flat);
}

/** The clear text. Only adapters call this. */
export function reveal(text: Text): string {
  return text instanceof Secret ? text.reveal() : text;
}

export function isSecret(value: unknown): value is Secret {
  return value instanceof Secret;
}
