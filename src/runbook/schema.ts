/** The shape of runbooks and parts, spelled as in YAML. What shapes cannot say is in `lint.ts`. */
import { z } from 'zod';
import type { ActionTable } from '../engine/action.ts';
import { durationMs } from './duration.ts';

/** Names that expressions use: `inputs.pool`. */
const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const semver = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;
const source = /^((env|file|ask|command|host|inventory|generate):\S|localconfig:\w+$)/;
const range = /^\s*((>=|<=|>|<|=|\^|~)?\s*\d+(\.\d+){0,3})(\s+(>=|<=|>|<|=)?\s*\d+(\.\d+){0,3})*\s*$/;

const words = (about: string) =>
  z.string({ error: 'must be text; quote it' }).min(1, 'is empty').describe(about);
const duration = z
  .string({ error: 'must be a duration with its unit, such as "90s"' })
  .refine((text) => durationMs(text) !== undefined, 'must be a duration such as 500ms, 30s, 10m or 1h30m')
  .meta({ pattern: '^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$' });
const interval = duration
  .refine((text) => (durationMs(text) ?? 1000) >= 1000, 'must be at least 1s')
  .describe('Between two looks; at least 1s, default 10s');
const count = z.int('must be a whole number').min(1, 'must be at least 1');
const id = z
  .string({ error: 'must be text; quote it' })
  .regex(kebab, 'must be kebab-case: small letters, digits and single hyphens');
const names = <T extends z.ZodType>(value: T) =>
  z.record(
    z.string().regex(identifier, 'must be letters, digits and underscores, to be used in expressions'),
    value,
  );
const bool = z
  .union([z.boolean(), z.string()], { error: 'must be true, false or an expression' })
  .describe('A bool expression');

const inputTypes = ['host', 'hosts', 'string', 'int', 'bool', 'dn', 'duration', 'list'] as const;

const input = (types: readonly [string, ...string[]]) =>
  z.strictObject({
    type: z.enum(types),
    about: words('What it is').optional(),
    default: z.json().optional(),
    'one-of': z.array(z.string()).min(1).optional(),
  });

const hosts = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
    error: 'must be a selector or a list of hosts',
  })
  .describe('A selector (masters, masters:!ldap3), an expression that yields hosts, or a list');

const secret = z.strictObject({
  from: z
    .array(
      z
        .string()
        .regex(
          source,
          'must be env:NAME, file:PATH, ask:PROMPT, command:PROGRAM, inventory:NAME, host:…, localconfig:KEY or generate:LENGTH',
        ),
    )
    .min(1, 'needs one source at least'),
  on: hosts
    .describe('The one host whose host: or localconfig: source is meant; default: that of each task')
    .optional(),
  about: words('What it is').optional(),
});

/** Keys of a probe beside its action. */
const probeKeys = {
  until: bool.optional(),
  conclusive: z.boolean().describe('false: it can say yes but not no').optional(),
  within: duration.optional(),
  every: duration.optional(),
  times: count.describe('Holds this many times in a row').optional(),
};

const confirm = z.union([
  z.string().min(1),
  z.strictObject({
    class: z.enum(['notice', 'confirm', 'typed', 'two-person']).optional(),
    text: words('The question'),
    typed: words('What must be typed, for class typed').optional(),
  }),
]);

