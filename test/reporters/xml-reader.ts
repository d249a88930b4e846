/** A strict reader of the XML that our reports are made of; throws where a document is not well-formed. */

export interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Node[];
  /** Its own text, without that of its children. */
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
const LEGAL = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

export function readXml(document: string): Node {
  if (!LEGAL.test(document)) throw new Error('a character that XML 1.0 cannot hold');
  const head = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n/.exec(document)?.[0];
  if (head === undefined) throw new Error('no XML declaration');
  let at = head.length;
  const root = element();
  if (document.slice(at).trim() !== '') throw new Error(`something after the end: ${document.slice(at)}`);
  return root;

  function take(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern, 'y');
    sticky.lastIndex = at;
    const found = sticky.exec(document);
    if (found) at = sticky.lastIndex;
    return found ?? undefined;
  }

  function element(): Node {
    const name = take(/<([a-z][a-z-]*)/)?.[1];
    if (name === undefined) throw new Error(`no element at ${document.slice(at, at + 60)}`);
    const attributes: Record<string, string> = {};
    for (let found = take(ATTRIBUTE); found; found = take(ATTRIBUTE)) {
      const [, key = '', value = ''] = found;
      if (Object.hasOwn(attributes, key)) throw new Error(`${name} has ${key} twice`);
      attributes[key] = decoded(value);
    }
    if (take(/\/>/)) return { name, attributes, children: [], text: '' };
    if (!take(/>/)) throw new Error(`<${name}> has no end at ${document.slice(at, at + 60)}`);
    const children: Node[] = [];
    let text = '';
    for (;;) {
      text += decoded(take(/[^<]*/)?.[0] ?? '');
      const end = take(/<\/([a-z][a-z-]*)>/)?.[1];
      if (end === name) return { name, attributes, children, text };
      if (end !== undefined) throw new Error(`</${end}> ends <${name}>`);
      children.push(element());
    }
  }
}

const ATTRIBUTE = /\s+([a-z][A-Za-z0-9-]*)="([^"<]*)"/;

function decoded(raw: string): string {
  if (/&(?!(amp|lt|gt|quot|#\d+);)/.test(raw)) throw new Error(`a bare & in ${raw}`);
  return raw.replace(/&(?:#(\d+)|(\w+));/g, (_, code?: string, name = '') =>
    code === undefined ? (ENTITIES[name] ?? '') : String.fromCodePoint(Number(code)),
  );
}

/** All elements of a name, in order. */
export function all(node: Node, name: string): readonly Node[] {
  return [...(node.name === name ? [node] : []), ...node.children.flatMap((child) => all(child, name))];
}
