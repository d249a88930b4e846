/** How programs write a text that has quotes, control characters or letters beyond ASCII in it. Pure. */

/** In a URL or a form; in JSON, YAML and XML; as shells quote it, by hand, in `printf %q` and in the trace of `set -x`. */
export function escapedForms(value: string): readonly string[] {
  return [...urlForms(value), ...markupForms(value), ...shellForms(value)];
}

function urlForms(value: string): readonly string[] {
  const url = encodeURIComponent(value.toWellFormed());
  const strict = url.replace(/[!'()*]/g, (char) => `%${hex(char, 2).toUpperCase()}`);
  const upper = [url, strict].flatMap((form) => [form, form.replaceAll('%20', '+')]);
  return [
    ...upper,
    ...upper.map((form) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
    new URLSearchParams([['', value.toWellFormed()]]).toString().slice(1),
  ];
}

function markupForms(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replace(/[^\u0020-\u007e]/g, (char) => `\\u${hex(char, 4)}`);
  const text = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quoted = text.replaceAll('"', '&quot;');
  return [
    json,
    json.replaceAll('/', '\\/'),
    // As Python and PHP write JSON.
    ascii,
    ascii.replaceAll('/', '\\/'),
    text,
    quoted,
    ...['&#39;', '&#x27;', '&apos;'].map((mark) => quoted.replaceAll("'", mark)),
    // In single quotes of YAML and SQL.
    value.replaceAll("'", "''"),
    value.replaceAll('\\', '\\\\').replaceAll("'", "\\'"),
  ];
}

/** Escapes of `$'…'` in bash; the first six and the backslash are also what the `echo` of dash reads. */
const ANSI_C: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  "'": "\\'",
  '\u001b': '\\E',
};

function shellForms(value: string): readonly string[] {
  const ansi = value.replace(/[\u0000-\u001f\u007f'\\]/g, (char) => ANSI_C[char] ?? octal(char));
  return [
    value.replaceAll("'", "'\\''"),
    // dash's trace.
    value.replaceAll("'", "'\"'\"'"),
    // Inside double quotes.
    value.replace(/["$`\\]/g, '\\$&'),
    // bash's `printf %q`.
    value.replace(/[ !"$&'()*,;<>?[\\\]^`{|}]|^[#~]|(?<=[:=])~/g, '\\$&'),
    ansi,
    // bash in the C locale: bytes beyond ASCII in octal.
    ansi.replace(/[\u0080-\u{10ffff}]+/gu, octal),
    value.replace(/\\[abfnrtv\\]/g, (written) => ECHOED.get(written) ?? written),
  ];
}

/** What the `echo` of dash makes of an escape. */
const ECHOED: ReadonlyMap<string, string> = new Map(
  Object.entries(ANSI_C).map(([char, written]) => [written, char]),
);

function octal(text: string): string {
  return [...Buffer.from(text, 'utf8')].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

function hex(char: string, width: number): string {
  return char.charCodeAt(0).toString(16).padStart(width, '0');
}
