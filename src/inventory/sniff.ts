/** Which format a file of an inventory is in. */
import { isMap, parseDocument } from 'yaml';

/** By its ending; without a telling one, YAML is what parses to a map. A `[group]` heading is INI, never a YAML list. */
export function looksLikeYaml(path: string, text: string): boolean {
  if (/\.(ya?ml|json)$/i.test(path)) return true;
  if (/\.(ini|cfg)$/i.test(path)) return false;
  const first = text.split('\n').find((line) => line.trim() !== '' && !/^\s*[#;]/.test(line)) ?? '';
  if (first.startsWith('---')) return true;
  if (first.startsWith('[')) return false;
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  return document.errors.length === 0 && isMap(document.contents);
}
