/** Reads Ansible's INI inventories. Source of the rules: ansible-core's plugins/inventory/ini.py. */
import { type Draft, groupOf, hostOf, type Place, report, setGroupVariable } from './draft.ts';
import { parseHostPattern } from './host-pattern.ts';
import { pythonLiteral } from './python.ts';
import { ansibleVariable } from './variable.ts';
import { splitWords } from './words.ts';

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;
const CHILD = /^([^:\]\s]+)\s*(?:#.*)?$/;

interface Pending {
  readonly place: Place;
  readonly message: string;
}

/** Adds the file's groups, hosts and variables to the draft, and every problem, each with its line. */
export function readIni(draft: Draft, file: string, text: string): void {
  draft.ansible = true;
  const declared = new Set(['all', 'ungrouped', ...draft.groups.keys()]);
  const wanted = new Map<string, Pending>();
  let group = 'ungrouped';
  let kind = 'hosts';
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const place = { file, line: index + 1, column: raw.length - raw.trimStart().length + 1 };
    const section = SECTION.exec(line);
    if (section) {
      group = section[1] ?? '';
      kind = section[2] ?? 'hosts';
      if (kind === 'hosts' || kind === 'children') declared.add(group);
      else if (kind === 'vars') {
        if (!wanted.has(group))
          wanted.set(group, { place, message: `[${group}:vars] is for a group that is nowhere declared` });
      } else {
        report(
          draft,
          'error',
          place,
          group,
          `[${group}:${kind}]: unknown kind of section "${kind}"`,
          'use [group], [group:children] or [group:vars]',
        );
        kind = 'unknown';
      }
      if (kind !== 'unknown') groupOf(draft, group, place);
    } else if (line.startsWith('[') && line.endsWith(']') && !line.includes(':')) {
      report(
        draft,
        'error',
        place,
        '',
        `"${line}" is not a section heading`,
        'a group name has no blanks and no "]"',
      );
      kind = 'unknown';
    } else if (kind === 'hosts') hostLine(draft, group, line, place);
    else if (kind === 'vars') variableLine(draft, group, line, place);
    else if (kind === 'children') {
      const child = CHILD.exec(line)?.[1];
      if (child === undefined) {
        report(
          draft,
          'error',
          place,
          `${group}.children`,
          `expected the name of a group, got "${line}"`,
          'one group name a line',
        );
        continue;
      }
      if (!wanted.has(child))
        wanted.set(child, {
          place,
          message: `[${group}:children] names the group ${child}, which is nowhere declared`,
        });
      groupOf(draft, group, place).children.add(child);
    }
  }
  for (const [name, pending] of wanted) {
    if (declared.has(name)) continue;
    report(draft, 'error', pending.place, name, pending.message, `add a section [${name}], or mend the name`);
  }
}

function hostLine(draft: Draft, group: string, line: string, place: Place): void {
  const split = splitWords(line, { comments: true });
  if ('problem' in split) {
    report(
      draft,
      'error',
      place,
      group,
      `this host line cannot be read: ${split.problem}`,
      'quote values that hold blanks, and close the quotes',
    );
    return;
  }
  const [pattern, ...assignments] = split.words;
  if (pattern === undefined) return;
  const parsed = parseHostPattern(pattern);
  if ('problem' in parsed) {
    report(
      draft,
      'error',
      place,
      group,
      parsed.problem,
      'a host line begins with name, name:port or a range such as ldap[1:3]',
    );
    return;
  }
  const variables: [string, unknown][] = parsed.port === undefined ? [] : [['ansible_port', parsed.port]];
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=');
    // The word itself stays out of the message: it may be a piece of a password with a blank in it.
    if (equals < 1) {
      report(
        draft,
        'error',
        place,
        `${group}.${pattern}`,
        `after ${pattern} comes a word that is not name=value`,
        'write name=value, in quotes when the value holds blanks',
      );
    } else variables.push([assignment.slice(0, equals), pythonLiteral(assignment.slice(equals + 1))]);
  }
  const checked = variables.map(([name, raw]) => [name, ansibleVariable(draft, place, name, raw)] as const);
  for (const name of parsed.names) {
    groupOf(draft, group, place).hosts.add(name);
    const host = hostOf(draft, name, place);
    for (const [key, variable] of checked) host.inline.set(key, variable);
  }
}

function variableLine(draft: Draft, group: string, line: string, place: Place): void {
  const equals = line.indexOf('=');
  if (equals < 1) {
    report(
      draft,
      'error',
      place,
      `${group}.vars`,
      `[${group}:vars]: expected name=value`,
      'write one name=value a line',
    );
    return;
  }
  const name = line.slice(0, equals).trim();
  const variable = ansibleVariable(draft, place, name, pythonLiteral(line.slice(equals + 1).trim()));
  setGroupVariable(groupOf(draft, group, place), name, variable);
}
