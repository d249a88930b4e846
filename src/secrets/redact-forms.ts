/** The shapes in which a secret may turn up in output. */

/** Shorter values are words of everyday output; replacing them would hide more than it protects. */
export const SHORTEST = 4;
/** A piece of Base64 this short would match by chance. */
const SHORTEST_PIECE = 6;
/** A line of a long secret (a private key) that tells something by itself. */
const SHORTEST_LINE = 12;

/**
 * The value itself; as Base64 (LDIF's `::`, HTTP basic), alone or anywhere inside a longer Base64; URL-encoded; as inside
 * a JSON string, in single quotes of a shell; and each longer line of a value of several lines.
 */
export function formsOf(value: string): readonly string[] {
  if (value.length < SHORTEST) return [];
  const url = encodeURIComponent(value.toWellFormed());
  const lower = url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const strict = url.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const lines = value.includes('\n')
    ? value.split(/\r?\n/).filter((line) => line.length >= SHORTEST_LINE)
    : [];
  const forms = [
    value,
    ...lines,
    ...base64Forms(Buffer.from(value, 'utf8')),
    url,
    lower,
    strict,
    url.replaceAll('%20', '+'),
    new URLSearchParams([['', value.toWellFormed()]]).toString().slice(1),
    JSON.stringify(value).slice(1, -1),
    value.replaceAll("'", "'\\''"),
  ];
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST);
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
