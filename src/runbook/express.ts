/** The way back from values to text that a runbook can hold: what is literal stays literal, a secret becomes its name. */
import { Secret, type Text } from '../secrets/secret.ts';
import type { Templated } from './model.ts';
import { pieces } from './template.ts';

/** A secret that no expression stands for; it must not be written down. */
export class Unspeakable extends Error {
  override readonly name = 'Unspeakable';
  readonly secret: string;

  constructor(secret: string) {
    super(`it holds the secret ${secret}`);
    this.secret = secret;
  }
}

/**
 * `resolve` gives the same value again. `nameOf` tells which secret of the runbook has that very value, if one has.
 * Throws Unspeakable.
 */
export function express(value: Templated, nameOf: (secret: Secret) => string | undefined): Templated {
  if (value instanceof Secret) return expressSecret(value, nameOf);
  if (typeof value === 'string') return literal(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Templated) => express(item, nameOf));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, express(item, nameOf)]));
}

function expressSecret(secret: Secret, nameOf: (secret: Secret) => string | undefined): string {
  const name = nameOf(secret);
  if (name !== undefined) return `\${{ secrets.${name} }}`;
  if (secret.pieces.length === 0) throw new Unspeakable(secret.name);
  return secret.pieces
    .map((piece: Text) => (piece instanceof Secret ? expressSecret(piece, nameOf) : literal(piece)))
    .join('');
}

/** A text in which `${{` means itself. */
function literal(text: string): string {
  return text.replaceAll('${{', `\${{ '\${{' }}`);
}

/** The names of the runbook's secrets in what `express` has written. */
export function secretsNamed(value: Templated): readonly string[] {
  if (typeof value === 'string')
    return pieces(value).flatMap((piece) => {
      const name = piece.kind === 'expression' && /^secrets\.(\w+)$/.exec(piece.text)?.[1];
      return name ? [name] : [];
    });
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secretsNamed);
}
