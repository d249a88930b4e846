/**
 * Who inherits from whom, and in which order. Source: ansible-core's inventory/helpers.py and vars/manager.py: groups
 * count by depth, then priority, then name; group_vars/ files count over what the inventory file itself says.
 */
import { type Draft, type GroupDraft, type HostDraft, report, type Variables } from './draft.ts';

/** The groups' family tree, `all` at the root. */
export interface Family {
  /** Groups a host is in, by itself or through children, without `all`; the last one counts most. */
  readonly ofHost: ReadonlyMap<string, readonly GroupDraft[]>;
  /** Hosts of each group, children included, in the order of the inventory. */
  readonly members: ReadonlyMap<string, readonly string[]>;
}

/** Works out the tree. A loop of children is a problem of the draft and is cut. */
export function familyOf(draft: Draft): Family {
  const depths = depthsOf(draft);
  const sets = new Map<string, Set<string>>();
  for (const group of draft.groups.values()) sets.set(group.name, hostsUnder(draft, group, new Set()));
  const grouped = new Set<string>();
  for (const [name, hosts] of sets) {
    if (name !== 'all' && name !== 'ungrouped') for (const host of hosts) grouped.add(host);
  }
  const order = [...draft.hosts.keys()];
  sets.set('all', new Set(order));
  sets.set('ungrouped', new Set(order.filter((host) => !grouped.has(host))));
  const rank = (group: GroupDraft): number => depths.get(group.name) ?? 1;
  const ranked = [...draft.groups.values()].sort(
    (a, b) => rank(a) - rank(b) || a.priority - b.priority || (a.name < b.name ? -1 : 1),
  );
  const ofHost = order.map(
    (host) =>
      [host, ranked.filter((group) => group.name !== 'all' && sets.get(group.name)?.has(host))] as const,
  );
  const members = [...sets].map(([name, hosts]) => [name, order.filter((host) => hosts.has(host))] as const);
  return { ofHost: new Map(ofHost), members: new Map(members) };
}

/** A host's variables, the later ones over the earlier: all, groups, group_vars/all, group_vars/*, host, host_vars/*. */
export function variablesOf(draft: Draft, family: Family, host: HostDraft): Variables {
  const groups = family.ofHost.get(host.name) ?? [];
  const all = draft.groups.get('all');
  const layers = [
    all?.inline,
    ...groups.map((group) => group.inline),
    all?.filed,
    ...groups.map((group) => group.filed),
    host.inline,
    host.filed,
  ];
  return new Map(layers.flatMap((layer) => (layer ? [...layer] : [])));
}

/** Longest way from `all`; loops are cut where they close. */
function depthsOf(draft: Draft): Map<string, number> {
  const depths = new Map<string, number>([['all', 0]]);
  const descend = (group: GroupDraft, depth: number, line: readonly string[]): void => {
    depths.set(group.name, Math.max(depth, depths.get(group.name) ?? 0));
    for (const name of [...group.children]) {
      const child = draft.groups.get(name);
      if (name === group.name || line.includes(name)) {
        group.children.delete(name);
        const circle = [...line.slice(line.indexOf(name)), group.name, name].join(' > ');
        report(
          draft,
          'error',
          group.place,
          `${group.name}.children`,
          `the groups go in a circle: ${circle}`,
          'take one of the children away',
        );
      } else if (child && depth + 1 > (depths.get(name) ?? 0))
        descend(child, depth + 1, [...line, group.name]);
    }
  };
  const children = new Set([...draft.groups.values()].flatMap((group) => [...group.children]));
  for (const group of draft.groups.values()) {
    if (group.name === 'all') descend(group, 0, []);
    else if (!children.has(group.name)) descend(group, 1, []);
  }
  // Groups that are only in a circle have no way from above.
  for (const group of draft.groups.values()) if (!depths.has(group.name)) descend(group, 1, []);
  return depths;
}

function hostsUnder(draft: Draft, group: GroupDraft, seen: Set<string>): Set<string> {
  const hosts = new Set(group.hosts);
  seen.add(group.name);
  for (const name of group.children) {
    const child = draft.groups.get(name);
    if (child && !seen.has(name)) for (const host of hostsUnder(draft, child, seen)) hosts.add(host);
  }
  return hosts;
}
