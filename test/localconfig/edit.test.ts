import { describe, expect, test } from 'vitest';
import { edited } from '../../src/localconfig/edit.ts';
import { reveal, Secret, type Text } from '../../src/secrets/secret.ts';

/** As a person has left it. */
const ODD = `<?xml version="1.0" encoding="UTF-8"?>
<!-- mind the blanks -->
<localconfig>
\t<key name='ldap_url'><value>ldap://a:389</value></key>

  <key name="ldap_root_password">
    <value>p&amp;w</value>
  </key>
  <key name="last"><value/></key></localconfig>
<!-- end -->`;

const edit = (text: string, set: Readonly<Record<string, Text>>, unset: readonly string[] = []) =>
  edited(text, { set: new Map(Object.entries(set)), unset: new Set(unset) });

describe('a localconfig.xml with other values', () => {
  test('is a secret, whatever was changed', () => {
    const content = edit(ODD, { ldap_url: 'ldap://b:389' });
    expect(content).toBeInstanceOf(Secret);
    expect(`${content}${JSON.stringify(content)}`).not.toMatch(/p&|ldap:/);
  });

  test('differs in these values alone', () => {
    const set = { ldap_url: 'ldap://b:389 ldap://a:389', last: '<&>"' };
    expect(reveal(edit(ODD, set))).toBe(
      ODD.replace('ldap://a:389', 'ldap://b:389 ldap://a:389').replace(
        '<value/>',
        '<value>&lt;&amp;&gt;&quot;</value>',
      ),
    );
  });

  test('takes a secret as it is, with what XML needs', () => {
    const set = { ldap_root_password: new Secret('root', 'a<b&c') };
    expect(reveal(edit(ODD, set))).toBe(ODD.replace('p&amp;w', 'a&lt;b&amp;c'));
  });

  test('gets new keys at its end, on lines of their own', () => {
    const key = '  <key name="new">\n    <value>1</value>\n  </key>\n';
    expect(reveal(edit(ODD, { new: '1' }))).toBe(ODD.replace('</localconfig>', `\n${key}</localconfig>`));
    const usual = '<localconfig>\n</localconfig>\n';
    expect(reveal(edit(usual, { new: '1' }))).toBe(`<localconfig>\n${key}</localconfig>\n`);
  });

  test('loses keys with their lines, and nothing else', () => {
    expect(reveal(edit(ODD, {}, ['ldap_root_password']))).toBe(
      ODD.replace(/ {2}<key name="ldap_root_password">[\s\S]*?<\/key>\n/, ''),
    );
    expect(reveal(edit(ODD, {}, ['last', 'ldap_url', 'never set']))).toBe(
      ODD.replace('<key name="last"><value/></key>', '').replace(/\t<key name='ldap_url'>.*\n/, ''),
    );
  });
});
