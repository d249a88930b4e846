/** What must hold of one step beyond its shape. */
import type { Action, ActionTable } from '../engine/action.ts';
import { formatDuration } from '../engine/duration.ts';
import { checkCall } from './check-call.ts';
import { checkCondition, checkTemplates, type LeafTypes, type Site } from './check-templates.ts';
import type { Findings } from './findings.ts';
import { exposed } from './lint-secrets.ts';
import type { Step } from './model.ts';
import { ownLimitMs } from './own-limit.ts';
import { type Path, showPath } from './position.ts';
import { suggestion } from './suggestion.ts';
import { actionKeys, asList, asMap, type Raw, readStep } from './to-model.ts';
import { type CelType, type Names, nameOfType, type Place } from './typed-scope.ts';

/** Captures of a step: name → type. */
export type Captured = Readonly<Record<string, CelType>>;

export interface StepLint {
  readonly raw: Raw;
  readonly path: Path;
  readonly actions: ActionTable;
  readonly findings: Findings;
  readonly names: Names;
}

/** Checks a step against the names known before it; gives what it captures. */
export function lintStep(
  raw: Raw,
  path: Path,
  actions: ActionTable,
  findings: Findings,
  names: Names,
): Captured {
  const lint: StepLint = { raw, path, actions, findings, names };
  const site = (place: Place, known = names): Site => ({ findings, names: known, place });
  lintOn(raw.on, [...path, 'on'], site({}));
  const item = itemType(raw, path, site({ host: true }));
  const place: Place = item === undefined ? { host: true } : { host: true, item };
  const after: Place = { ...place, result: true };

  checkCondition(raw.when, [...path, 'when'], site(place));
  checkCondition(raw.until, [...path, 'until'], site(after));
  for (const key of ['confirm', 'hint', 'touches']) {
    if (actionKeys(raw, actions)[0] !== key) checkTemplates(raw[key], [...path, key], site(place));
  }
  lintAction(lint, raw, path, site(place), 'step');
  lintRules(lint);
  for (const key of ['check', 'verify']) {
    if (raw[key] === undefined) continue;
    const probe = asMap(raw[key]);
    lintAction(lint, probe, [...path, key], site(place), 'probe');
    checkCondition(probe.until, [...path, key, 'until'], site(after));
  }
  const captured = lintCapture(lint, site(after));
  if (raw.undo !== undefined && raw.undo !== 'nothing') {
    const known = { ...names, captured: { ...names.captured, ...captured } };
    lintAction(lint, asMap(raw.undo), [...path, 'undo'], site(place, known), 'undo');
  }
  return captured;
}

/** Expressions of `on` yield hosts or a selector. Gives the type. */
export function lintOn(on: unknown, path: Path, site: Site): CelType | undefined {
  if (on === undefined) return undefined;
  const type = checkTemplates(on, path, site);
  if (typeof on === 'string' && /^(int|double|bool|map|list<(int|bool|double|map))/.test(type)) {
    site.findings.atValue(
      path,
      `must yield hosts, is ${nameOfType(type)}`,
      'use an input of type hosts, or a selector',
    );
  }
  return type;
}

function itemType(raw: Raw, path: Path, site: Site): CelType | undefined {
  const list = raw['for-each'];
  if (list === undefined) return undefined;
  const type = checkTemplates(list, [...path, 'for-each'], site);
  if (type.startsWith('list<')) return type.slice(5, -1);
  if (type !== 'list' && type !== 'dyn') {
    site.findings.atValue(
      [...path, 'for-each'],
      `must be a list, is ${nameOfType(type)}`,
      'use [ … ], or lines(…) of a text',
    );
  }
  return 'dyn';
}

export type Role = 'step' | 'probe' | 'undo';

/** Exactly one action, of a kind that fits the role, with parameters that fit the action. */
export function lintAction(lint: StepLint, raw: Raw, path: Path, site: Site, role: Role): void {
  const { actions, findings } = lint;
  const keys = actionKeys(raw, actions);
  const [name, ...more] = keys;
  if (name === undefined) {
    const misspelt = Object.keys(raw).some(
      (key) => suggestion(key, Object.keys(actions)) !== undefined && !known.has(key),
    );
    if (!misspelt)
      findings.atKey(path, 'has no action', `add one, e.g. ${Object.keys(actions).slice(0, 4).join(', ')}`);
  }
  for (const other of more) {
    findings.atKey([...path, other], `second action: ${name} is already there`, 'make it a step of its own');
  }
  for (const key of keys) {
    const action =
      actions[role === 'probe' && key === 'command' && actions['read.command'] ? 'read.command' : key];
    if (!action) continue;
    lintRole(action, [...path, key], role, findings);
    const params = raw[key] ?? {};
    const leaves: LeafTypes = new Map();
    lintScript(params, [...path, key], findings);
    checkTemplates(params, [...path, key], site, leaves);
    lintArgv(params, [...path, key, 'argv'], leaves, lint);
    if (key === 'confirm' && typeof params === 'string') continue;
    checkCall(action, params, [...path, key], leaves, findings);
  }
}

const known = new Set([
  'check',
  'verify',
  'undo',
  'confirm',
  'until',
  'when',
  'on',
  'use',
  'with',
  'id',
  'title',
]);

