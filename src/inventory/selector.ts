/** Selectors: `masters`, `ldap1,ldap2`, `masters:!ldap3`, `mailstores:&site_a`, `all`, `ldap*`, `ldap[1:3]`. */
import { didYouMean } from '../runbook/suggestion.ts';
import type { Inventory } from './model.ts';
import { expandRange } from './range.ts';

export type Selection =
  | { readonly ok: true; readonly hosts: readonly string[] }
  | { readonly ok: false; readonly problems: readonly SelectorProblem[] };

export interface SelectorProblem {
  readonly message: string;
  readonly hint: string;
}

/**
 * The hosts a selector names, once each, in the order of the inventory; it may be none. As in Ansible the terms are
 * joined first, then narrowed by those with `&`, then cut by those with `!`, wherever these stand.
 */
export function select(inventory: Pick<Inventory, 'hosts' | 'groups'>, selector: string): Selection {
  const problems: SelectorProblem[] = [];
  const order = inventory.groups.all ?? Object.keys(inventory.hosts);
  const terms = splitTerms(selector, (name) => Object.hasOwn(inventory.hosts, name));
  if (terms.length === 0) {
    return {
      ok: false,
      problems: [{ message: 'the selector is empty', hint: 'name a group, hosts, or "all"' }],
    };
  }
  const found = terms.map((term) => {
    const sign = /^[!&]/.exec(term)?.[0] ?? '';
    return { sign, hosts: new Set(match(inventory, order, term.slice(sign.length).trim(), problems)) };
  });
  if (problems.length > 0) return { ok: false, problems };
  const joined = found.filter((term) => term.sign === '');
  const narrowed = found.filter((term) => term.sign === '&');
  const cut = found.filter((term) => term.sign === '!');
  const hosts = order.filter(
    (host) =>
      (joined.length === 0 || joined.some((term) => term.hosts.has(host))) &&
      narrowed.every((term) => term.hosts.has(host)) &&
      !cut.some((term) => term.hosts.has(host)),
  );
  return { ok: true, hosts };
}

/** Splits at `,` and at `:` outside brackets; a piece that is a host's own name (an IPv6 address) stays whole. */
function splitTerms(selector: string, isHost: (name: string) => boolean): string[] {
  const pieces = selector.split(/,(?![^[]*\])/).flatMap((piece) => {
    const bare = piece.trim().replace(/^[!&]/, '');
    return isHost(bare) ? [piece] : piece.split(/:(?![^[]*\])/);
  });
  return pieces.map((piece) => piece.trim()).filter((piece) => piece !== '');
}

function match(
  inventory: Pick<Inventory, 'hosts' | 'groups'>,
  order: readonly string[],
  name: string,
  problems: SelectorProblem[],
): readonly string[] {
  if (Object.hasOwn(inventory.hosts, name)) return [name];
  const group = Object.hasOwn(inventory.groups, name) ? inventory.groups[name] : undefined;
  if (group) return group;
  if (name.startsWith('~')) {
    problems.push({
      message: `"${name}": regular expressions are not selectors`,
      hint: 'use a glob such as ldap*',
    });
    return [];
  }
  if (/\[[^\]]*:[^\]]*\]/.test(name)) return matchRange(inventory, order, name, problems);
  if (/[*?[]/.test(name)) return matchGlob(inventory, order, name);
  problems.push(unknown(inventory, order, name));
  return [];
}

function matchRange(
  inventory: Pick<Inventory, 'hosts' | 'groups'>,
  order: readonly string[],
  name: string,
  problems: SelectorProblem[],
): readonly string[] {
  const expansion = expandRange(name);
  if ('problem' in expansion) {
    problems.push({ message: expansion.problem, hint: 'a range is [begin:end], e.g. ldap[1:3]' });
    return [];
  }
  return expansion.names.flatMap((each) => match(inventory, order, each, problems));
}

/** A glob takes the hosts it matches and the hosts of the groups it matches; matching nothing is no error. */
function matchGlob(
  inventory: Pick<Inventory, 'hosts' | 'groups'>,
  order: readonly string[],
  glob: string,
): readonly string[] {
  const pattern = globPattern(glob);
  const groups = Object.entries(inventory.groups).filter(
    ([name]) => name !== 'all' && name !== 'ungrouped' && pattern.test(name),
  );
  return [...order.filter((host) => pattern.test(host)), ...groups.flatMap(([, hosts]) => hosts)];
}

function globPattern(glob: string): RegExp {
  const source = glob.replace(/\[!?[^\]]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 2 && part.startsWith('[')) {
      const negated = part.startsWith('[!');
      return `[${negated ? '^' : ''}${part.slice(negated ? 2 : 1, -1).replace(/[\\^[]/g, '\\$&')}]`;
    }
    return part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 's');
}

function unknown(
  inventory: Pick<Inventory, 'hosts' | 'groups'>,
  order: readonly string[],
  name: string,
): SelectorProblem {
  const groups = Object.keys(inventory.groups).filter((group) => group !== 'ungrouped');
  return {
    message: `"${name}" is neither a host nor a group of the inventory`,
    hint: didYouMean(name, [...groups, ...order], `the groups are ${groups.join(', ')}`),
  };
}
