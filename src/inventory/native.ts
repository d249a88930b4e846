/** Reads native inventories, `format: lockstep-inventory/1`. */
import { isMap } from 'yaml';
import type { Value } from '../engine/value.ts';
import { readYaml, type YamlSource } from './document.ts';
import { type Draft, groupOf, hostOf, report } from './draft.ts';
import type { Access } from './model.ts';
import { reportIssue, reportNames } from './native-issues.ts';
import { type NativeAccess, type NativeInventory, nativeInventory } from './native-schema.ts';
import { expandRange } from './range.ts';

/** True when the text says it is one of ours. */
export function isNative(text: string): boolean {
  return /^\s*["']?format["']?\s*:\s*["']?lockstep-inventory/m.test(text);
}

/** Adds the file's hosts and groups to the draft. `path` resolves paths relative to the file. */
export function readNative(draft: Draft, file: string, text: string, path: (text: string) => string): void {
  const source = readYaml(draft, file, text, 'strict');
  if (!source) return;
  const raw = plainOf(draft, source);
  reportNames(draft, source, raw);
  const parsed = nativeInventory.safeParse(raw);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) reportIssue(draft, source, issue);
    return;
  }
  const all = groupOf(draft, 'all', source.placeOf([]));
  all.access = accessOf(parsed.data.access ?? {}, path);
  for (const [name, value] of Object.entries(parsed.data.vars ?? {})) {
    all.inline.set(name, { place: source.placeOf(['vars', name], true), value: value as Value });
  }
  // Hosts keep the order of the file, whichever of the two sections comes first.
  const sections = isMap(source.root) ? source.root.items.map((pair) => String(pair.key)) : [];
  const readers = { groups: readGroups, hosts: readHosts } as const;
  for (const section of sections) {
    if (section === 'groups' || section === 'hosts') readers[section](draft, source, parsed.data, path);
  }
}

function plainOf(draft: Draft, source: YamlSource): unknown {
  try {
    return source.plain(source.root);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report(
      draft,
      'error',
      source.placeOf([]),
      '',
      `the values cannot be read: ${reason}`,
      'write the aliases out',
    );
    return {};
  }
}

function readGroups(
  draft: Draft,
  source: YamlSource,
  data: NativeInventory,
  path: (text: string) => string,
): void {
  const groups = data.groups ?? {};
  for (const [name, spec] of Object.entries(groups)) {
    const group = groupOf(draft, name, source.placeOf(['groups', name], true));
    group.access = { ...group.access, ...accessOf(spec.access ?? {}, path) };
    for (const [key, value] of Object.entries(spec.vars ?? {})) {
      group.inline.set(key, {
        place: source.placeOf(['groups', name, 'vars', key], true),
        value: value as Value,
      });
    }
    for (const [index, pattern] of (spec.hosts ?? []).entries()) {
      for (const host of namesOf(pattern)) {
        group.hosts.add(host);
        hostOf(draft, host, source.placeOf(['groups', name, 'hosts', index]));
      }
    }
    for (const child of spec.children ?? []) group.children.add(child);
  }
}

function readHosts(
  draft: Draft,
  source: YamlSource,
  data: NativeInventory,
  path: (text: string) => string,
): void {
  for (const [pattern, spec] of Object.entries(data.hosts ?? {})) {
    const at = ['hosts', pattern];
    for (const name of namesOf(pattern)) {
      const host = hostOf(draft, name, source.placeOf(at, true));
      if (!spec) continue;
      const { address, connect, platform, vars = {}, ...rest } = spec;
      host.access = {
        ...host.access,
        ...accessOf(rest, path),
        ...(connect === undefined ? {} : { address: connect }),
      };
      if (address !== undefined) host.address = address;
      if (platform !== undefined) host.platform = platform;
      for (const [key, value] of Object.entries(vars)) {
        host.inline.set(key, { place: source.placeOf([...at, 'vars', key], true), value: value as Value });
      }
    }
  }
}

/** What stands for no name has been reported by `reportNames`. */
function namesOf(pattern: string): readonly string[] {
  const expansion = expandRange(pattern);
  return 'names' in expansion ? expansion.names : [];
}

/** `become` counts as a whole: a host's replaces its group's. `become: false` takes it away. */
function accessOf(spec: NativeAccess, path: (text: string) => string): Access {
  const { identity, 'known-hosts': knownHosts, become, ...rest } = spec;
  const plain = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Access;
  return {
    ...plain,
    ...(identity === undefined ? {} : { identityFile: path(identity) }),
    ...(knownHosts === undefined ? {} : { knownHosts: path(knownHosts) }),
    ...(become === undefined ? {} : { become: become === false ? undefined : becomeOf(become) }),
  } as Access;
}

function becomeOf(spec: Exclude<NonNullable<NativeAccess['become']>, false>): NonNullable<Access['become']> {
  const { method = 'sudo', user = 'root', password } = spec;
  return { method, user, ...(password === undefined ? {} : { password }) };
}