function lintRole(action: Action, path: Path, role: Role, findings: Findings): void {
  if (role === 'probe' && action.kind === 'ask') {
    findings.atKey(path, `${action.name} asks a person and cannot be a probe`, 'use a gate, or command');
  }
  if (role === 'undo' && action.kind !== 'change') {
    findings.atKey(
      path,
      `${action.name} changes nothing and cannot undo`,
      'name the act that brings back what was',
    );
  }
}

/** A value inside a script could end a word or a quote; env cannot. */
function lintScript(params: unknown, path: Path, findings: Findings): void {
  const { script } = asMap(params);
  if (typeof script !== 'string' || !script.includes('${{')) return;
  findings.inText(
    [...path, 'script'],
    script.indexOf('${{'),
    'script cannot hold ${{ }}: the value could be read as shell',
    'pass it by env: { NAME: "${{ … }}" } and write "$NAME" in the script',
  );
}

/** A secret in an argument list is said once, here; the action's own refusal would be a second problem. */
function lintArgv(params: unknown, path: Path, leaves: LeafTypes, { raw, findings }: StepLint): void {
  for (const [index, text] of asList(asMap(params).argv).entries()) {
    const at = [...path, index];
    if (typeof text !== 'string' || leaves.get(showPath(at)) !== 'Secret') continue;
    leaves.set(showPath(at), 'dyn');
    if (raw.exposes !== 'argv')
      findings.inText(at, Math.max(0, text.indexOf('secrets')), exposed.message, exposed.hint);
  }
}

function lintCapture({ raw, path, names, findings }: StepLint, site: Site): Captured {
  const captured: Record<string, CelType> = {};
  for (const [name, value] of Object.entries(asMap(raw.capture))) {
    const at = [...path, 'capture', name];
    if (Object.hasOwn(names.captured, name)) {
      findings.atKey(at, `${name} is captured by an earlier step too`, 'give it another name');
    }
    const leaves: LeafTypes = new Map();
    const type = checkTemplates(value, at, site, leaves);
    if (type === 'Secret')
      findings.atValue(
        at,
        'a secret cannot be captured: the journal would keep it',
        'use secrets.… where it is needed',
      );
    if (leaves.size === 0) {
      findings.atValue(
        at,
        'captures the same value every time',
        'write an expression: "${{ result.… }}"',
        'warning',
      );
    }
    captured[name] = raw['for-each'] === undefined ? type : 'dyn';
  }
  return captured;
}

/** The contract of a command, and words that make no sense together. */
function lintRules({ raw, path, actions, findings }: StepLint): void {
  const step = readStep(raw, actions, { file: '', line: 0, column: 0 });
  const action = actions[step.call.action];
  if (!action) return;
  if (raw.on === undefined && action.kind !== 'ask') {
    findings.atKey(path, 'is missing "on": no hosts to run on', 'add on: all, a group, or ${{ inputs.… }}');
  }
  const isCommand = action.kind === 'change' && action.proof === 'command';
  if (isCommand && !step.check && !step.verify && step.onDoubt !== 'ask') {
    findings.atKey(
      [...path, step.call.action],
      `a ${step.call.action} cannot be read back, and the step has neither check nor verify`,
      'add verify (did it take?) or check (is it already done?); if it only looks, use read.command; else on-doubt: ask',
    );
  }
  if (step.retry && step.repeat !== 'safe') {
    findings.atKey(
      [...path, 'retry'],
      `cannot retry a step whose repeat is ${step.repeat}`,
      'add repeat: safe if a second run does no harm, else remove retry',
    );
  }
  if (raw.touches !== undefined && !isCommand)
    findings.atKey(
      [...path, 'touches'],
      'touches belongs to a command',
      `${action.name} knows it by itself; remove it`,
    );
  if (action.kind !== 'change') {
    const why = action.kind === 'gate' ? 'a gate changes nothing' : 'a question changes nothing';
    for (const key of ['undo', ...(action.kind === 'gate' ? ['check', 'verify'] : [])]) {
      if (raw[key] !== undefined)
        findings.atKey([...path, key], `${why}: ${key} has no meaning here`, `remove ${key}`);
    }
  }
  lintTakes(step, isCommand, path, findings);
  if (raw.until !== undefined && action.kind !== 'gate') {
    findings.atKey([...path, 'until'], 'until belongs to a gate', 'put it inside check or verify');
  }
}

/** An estimate of no time, or of more than one command may run: with a `verify` it may be meant to wait after it. */
function lintTakes(step: Step, isCommand: boolean, path: Path, findings: Findings): void {
  const { takesMs, verify } = step;
  if (takesMs === undefined) return;
  const at = [...path, 'takes'];
  if (takesMs === 0)
    findings.atValue(at, 'must be more than 0', 'give the time that one task takes, or leave it out');
  const limitMs = isCommand && !verify ? ownLimitMs(step) : undefined;
  if (limitMs !== undefined && takesMs > limitMs)
    findings.atValue(
      at,
      `is ${formatDuration(takesMs)}, but the command is ended after ${formatDuration(limitMs)}`,
      'raise its timeout, or give the time that one task takes',
      'warning',
    );
}
