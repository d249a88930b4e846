/** Turns written values into variables; what only Ansible could evaluate becomes absent, with a warning. */
import type { Value } from '../engine/value.ts';
import { type Draft, type Place, report, type Variable } from './draft.ts';

/** Stands for a `!vault` value; the ciphertext is not kept. */
export class Vaulted {}

/** Stands for an `!unsafe` string: never a template. */
export class Unsafe {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const VAULT_MARK = /^\s*\$ANSIBLE_VAULT;/;
const TEMPLATE_MARK = /\{\{|\{%/;

/** A variable of an Ansible file. Warns when its value, or a part of it, cannot be known here. */
export function ansibleVariable(draft: Draft, place: Place, name: string, raw: unknown): Variable {
  const lacks: string[] = [];
  const value = known(raw, lacks);
  const why = lacks[0];
  if (why !== undefined) {
    const part = value === undefined ? 'is absent here' : 'is absent here in part';
    report(
      draft,
      'warning',
      place,
      name,
      `${name} ${part}: it ${why}`,
      'using it is an error; write the value out, or a reference such as env:NAME in a lockstep_ variable',
    );
  }
  if (value === undefined) {
    return { place, absent: `${name} ${why ?? 'has no plain value'} (${place.file}:${place.line})` };
  }
  return { place, value };
}

/** The plain value; undefined when it is unknown. A map loses its unknown keys, a list with an unknown item is unknown. */
function known(raw: unknown, lacks: string[]): Value | undefined {
  if (raw instanceof Vaulted) return lack(lacks, 'is encrypted with ansible-vault');
  if (raw instanceof Unsafe) return raw.text;
  if (typeof raw === 'string') {
    if (VAULT_MARK.test(raw)) return lack(lacks, 'is encrypted with ansible-vault');
    if (TEMPLATE_MARK.test(raw)) return lack(lacks, 'is a Jinja template, which only Ansible evaluates');
    return raw;
  }
  if (raw === null || raw === undefined) return null;
  if (typeof raw === 'boolean' || typeof raw === 'number') return raw;
  if (typeof raw === 'bigint') return String(raw);
  if (Array.isArray(raw)) {
    const items = raw.map((item) => known(item, lacks));
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  if (typeof raw === 'object') {
    const entries = Object.entries(raw).map(([key, item]) => [key, known(item, lacks)] as const);
    return Object.fromEntries(entries.filter((entry): entry is [string, Value] => entry[1] !== undefined));
  }
  return lack(lacks, `is of a type YAML has no plain form for (${typeof raw})`);
}

function lack(lacks: string[], why: string): undefined {
  lacks.push(why);
  return undefined;
}
