import { describe, expect, test } from 'vitest';
import { escapeXml, parseLocalconfig } from '../../src/localconfig/parse.ts';

const file = (...keys: readonly string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n\n<localconfig>\n${keys.join('\n')}\n</localconfig>\n`;
const key = (name: string, value: string) => `  <key name="${name}">\n    <value>${value}</value>\n  </key>`;
const valuesIn = (text: string) =>
  Object.fromEntries(parseLocalconfig(text).keys.map(({ name, value }) => [name, value]));

describe('a localconfig.xml is read', () => {
  test('as its products write it', () => {
    const text = file(key('ldap_url', 'ldap://a:389 ldap://b:389'), key('ldap_is_master', 'true'));
    expect(valuesIn(text)).toEqual({ ldap_url: 'ldap://a:389 ldap://b:389', ldap_is_master: 'true' });
    expect(parseLocalconfig(text).close).toBe(text.indexOf('</localconfig>'));
  });

  test('with its values as they stand, blanks and line ends included', () => {
    expect(valuesIn(file(key('a', ' 01+00:00  00+04:00\n')))).toEqual({ a: ' 01+00:00  00+04:00\n' });
  });

  test('with empty values, however they are written', () => {
    const empty = '<key name="b"><value/></key><key name="c"><value></value></key>';
    expect(valuesIn(file(key('a', ''), empty))).toEqual({ a: '', b: '', c: '' });
    expect(valuesIn('<localconfig></localconfig>')).toEqual({});
  });

  test('with named and numbered entities, and comments anywhere between', () => {
    const text = `<!-- <key> -->${file(
      '<!-- a > b -- -->'.replace(' -- ', ' '),
      key('p&amp;q', '&lt;&gt;&amp;&quot;&apos;&#228;&#x1F600;'),
      "<key name='single'><!-- x --><value>1</value></key>",
    ).replace(/^<\?xml.*\n\n/, '')}<!-- end -->`;
    expect(valuesIn(text)).toEqual({ 'p&q': '<>&"\'ä😀', single: '1' });
  });

  test('with the places of each key and value', () => {
    const text = file(key('a', '1'), key('b', '2'));
    const { keys } = parseLocalconfig(text);
    expect(keys.map(({ start, end }) => text.slice(start, end))).toEqual([
      key('a', '1').trim(),
      key('b', '2').trim(),
    ]);
    expect(keys.map(({ valueStart, valueEnd }) => text.slice(valueStart, valueEnd))).toEqual([
      '<value>1</value>',
      '<value>2</value>',
    ]);
  });

  test('and what is escaped reads back', () => {
    const odd = `a<b>&"c'd&amp;`;
    expect(valuesIn(file(key('x', escapeXml(odd))))).toEqual({ x: odd });
  });
});

describe('what is not understood is refused with its line, and without a value', () => {
  test.each([
    ['an empty file', '', 'line 1: <localconfig> is expected here'],
    ['another document', '<config/>', 'line 1: <localconfig> is expected here'],
    ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><localconfig/>', 'line 1: encoding UTF-16'],
    ['a document type', '<!DOCTYPE x><localconfig></localconfig>', 'line 1: <localconfig> is expected here'],
    ['a file that is cut off', file(key('a', '1')).slice(0, -20), 'line 6: </key> is expected here'],
    [
      'a value that is cut off',
      '<localconfig>\n<key name="a">\n<value>sec',
      'line 3: <value>…</value> with text only',
    ],
    ['elements in a value', file(key('a', 'sec<b>ret</b>')), 'line 5: <value>…</value> with text only'],
    ['CDATA', file(key('a', '<![CDATA[secret]]>')), 'line 5: <value>…</value> with text only'],
    ['a key without a value', file('<key name="a"></key>'), 'line 4: <value>…</value> with text only'],
    ['a key of two values', file('<key name="a"><value>1</value><value>2</value></key>'), 'line 4: </key>'],
    ['another element', file('<secret/>'), 'line 4: <key name="…"> is expected here'],
    [
      'a key that is there twice',
      file(key('a', '1'), key('b', '1'), key('a', '2')),
      'line 10: key a stands there a second time',
    ],
    ['text between keys', file('secret'), 'line 4: <key name="…"> is expected here'],
    ['text behind the end', `${file()}x`, 'line 6: something stands behind </localconfig>'],
    ['an unknown entity', file(key('a', 'x&nbsp;y')), 'line 5: entity &nbsp;'],
    ['a bare ampersand', file(key('a', 'x & y')), 'line 5: & that begins no entity'],
    ['a character that is none', file(key('a', '&#0;')), 'line 5: entity &#0;'],
    ['one beyond Unicode', file(key('a', '&#x110000;')), 'line 5: entity &#x110000;'],
    ['an open comment', file('<!-- secret'), 'line 4: <key name="…"> is expected here'],
  ])('%s', (_, text, message) => {
    const refused = () => parseLocalconfig(text);
    expect(refused).toThrow(message);
    expect(refused).not.toThrow(/secret|sec<|ret/);
  });
});
