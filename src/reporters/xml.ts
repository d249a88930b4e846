/** XML 1.0 as text: elements with attributes, and what may not stand in a document replaced. Pure. */

/** What XML 1.0 cannot hold in any spelling (section 2.2): control characters, lone surrogates, U+FFFE and U+FFFF. */
const ILLEGAL = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A parser makes a space of these in an attribute, and a newline of a carriage return anywhere.
  '\n': '&#10;',
  '\t': '&#9;',
  '\r': '&#13;',
};

export function text(value: string): string {
  return value.replace(ILLEGAL, '\ufffd').replace(/[&<>\r]/g, (char) => ENTITIES[char] ?? char);
}

function attribute(value: string): string {
  return value.replace(ILLEGAL, '\ufffd').replace(/[&<>"\n\t\r]/g, (char) => ENTITIES[char] ?? char);
}

/** `children` are XML already; what is undefined is left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  ...children: readonly string[]
): string {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${attribute(String(value))}"`],
  );
  const head = `<${name}${given.join('')}`;
  return children.length === 0 ? `${head}/>\n` : `${head}>${children.join('')}</${name}>\n`;
}