const stepKeys = {
  id: id.describe('Names the step for ever: in journals and on the screen'),
  title: words('One line, as it stands on the screen').optional(),
  about: words('Why, for the reader').optional(),
  on: hosts.optional(),
  'may-be-empty': z.boolean().optional(),
  once: z.literal('any').describe('On the first host of the selection only').optional(),
  order: z
    .union([z.enum(['parallel', 'serial', 'canary']), z.strictObject({ batch: count })], {
      error: 'must be parallel, serial, canary or { batch: N }',
    })
    .optional(),
  when: bool.optional(),
  'for-each': z.union([z.string().min(1), z.array(z.json())]).optional(),
  until: bool.optional(),
  risk: z.enum(['read', 'change', 'disrupt', 'irreversible']).optional(),
  repeat: z.enum(['safe', 'costly', 'once']).optional(),
  'on-doubt': z.literal('ask').optional(),
  lasts: z
    .literal(false)
    .describe('What it does is for the moment: a resume does not ask whether it is still so')
    .optional(),
  touches: z
    .array(
      z
        .string()
        .regex(
          /^(nothing|host|service|config|data|\/.*|\$\{\{.*)$/s,
          'must be nothing, host, service, config, data, or an absolute path',
        ),
    )
    .min(1, 'is empty; write [nothing] where nothing can be seen of it')
    .describe('Where the effect of a command may be seen: a plan takes what was read elsewhere for certain')
    .optional(),
  confirm: confirm.optional(),
  capture: names(z.json()).optional(),
  retry: z
    .strictObject({
      times: count,
      delay: duration.optional(),
      backoff: z.number().min(1, 'must be at least 1').optional(),
    })
    .optional(),
  timeout: duration.optional(),
  takes: duration
    .describe('What one task of it takes, for the change window, until earlier runs have shown it')
    .optional(),
  'on-failure': z.enum(['hold', 'continue', 'undo']).optional(),
  tolerate: z.int().min(0).describe('How many hosts may fail before the run holds').optional(),
  hint: words('What to look at first when it fails').optional(),
  exposes: z
    .literal('argv')
    .describe('A secret travels in the argument list: the tool leaves no other way')
    .optional(),
};

const useKeys = {
  id: stepKeys.id,
  title: stepKeys.title,
  about: stepKeys.about,
  use: words('Path of a part').regex(/\.ya?ml$/, 'must be the path of a .yaml file'),
  with: names(z.json()).optional(),
  when: stepKeys.when,
};

/** How an action's parameters stand in the shape: unchecked for lint (they hold templates), full for editors. */
export type ParamsShape = (name: string, actions: ActionTable) => z.ZodType;

const unchecked: ParamsShape = () => z.unknown();

/** Shapes of one document, built for one action table. */
export interface Shapes {
  readonly runbook: z.ZodType;
  readonly part: z.ZodType;
  readonly step: z.ZodType;
  readonly use: z.ZodType;
  readonly invariant: z.ZodType;
}

const head = {
  title: words('One line, as it stands on the screen'),
  about: words('What it does and why, for the person who decides whether to run it').optional(),
};

/** The shapes; `steps` and `invariants` are checked one by one where `whole` is false. */
export function shapes(actions: ActionTable, params: ParamsShape = unchecked, whole = false): Shapes {
  const calls: Record<string, z.ZodType> = {};
  for (const name of Object.keys(actions)) calls[name] = params(name, actions).optional();
  const probe = z.strictObject({ ...calls, ...probeKeys });
  const action = z.strictObject(calls);
  // the action named confirm shares its key with the question before an act; both are told apart in steps.ts
  const { confirm: _, ...own } = calls;
  const step = z.strictObject({
    ...own,
    ...stepKeys,
    check: probe.optional(),
    verify: probe.optional(),
    undo: z
      .union([z.literal('nothing'), action])
      .describe('What takes it back; `nothing` where what it made may stay')
      .optional(),
  });
  const use = z.strictObject(useKeys);
  const invariant = z.strictObject({
    id,
    title: words('One line').optional(),
    on: hosts,
    need: z
      .enum(['all', 'any'])
      .describe('On all of these hosts (the default), or on one at least')
      .optional(),
    probe: z.strictObject({ ...calls, until: bool.optional() }),
    every: interval.optional(),
    grace: duration
      .describe('How long it may be broken, or not be told, before that counts; default 0s')
      .optional(),
  });
  const list = (item: z.ZodType) => z.array(whole ? item : z.unknown());
  const steps = list(z.union([step, use])).min(1, 'needs one step at least');
  return {
    step,
    use,
    invariant,
    runbook: z.strictObject({
      format: z.literal('lockstep/1', { error: 'must be lockstep/1' }),
      name: z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*$/, 'must be like openldap/add-master'),
      version: z
        .string({ error: 'must be a version such as 1.2.0' })
        .regex(semver, 'must be a version such as 1.2.0'),
      ...head,
      needs: z.record(z.string(), z.string().regex(range, 'must be a range such as ">=2.4 <2.7"')).optional(),
      inputs: names(input(inputTypes)).optional(),
      secrets: names(secret).optional(),
      invariants: list(invariant).optional(),
      steps,
    }),
    part: z.strictObject({
      format: z.literal('lockstep-part/1', { error: 'must be lockstep-part/1' }),
      ...head,
      inputs: names(input([...inputTypes, 'secret'])).optional(),
      steps,
    }),
  };
}

/** The whole runbook, the actions' parameters included. */
export function runbookSchema(actions: ActionTable): z.ZodType {
  return shapes(actions, (name) => actions[name]?.params ?? z.never(), true).runbook;
}

const built = new WeakMap<ActionTable, Shapes>();

/** The shapes lint uses, built once a table. */
export function lintShapes(actions: ActionTable): Shapes {
  let found = built.get(actions);
  if (found === undefined) {
    found = shapes(actions);
    built.set(actions, found);
  }
  return found;
}
