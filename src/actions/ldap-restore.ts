/** `ldap.restore`: what an undo writes; an entry has exactly the values it had, is there again, or is gone again. */
import { z } from 'zod';
import type { Change, ChangeAction, DiffLine } from '../engine/action.ts';
import type { DirectoryReader, Entry } from '../engine/ports.ts';
import { attributeKey, valuesOf } from '../ldap/config-names.ts';
import { endIn } from '../ldap/config-traps.ts';
import { sameValue } from '../ldap/config-values.ts';
import { isUnder, parentDn, parseDn } from '../ldap/dn.ts';
import { restoreModifications } from '../ldap/restore.ts';
import { filled, guarded, isSecretAttribute } from '../ldap/sensitive.ts';
import { Secret, type Text } from '../secrets/secret.ts';
import { ActionError } from './action-error.ts';
import { addChange, modifyChange, removeEntries, writeChanges } from './ldap-change.ts';
import { entryBack, ldapInverse } from './ldap-inverse.ts';
import { touchedByActs } from './ldap-places.ts';
import { addressOf, serverParam } from './ldap-server.ts';
import { untrapped } from './ldap-traps.ts';
import { textParam } from './text-param.ts';

const valuesParam = z.record(z.string(), z.array(textParam));

const params = z.strictObject({
  server: serverParam.optional(),
  dn: z
    .string()
    .describe('DN of the entry; in cn=config it may have got a number since: `olcOverlay={0}syncprov`'),
  state: z
    .enum(['values', 'entry', 'absent'])
    .optional()
    .describe('`values` (default): the entry is there; `entry`: it is made anew if it is gone; `absent`'),
  attributes: valuesParam
    .optional()
    .describe(
      'Attribute → exactly these values, [] for none; others are left alone. `credentials="[stored]"` stands for those ' +
        'that the server has',
    ),
  given: z
    .array(textParam)
    .optional()
    .describe(
      'Secrets of the step that is undone: by their names, what is replaced here may be kept in turn',
    ),
  written: valuesParam
    .optional()
    .describe('For `absent`: what the entry was made with. It goes only if it is still so'),
});

type Params = z.infer<typeof params>;

interface Facts {
  readonly entry: Entry | undefined;
  /** Names right below it; asked for only where it is to go. */
  readonly below: readonly string[];
}

export const ldapRestore: ChangeAction<Params, Facts> = {
  kind: 'change',
  name: 'ldap.restore',
  about:
    'Brings an entry back to what it was: what `lockstep undo` writes. Nothing is removed that others have changed since.',
  proof: 'readback',
  params,
  touches: (host, _params, changes) => touchedByActs(host, changes),
  async read(params, ports) {
    const { server, dn, state } = params;
    const directory = await ports.directory(addressOf(server));
    const entry = (await atName(directory, dn)) ?? (await renumbered(directory, params));
    const below =
      entry && state === 'absent'
        ? await directory.search({ base: entry.dn, scope: 'one', attributes: ['1.1'], manageDsaIt: true })
        : [];
    return { entry, below: below.map((one) => one.dn) };
  },
  diff(params, facts) {
    const { entry } = facts;
    if (params.state === 'absent') return entry ? [removal(params, { ...facts, entry })] : [];
    if (entry) {
      const wanted = wantedOf(params, entry);
      const modifications = restoreModifications(entry.attributes, wanted);
      if (modifications.length === 0) return [];
      return [untrapped('ldap.restore', modifyChange(entry.dn, modifications, entry), entry, endIn)];
    }
    if (params.state === 'entry')
      return [untrapped('ldap.restore', addChange(params.dn, given(params)), undefined, endIn)];
    throw new ActionError(`ldap.restore: there is no entry ${params.dn} any more`, {
      next: 'Somebody removed it since: bring it back from a back-up, then go on.',
    });
  },
  async write({ server, state }, changes, ports) {
    const write = state === 'absent' ? removeEntries : writeChanges;
    return await write(ports, server, changes);
  },
  // On its way back an undo restores one thing more than once, so that none but the last is meant to stay.
  lasts: () => false,
  undo: {
    about: 'Puts back what was there before the undo.',
    inverse: (params, changes, { entry }) =>
      params.state === 'absent' && entry
        ? entryBack(params, entry)
        : ldapInverse(params, changes, entry ? [entry] : []),
  },
};

async function atName(directory: DirectoryReader, dn: string): Promise<Entry | undefined> {
  const [entry] = await directory.search({ base: dn, scope: 'base', attributes: ['*'], manageDsaIt: true });
  return entry;
}

