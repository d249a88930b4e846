/** A localconfig.xml with other values: what is not asked for stays, byte by byte. Pure. */
import { joinText, Secret, type Text } from '../secrets/secret.ts';
import { escapeXml, type LocalconfigKey, parseLocalconfig } from './parse.ts';

/** What is to be otherwise: values of keys, and keys that go. */
export interface Edit {
  readonly set: ReadonlyMap<string, Text>;
  readonly unset: ReadonlySet<string>;
}

/** The whole file; a Secret, since passwords stand in it. Throws LocalconfigSyntax. */
export function edited(text: string, { set, unset }: Edit): Text {
  const { keys, close } = parseLocalconfig(text);
  const pieces: Text[] = [];
  let at = 0;
  const keepTo = (end: number) => {
    pieces.push(new Secret('localconfig.xml', text.slice(at, end)));
    at = end;
  };
  for (const key of [...keys].sort((a, b) => a.start - b.start)) {
    const value = set.get(key.name);
    if (value !== undefined) {
      keepTo(key.valueStart);
      pieces.push(...valueElement(value));
      at = key.valueEnd;
    } else if (unset.has(key.name)) {
      const [from, to] = lineOf(text, key);
      keepTo(from);
      at = to;
    }
  }
  keepTo(close);
  const known = new Set(keys.map(({ name }) => name));
  const added = [...set].filter(([name]) => !known.has(name));
  if (added.length > 0 && !/\n[ \t]*$/.test(text.slice(0, close))) pieces.push('\n');
  for (const [name, value] of added)
    pieces.push(`  <key name="${escapeXml(name)}">\n    `, ...valueElement(value), '\n  </key>\n');
  keepTo(text.length);
  return joinText(pieces);
}

function valueElement(value: Text): readonly Text[] {
  const escaped = value instanceof Secret ? value.map(escapeXml) : escapeXml(value);
  return ['<value>', escaped, '</value>'];
}

/** From where a key begins to where it ends, with the line of its own where it has one. */
function lineOf(text: string, { start, end }: LocalconfigKey): readonly [number, number] {
  const indent = /[ \t]*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  const rest = /^[ \t]*\r?\n/.exec(text.slice(end))?.[0].length ?? 0;
  const isOwn = rest > 0 && /(^|\n)$/.test(text.slice(0, start - indent));
  return isOwn ? [start - indent, end + rest] : [start, end];
}
