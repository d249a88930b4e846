/** The shapes in which a secret may turn up in output. */
import { escapedForms } from './escaped-forms.ts';

/** Shorter values are words of everyday output; replacing them would hide more than it protects. */
export const SHORTEST = 4;
/** A piece of Base64 this short would match by chance. */
const SHORTEST_PIECE = 6;
/** A line of a long secret (a private key) that tells something by itself. */
const SHORTEST_LINE = 8;

/**
 * The value itself, as programs write it (quoted, escaped: see `escapedForms`), with the other line end, composed or
 * decomposed, without blanks around it; as hexadecimal; as Base64 (LDIF's `::`, HTTP basic), alone or anywhere inside a
 * longer Base64; and each longer line of a value of several lines.
 */
export function formsOf(value: string): readonly string[] {
  if (value.length < SHORTEST) return [];
  const bytes = Buffer.from(value, 'utf8');
  const lines = value.includes('\n') ? value.split(/\r?\n/) : [];
  const spellings = spellingsOf(value);
  const forms = [
    ...spellings,
    ...lines.flatMap((line) => [line, line.trim()]).filter((line) => line.length >= SHORTEST_LINE),
    ...spellings.flatMap(escapedForms),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64Forms(bytes),
  ];
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST);
}

/** The same secret after a terminal, an editor, a `trim()` or another system's Unicode. */
function spellingsOf(value: string): readonly string[] {
  const unix = value.replaceAll('\r\n', '\n');
  const spellings = [value, unix, unix.replaceAll('\n', '\r\n'), value.replace(/\s+/g, ' ')].flatMap(
    (text) => [text, text.normalize('NFC'), text.normalize('NFD')],
  );
  return [...new Set(spellings.flatMap((text) => [text, text.trimEnd(), text.trim()]))].filter(
    (text) => text.length >= SHORTEST,
  );
}

/** Whole, and the characters it settles at each of the three offsets inside a longer Base64; both alphabets. */
function base64Forms(bytes: Buffer): string[] {
  const whole = bytes.toString('base64');
  const pieces = [0, 1, 2].map((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    const settled = Math.floor((shifted.length * 8) / 6);
    return shifted.toString('base64').slice(Math.ceil((offset * 8) / 6), settled);
  });
  return [
    whole,
    whole.replace(/=+$/, ''),
    ...pieces.filter((piece) => piece.length >= SHORTEST_PIECE),
  ].flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
