/** From plain YAML values to the model. Tolerant: what is wrong was reported by the shapes and becomes a default here. */
import type { Action, ActionTable, QuestionClass } from '../engine/action.ts';
import { durationMs } from './duration.ts';
import type {
  ActionCall,
  InputSpec,
  InputType,
  InvariantSpec,
  Order,
  ProbeSpec,
  SecretSpec,
  Step,
  Templated,
} from './model.ts';
import { bareExpression } from './template.ts';

export type Raw = Readonly<Record<string, unknown>>;

export function asMap(value: unknown): Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown, otherwise = ''): string {
  return typeof value === 'string' ? value : otherwise;
}

/** The action keys of a step or probe. `confirm` is an action only where no other one stands. */
export function actionKeys(raw: Raw, actions: ActionTable): string[] {
  const keys = Object.keys(raw).filter((key) => Object.hasOwn(actions, key) && key !== 'confirm');
  return keys.length === 0 && raw.confirm !== undefined && actions.confirm ? ['confirm'] : keys;
}

/** The first action of a step or probe. An action written without parameters has none: `{}`. */
export function readCall(raw: Raw, actions: ActionTable): ActionCall {
  const [action] = actionKeys(raw, actions);
  if (action === undefined) return { action: '', params: {} };
  const params = (raw[action] ?? {}) as Templated;
  return { action, params: action === 'confirm' && typeof params === 'string' ? { text: params } : params };
}

export function readProbe(value: unknown, actions: ActionTable): ProbeSpec {
  const raw = asMap(value);
  return {
    call: readCall(raw, actions),
    conclusive: raw.conclusive !== false,
    ...given('until', condition(raw.until)),
    ...given('withinMs', durationMs(raw.within)),
    ...given('everyMs', durationMs(raw.every)),
    ...given('times', typeof raw.times === 'number' ? raw.times : undefined),
  };
}

/** A step as written; what its action implies is filled in: risk, repeat, and for a question one host of all. */
export function readStep(raw: Raw, actions: ActionTable, source: Step['source']): Step {
  const call = readCall(raw, actions);
  const action: Action | undefined = actions[call.action];
  const asks = action?.kind === 'ask';
  const isCommand = action?.kind === 'change' && action.proof === 'command';
  return {
    id: asText(raw.id),
    title: asText(raw.title, asText(raw.id)),
    about: asText(raw.about),
    on: (raw.on ?? 'all') as Templated,
    mayBeEmpty: raw['may-be-empty'] === true,
    once: raw.once === 'any' || (asks && raw.on === undefined),
    order: readOrder(raw.order),
    call,
    risk: word(
      raw.risk,
      ['read', 'change', 'disrupt', 'irreversible'],
      action?.kind === 'change' ? 'change' : 'read',
    ),
    repeat: word(raw.repeat, ['safe', 'costly', 'once'], isCommand ? 'costly' : 'safe'),
    capture: asMap(raw.capture) as Step['capture'],
    onFailure: word(raw['on-failure'], ['hold', 'continue', 'undo'], 'hold'),
    tolerate: typeof raw.tolerate === 'number' ? raw.tolerate : 0,
    source,
    ...given('when', condition(raw.when)),
    ...given('forEach', raw['for-each'] as Templated | undefined),
    ...given('until', condition(raw.until)),
    ...given('check', raw.check === undefined ? undefined : readProbe(raw.check, actions)),
    ...given('verify', raw.verify === undefined ? undefined : readProbe(raw.verify, actions)),
    ...given('undo', readUndo(raw.undo, actions)),
    ...given('touches', Array.isArray(raw.touches) ? (raw.touches as readonly Templated[]) : undefined),
    ...given('lasts', raw.lasts === false ? (false as const) : undefined),
    ...given('onDoubt', raw['on-doubt'] === 'ask' ? ('ask' as const) : undefined),
    ...given('confirm', call.action === 'confirm' ? undefined : readConfirm(raw.confirm)),
    ...given('retry', readRetry(raw.retry)),
    ...given('timeoutMs', durationMs(raw.timeout)),
    ...given('takesMs', durationMs(raw.takes)),
    ...given('hint', raw.hint as Templated | undefined),
    ...given('exposes', raw.exposes === 'argv' ? ('argv' as const) : undefined),
  };
}

function readUndo(value: unknown, actions: ActionTable): Step['undo'] {
  if (value === undefined || value === 'nothing') return value;
  return readCall(asMap(value), actions);
}

/** A bool expression of a field, without its braces. `true` and `false` may stand as they are. */
export function condition(value: unknown): string | undefined {
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? bareExpression(value.trim()) : undefined;
}

function readOrder(value: unknown): Order {
  const { batch } = asMap(value);
  return typeof batch === 'number'
    ? { batch }
    : word(value, ['parallel', 'serial', 'canary'] as const, 'parallel');
}

function readConfirm(value: unknown): Step['confirm'] {
  if (typeof value === 'string') return { class: 'confirm', text: value };
  if (value === undefined) return undefined;
  const raw = asMap(value);
  const classes: readonly QuestionClass[] = ['notice', 'confirm', 'typed', 'two-person'];
  return {
    class: word(raw.class, classes, raw.typed === undefined ? 'confirm' : 'typed'),
    text: asText(raw.text),
    ...given('typed', raw.typed as Templated | undefined),
  };
}

/** Five seconds between attempts, always the same, unless the step says otherwise. */
function readRetry(value: unknown): Step['retry'] {
  if (value === undefined) return undefined;
  const raw = asMap(value);
  return {
    times: typeof raw.times === 'number' ? raw.times : 1,
    delayMs: durationMs(raw.delay) ?? 5_000,
    backoff: typeof raw.backoff === 'number' ? raw.backoff : 1,
  };
}

export function readInputs(value: unknown): Readonly<Record<string, InputSpec>> {
  return mapValues(asMap(value), (item) => {
    const raw = asMap(item);
    const oneOf = raw['one-of'];
    return {
      type: asText(raw.type, 'string') as InputType,
      about: asText(raw.about),
      ...given('default', raw.default as Templated | undefined),
      ...given('oneOf', Array.isArray(oneOf) ? oneOf.map(String) : undefined),
    };
  });
}

export function readSecrets(value: unknown): Readonly<Record<string, SecretSpec>> {
  return mapValues(asMap(value), (item) => {
    const raw = asMap(item);
    return {
      from: asList(raw.from).map(String),
      about: asText(raw.about),
      ...given('on', raw.on as Templated | undefined),
    };
  });
}

export function readInvariant(raw: Raw, actions: ActionTable, source: Step['source']): InvariantSpec {
  return {
    id: asText(raw.id),
    title: asText(raw.title, asText(raw.id)),
    on: (raw.on ?? 'all') as Templated,
    need: word(raw.need, ['all', 'any'], 'all'),
    probe: readProbe(raw.probe, actions),
    everyMs: durationMs(raw.every) ?? 10_000,
    graceMs: durationMs(raw.grace) ?? 0,
    source,
  };
}

function mapValues<T>(map: Raw, convert: (value: unknown) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, convert(value)]));
}

function word<W extends string>(value: unknown, words: readonly W[], otherwise: W): W {
  return words.find((each) => each === value) ?? otherwise;
}

/** For optional fields: no key at all rather than one that is undefined. */
function given<K extends string, V>(key: K, value: V): { [P in K]?: Exclude<V, undefined> } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: Exclude<V, undefined> });
}
