/** What the readers of the formats fill in; `resolve.ts` makes an inventory of it. */
import type { Value } from '../engine/value.ts';
import type { Problem } from '../runbook/model.ts';
import type { Access } from './model.ts';

/** Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A variable as written; `absent` says why its value cannot be known here (vault, Jinja). */
export type Variable =
  | { readonly place: Place; readonly value: Value }
  | { readonly place: Place; readonly absent: string };

export type Variables = Map<string, Variable>;

export interface GroupDraft {
  readonly name: string;
  readonly place: Place;
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  /** From the inventory file itself; those of group_vars/ are `filed` and win. */
  readonly inline: Variables;
  readonly filed: Variables;
  access: Access;
  /** ansible_group_priority: among groups of one depth the higher wins. */
  priority: number;
}

export interface HostDraft {
  readonly name: string;
  readonly place: Place;
  readonly inline: Variables;
  readonly filed: Variables;
  access: Access;
  address?: string;
  platform?: string;
}

export interface Draft {
  readonly groups: Map<string, GroupDraft>;
  readonly hosts: Map<string, HostDraft>;
  readonly problems: Problem[];
  /** Files read so far. */
  readonly files: string[];
  /** True once a file in one of Ansible's formats was read: `ansible_*` variables then say how to reach a host. */
  ansible: boolean;
}

export function emptyDraft(): Draft {
  return { groups: new Map(), hosts: new Map(), problems: [], files: [], ansible: false };
}

/** The group of that name, made if need be. */
export function groupOf(draft: Draft, name: string, place: Place): GroupDraft {
  const known = draft.groups.get(name);
  if (known) return known;
  const group: GroupDraft = {
    name,
    place,
    hosts: new Set(),
    children: new Set(),
    inline: new Map(),
    filed: new Map(),
    access: {},
    priority: 1,
  };
  draft.groups.set(name, group);
  return group;
}

/** The host of that name, made if need be. */
export function hostOf(draft: Draft, name: string, place: Place): HostDraft {
  const known = draft.hosts.get(name);
  if (known) return known;
  const host: HostDraft = { name, place, inline: new Map(), filed: new Map(), access: {} };
  draft.hosts.set(name, host);
  return host;
}

/** Sets a group's variable; Ansible takes ansible_group_priority out of them. */
export function setGroupVariable(group: GroupDraft, name: string, variable: Variable): void {
  if (name === 'ansible_group_priority' && 'value' in variable) group.priority = Number(variable.value) || 1;
  else group.inline.set(name, variable);
}

/** Notes a problem at a place. `path` is where in the document, e.g. `hosts.ldap1.port`. */
export function report(
  draft: Pick<Draft, 'problems'>,
  severity: Problem['severity'],
  place: Place,
  path: string,
  message: string,
  hint: string,
): void {
  draft.problems.push({ ...place, path, message, hint, severity });
}