/** slapd numbers the entries of cn=config by itself: what was added as `olcOverlay=syncprov` is found by its name. */
async function renumbered(directory: DirectoryReader, params: Params): Promise<Entry | undefined> {
  const { dn } = params;
  const parent = parentDn(dn);
  if (!parent || !isUnder(dn, 'cn=config') || NUMBER.test(dn.slice(0, dn.indexOf(',')))) return undefined;
  const siblings = await directory.search({ base: parent, scope: 'one', attributes: ['*'] });
  const alike = siblings.filter((entry) => unnumbered(entry.dn) === unnumbered(dn));
  const [found, second] =
    alike.length > 1 ? alike.filter((entry) => differing(params, entry) === undefined) : alike;
  if (!second) return found ?? alike[0];
  throw new ActionError(`ldap.restore: ${dn} may be ${found?.dn} or ${second.dn}`, {
    next: 'Look which of them this run made, and bring it back by hand.',
  });
}

const NUMBER = /\{-?\d+\}/g;

function unnumbered(dn: string): string {
  const [rdn] = parseDn(dn);
  const pairs = rdn?.map(({ attribute, value }) => `${attribute}=${value.replace(NUMBER, '')}`) ?? [];
  return pairs.join('+').toLowerCase();
}

function given({ attributes = {} }: Params): Readonly<Record<string, readonly Text[]>> {
  return attributes;
}

function wantedOf(params: Params, entry: Entry): Readonly<Record<string, readonly Text[]>> {
  const wanted = Object.entries(given(params)).map(([name, values]) => {
    const whole = values.map((value) => filled(name, value, valuesOf(entry.attributes, name)));
    if (!whole.includes(undefined)) return [name, whole as readonly Text[]] as const;
    throw new ActionError(
      `ldap.restore: ${name} of ${entry.dn}: a value is gone whose credentials are not kept`,
      {
        next: 'Bring it back from a back-up, then go on.',
      },
    );
  });
  return Object.fromEntries(wanted);
}

/** Only what was written goes: not what others have put into it, or below it, since. */
function removal(params: Params, { entry, below }: Facts & { readonly entry: Entry }): Change {
  const [child] = below;
  if (child !== undefined) {
    throw new ActionError(`ldap.restore: ${entry.dn} is not removed: there is ${child} below it`, {
      next: 'If it may go, delete what is below it, then go on.',
    });
  }
  const other = differing(params, entry);
  if (other !== undefined) {
    throw new ActionError(`ldap.restore: ${entry.dn} is not removed: ${other} was changed since`, {
      next: 'If it may go all the same, delete it by hand, then go on.',
    });
  }
  const shown = Object.entries(entry.attributes).flatMap(([name, values]) =>
    values.map((value): DiffLine => ({ op: '-', text: `${name}: ${guarded(name, value)}` })),
  );
  return { what: entry.dn, lines: [{ op: '-', text: `dn: ${entry.dn}` }, ...shown], data: null };
}

/** An attribute that is not as it was written; passwords are stored as hashes and say nothing. */
function differing({ dn, written = {} }: Params, entry: Entry): string | undefined {
  const names = parseDn(dn)[0]?.map(({ attribute }) => attribute) ?? [];
  const named = new Set(names.map(attributeKey));
  const numbers = isUnder(dn, 'cn=config');
  for (const [name, stored] of Object.entries(entry.attributes)) {
    // slapd may add the classes above those that were written.
    if (isSecretAttribute(name) || attributeKey(name) === 'objectclass') continue;
    const bare = (value: string) =>
      numbers && named.has(attributeKey(name)) ? value.replace(NUMBER, '') : value;
    const wanted = writtenAs(written, name);
    const fits = (value: string) =>
      wanted.some((text) =>
        text instanceof Secret
          ? text.equals(new Secret(name, value))
          : sameValue(name, bare(text), bare(value), names),
      );
    if (stored.length !== wanted.length || !stored.every(fits)) return name;
  }
  return Object.keys(written).find(
    (name) => written[name]?.length !== 0 && valuesOf(entry.attributes, name).length === 0,
  );
}

function writtenAs(written: Readonly<Record<string, readonly Text[]>>, name: string): readonly Text[] {
  const found = Object.keys(written).filter((spelling) => attributeKey(spelling) === attributeKey(name));
  return found.flatMap((spelling) => written[spelling] ?? []);
}
