/** Makes an inventory of a draft: inheritance worked out, secrets wrapped, addresses set. */
import type { Value } from '../engine/value.ts';
import { Secret } from '../secrets/secret.ts';
import { ansibleAccess, isAnsiblePassword } from './ansible-access.ts';
import { type Draft, type HostDraft, report, type Variables } from './draft.ts';
import type { Access, Inventory, InventoryHost } from './model.ts';
import { type Family, familyOf, variablesOf } from './precedence.ts';

/** A text under such a name is taken for a secret: shown by its name, never put in argv or a journal. */
const SECRET_NAME = /(^|[_-])(password|passwd|passphrase|pass|secret|token|credentials?)$/i;

/** `path` resolves what Ansible takes from the working directory. Problems go to the draft. */
export function resolveDraft(draft: Draft, source: string, path: (text: string) => string): Inventory {
  const family = familyOf(draft);
  const hosts = [...draft.hosts.values()].map(
    (host) => [host.name, resolveHost(draft, family, host, path)] as const,
  );
  for (const host of draft.hosts.values()) {
    if (draft.groups.has(host.name)) {
      report(
        draft,
        'warning',
        host.place,
        host.name,
        `${host.name} is both a host and a group`,
        'in selectors it means the host; rename one',
      );
    }
  }
  const all = draft.groups.get('all');
  return {
    source,
    hosts: Object.fromEntries(hosts),
    groups: Object.fromEntries(family.members),
    vars: plainOf(new Map([...(all?.inline ?? []), ...(all?.filed ?? [])])),
    files: [...draft.files],
  };
}

function resolveHost(
  draft: Draft,
  family: Family,
  host: HostDraft,
  path: (text: string) => string,
): InventoryHost {
  const variables = variablesOf(draft, family, host);
  const groups = family.ofHost.get(host.name) ?? [];
  const written = [draft.groups.get('all')?.access, ...groups.map((group) => group.access), host.access];
  const access: Access = Object.assign(
    draft.ansible ? ansibleAccess(draft, host, variables, path) : {},
    ...written.map((layer) => layer ?? {}),
  );
  const named = (name: string): string | undefined => {
    const variable = variables.get(name);
    return variable && 'value' in variable && typeof variable.value === 'string' ? variable.value : undefined;
  };
  const names = new Set(groups.map((group) => group.name));
  const order = [...family.members.keys()].filter((name) => names.has(name));
  return {
    name: host.name,
    address: host.address ?? named('lockstep_address') ?? host.name,
    platform: host.platform ?? named('platform') ?? '',
    groups: order.length > 0 ? order : ['ungrouped'],
    vars: plainOf(variables),
    access: Object.fromEntries(Object.entries(access).filter(([, value]) => value !== undefined)),
  };
}

/** Absent variables are left out, so that using one is an unknown name. */
function plainOf(variables: Variables): Record<string, Value> {
  const plain: [string, Value][] = [];
  for (const [name, variable] of variables) {
    if ('value' in variable) plain.push([name, veil(name, variable.value)]);
  }
  return Object.fromEntries(plain);
}

function veil(name: string, value: Value): Value {
  if (value instanceof Secret || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => veil(name, item));
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, veil(key, item)]));
  }
  const secret = SECRET_NAME.test(name) || isAnsiblePassword(name);
  // A reference (env:NAME) tells where the secret is and is none itself; true and false are switches.
  if (!secret || typeof value === 'boolean' || value === '' || name.startsWith('lockstep_')) return value;
  return new Secret(`var ${name}`, String(value));
}
