import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, type Redactor } from '../../src/secrets/redact.ts';
import { Secret } from '../../src/secrets/secret.ts';

function redactor(...values: readonly string[]): Redactor {
  const made = createRedactor();
  for (const [index, value] of values.entries()) made.add(new Secret(`s${index}`, value));
  return made;
}
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a redactor', () => {
  it('replaces a secret by its name wherever it stands', () => {
    expect(redactor('hunter2').text('a hunter2b hunter2')).toBe('a [s0]b [s0]');
    expect(redactor().text('nothing known')).toBe('nothing known');
  });

  it('leaves values under four characters alone', () => {
    expect(redactor('abc').text('abc')).toBe('abc');
    expect(redactor('abcd').text('abcd')).toBe('[s0]');
  });

  it('takes the longest of several, and leaves no part of two that overlap', () => {
    expect(redactor('pass', 'password').text('password pass')).toBe('[s1] [s0]');
    expect(redactor('abcdef', 'defghi').text('xabcdefghix')).toBe('x[s0]x');
  });

  it.each([
    ['as Base64', base64('p?ss w/rd+ü!')],
    ['as Base64 without padding', base64('p?ss w/rd+ü!').replace(/=+$/, '')],
    ['inside a longer Base64', base64('credentials=p?ss w/rd+ü! type=x')],
    ['inside a longer Base64, shifted by one', base64('a=p?ss w/rd+ü!')],
    ['as URL-safe Base64', Buffer.from('p?ss w/rd+ü!').toString('base64url')],
    ['in a URL', encodeURIComponent('p?ss w/rd+ü!')],
    ['in a URL, lower case', encodeURIComponent('p?ss w/rd+ü!').toLowerCase()],
    ['in a form', new URLSearchParams({ p: 'p?ss w/rd+ü!' }).toString().slice(2)],
  ])('knows it %s', (_, written) => {
    const shown = redactor('p?ss w/rd+ü!').text(`>${written}<`);
    expect(shown).toContain('[s0]');
    const middle = written.slice(4, -4);
    expect(shown).not.toContain(middle);
  });

  it('knows it in JSON and in shell quotes', () => {
    expect(redactor('a"b\\c\nd').text(JSON.stringify({ p: 'a"b\\c\nd' }))).toBe('{"p":"[s0]"}');
    expect(redactor("it's me").text("echo 'it'\\''s me'")).toBe("echo '[s0]'");
  });

  it.each([
    ['in hexadecimal', "a'b&c ü", Buffer.from("a'b&c ü").toString('hex')],
    ['in JSON of Python', 'pä/ss😀', 'p\\u00e4/ss\\ud83d\\ude00'],
    ['in JSON of PHP', 'pa/ss', 'pa\\/ss'],
    ['in XML', 'a<b&\'c"', 'a&lt;b&amp;&#39;c&quot;'],
    ['in YAML and SQL', "it's me", "it''s me"],
    ['in double quotes of a shell', 'a$b`c"d', 'a\\$b\\`c\\"d'],
    ['in the trace of dash', "it's me", "it'\"'\"'s me"],
    ['in the trace of bash', "two\nlines' ", "two\\nlines\\' "],
    ['in the trace of bash in the C locale', 'a\tü\u0001', 'a\\t\\303\\274\\001'],
    ['after printf %q', '#a b,c~d=~', '\\#a\\ b\\,c~d=\\~'],
    ['after the echo of dash', 'a\\\\b\\nc', 'a\\b\nc'],
    ['in a strict URL with plus signs', "a b!'c", 'a+b%21%27c'],
    ['without the blanks around it', '  pass word\n', 'pass word'],
    ['with its blanks made one', 'pass  \t word', 'pass word'],
    ['with the line ends of a terminal', 'one\ntwo!', 'one\r\ntwo!'],
    ['decomposed', 'pässwörd', 'pässwörd'.normalize('NFD')],
  ])('knows it %s', (_, secret, written) => {
    expect(redactor(secret).text(`>${written}<`)).toBe('>[s0]<');
  });

  it('knows it in Base64 that is wrapped, as base64 and openssl do it', () => {
    const secret = 'x'.repeat(100);
    const wrapped = base64(secret).replaceAll(/.{64}/g, '$&\n');
    expect(redactor(secret).text(`data: |\n    ${wrapped.replaceAll('\n', '\n    ')}\nend\n`)).toBe(
      'data: |\n    [s0]\nend\n',
    );
    const stream = redactor(secret).stream();
    const shown = [...wrapped].map((char) => stream.push(char)).join('') + stream.end();
    expect(shown).toBe('[s0]');
  });

  it('does not take short lines of a list for a secret', () => {
    expect(redactor('12345678', '1234').text('12\n34\n')).toBe('12\n34\n');
  });

  it('knows it in folded LDIF, clear and as Base64', () => {
    const secret = 'correct horse battery staple, and then some more';
    const fold = (line: string): string => (line.match(/.{1,20}/g) ?? []).join('\n ');
    const shown = redactor(secret).text(
      `${fold(`userPassword: ${secret}`)}\n${fold(`userPassword:: ${base64(secret)}`)}\ncn: x\n`,
    );
    expect(shown).toBe('userPassword: [s0]\nuserPassword:: [s0]\ncn: x\n');
  });

  it('knows the single lines of a long one', () => {
    const key = `-----BEGIN-----\n${'a1'.repeat(30)}\n${'b2'.repeat(30)}\n-----END-----\n`;
    expect(redactor(key).text(`saw ${'b2'.repeat(30)} in it`)).toBe('saw [s0] in it');
  });

  it('never lets a secret through a stream, however the chunks are cut', () => {
    const words = fc.constantFrom(
      'hunter2',
      'hunt',
      'er2',
      'secret-two',
      'sec',
      '\n ',
      ' ',
      'x',
      base64('hunter2'),
    );
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 }),
        (parts, cuts) => {
          const text = parts.join('');
          const made = redactor('hunter2', 'secret-two');
          const stream = made.stream();
          let shown = '';
          for (let from = 0, turn = 0; from < text.length; turn += 1) {
            const size = cuts[turn % cuts.length] ?? 1;
            shown += stream.push(text.slice(from, from + size));
            from += size;
          }
          shown += stream.end();
          expect(shown).toBe(made.text(text));
          expect(shown).not.toMatch(/hunter2|secret-two/);
        },
      ),
    );
  });

  it('holds back only what may become a secret', () => {
    const stream = redactor('hunter2').stream();
    expect(stream.push('all of it, hun')).toBe('all of it, ');
    expect(stream.push('ger')).toBe('hunger');
    expect(stream.push(' hunter')).toBe(' ');
    expect(stream.push('2 done\n')).toBe('[s0] done\n');
    expect(stream.push('hunter')).toBe('');
    expect(stream.end()).toBe('hunter');
  });

  it('takes under a second for 100 secrets and a line of 1 MB', () => {
    const made = redactor(
      ...Array.from({ length: 100 }, (_, index) => `secret number ${index} ${base64(String(index * 7919))}`),
    );
    const line = 'dn: uid=someone,ou=people,dc=example,dc=com '.repeat(24_000);
    const started = performance.now();
    expect(made.text(`${line}secret number 7 ${base64(String(7 * 7919))}`)).toBe(`${line}[s7]`);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
