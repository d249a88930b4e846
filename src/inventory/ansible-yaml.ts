/** Reads Ansible's YAML inventories and variable files. Source of the rules: ansible-core's plugins/inventory/yaml.py. */
import { isMap, isScalar, type YAMLMap } from 'yaml';
import { readYaml, type YamlSource } from './document.ts';
import { type Draft, groupOf, hostOf, report, setGroupVariable, type Variables } from './draft.ts';
import { parseHostPattern } from './host-pattern.ts';
import { ansibleVariable } from './variable.ts';

/** Adds an inventory of groups, each with hosts, children and vars, to the draft. */
export function readAnsibleYaml(draft: Draft, file: string, text: string): void {
  const source = readYaml(draft, file, text, 'ansible');
  if (!source) return;
  draft.ansible = true;
  const root = source.root;
  if (!isMap(root)) {
    report(
      draft,
      'error',
      source.placeOf([]),
      '',
      'a YAML inventory is a map of groups',
      'begin with "all:"',
    );
    return;
  }
  if (root.has('plugin')) {
    const hint = 'save its result: ansible-inventory -i FILE --list --yaml --export > hosts.yaml';
    report(
      draft,
      'error',
      source.placeOfPair(root, 'plugin'),
      'plugin',
      'this configures an inventory plugin of Ansible; it holds no hosts',
      hint,
    );
    return;
  }
  for (const [name, node] of entries(draft, source, root, ''))
    readGroup(draft, source, root, name, node, name);
}

function readGroup(
  draft: Draft,
  source: YamlSource,
  parent: YAMLMap,
  name: string,
  node: unknown,
  path: string,
): void {
  const place = source.placeOfPair(parent, name);
  if (!isEmpty(node) && !isMap(node)) {
    report(
      draft,
      'error',
      place,
      path,
      `group ${name} must be a map of hosts, children and vars`,
      'write its hosts under "hosts:"',
    );
    return;
  }
  const group = groupOf(draft, name, place);
  if (!isMap(node)) return;
  for (const [key, section] of entries(draft, source, node, path)) {
    const here = `${path}.${key}`;
    if (key !== 'vars' && key !== 'children' && key !== 'hosts') {
      report(
        draft,
        'warning',
        source.placeOfPair(node, key),
        here,
        `group ${name} has "${key}", which Ansible skips`,
        'a group holds hosts, children and vars; other groups go under children',
      );
      continue;
    }
    // Ansible takes a lone name for a map with that one key: `hosts: ldap1`.
    const lone = isScalar(section) && typeof section.value === 'string' ? section.value : undefined;
    if (lone === undefined && !isMap(section) && !isEmpty(section)) {
      report(
        draft,
        'error',
        source.placeOfPair(node, key),
        here,
        `"${key}" of group ${name} must be a map`,
        'end each name with ":"',
      );
      continue;
    }
    if (lone !== undefined && key === 'hosts') readHost(draft, source, node, name, lone, null, here);
    if (lone !== undefined && key === 'children') group.children.add(groupOf(draft, lone, place).name);
    if (!isMap(section)) continue;
    if (key === 'vars') {
      for (const [variable, value] of variablesOf(draft, source, section, here))
        setGroupVariable(group, variable, value);
    }
    for (const [child, value] of key === 'vars' ? [] : entries(draft, source, section, here)) {
      if (key === 'hosts') readHost(draft, source, section, name, child, value, `${here}.${child}`);
      else {
        group.children.add(child);
        readGroup(draft, source, section, child, value, `${here}.${child}`);
      }
    }
  }
}

function readHost(
  draft: Draft,
  source: YamlSource,
  parent: YAMLMap,
  group: string,
  pattern: string,
  node: unknown,
  path: string,
): void {
  const place = source.placeOfPair(parent, pattern);
  const parsed = parseHostPattern(pattern);
  if ('problem' in parsed) {
    report(
      draft,
      'error',
      place,
      path,
      parsed.problem,
      'a host is a name, name:port or a range such as ldap[1:3]',
    );
    return;
  }
  if (!isEmpty(node) && !isMap(node)) {
    report(
      draft,
      'error',
      place,
      path,
      `host ${pattern} must be a map of variables, or empty`,
      'write "name: value" below it',
    );
    return;
  }
  const variables: Variables = isMap(node) ? variablesOf(draft, source, node, path) : new Map();
  if (parsed.port !== undefined && !variables.has('ansible_port'))
    variables.set('ansible_port', { place, value: parsed.port });
  for (const name of parsed.names) {
    groupOf(draft, group, place).hosts.add(name);
    const host = hostOf(draft, name, place);
    for (const [key, variable] of variables) host.inline.set(key, variable);
  }
}

/** Reads a file of group_vars/ or host_vars/ into `into`; later files win. */
export function readVariablesFile(draft: Draft, file: string, text: string, into: Variables): void {
  if (/^\s*\$ANSIBLE_VAULT;/.test(text)) {
    const hint = 'give the values lockstep needs as lockstep_ variables with references such as env:NAME';
    report(
      draft,
      'warning',
      { file, line: 1, column: 1 },
      '',
      'the file is encrypted with ansible-vault; its variables are absent here',
      hint,
    );
    return;
  }
  const source = readYaml(draft, file, text, 'ansible');
  if (!source || isEmpty(source.root)) return;
  if (!isMap(source.root)) {
    report(
      draft,
      'error',
      source.placeOf([]),
      '',
      'a file of variables is a map',
      'write "name: value" lines',
    );
    return;
  }
  for (const [name, variable] of variablesOf(draft, source, source.root, '')) into.set(name, variable);
}

function variablesOf(draft: Draft, source: YamlSource, map: YAMLMap, path: string): Variables {
  const variables: Variables = new Map();
  entries(draft, source, map, path);
  let plain: unknown;
  try {
    plain = source.plain(map);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report(
      draft,
      'error',
      source.placeOf([]),
      path,
      `the values cannot be read: ${reason}`,
      'write the aliases out',
    );
    return variables;
  }
  for (const [name, raw] of Object.entries(plain ?? {})) {
    variables.set(name, ansibleVariable(draft, source.placeOfPair(map, name), name, raw));
  }
  return variables;
}

/** The pairs of a map by name; a key written twice is warned about, and the last one counts. */
function entries(draft: Draft, source: YamlSource, map: YAMLMap, path: string): [string, unknown][] {
  const found = new Map<string, unknown>();
  for (const pair of map.items) {
    const raw = isScalar(pair.key) ? pair.key.value : pair.key;
    const key = typeof raw === 'symbol' ? '<<' : String(raw);
    if (found.has(key) && key !== '<<') {
      report(
        draft,
        'warning',
        source.placeOfPair(map, key),
        path,
        `"${key}" is written twice; the last one counts`,
        'join the two',
      );
    }
    found.set(key, source.resolve(pair.value));
  }
  return [...found];
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}
