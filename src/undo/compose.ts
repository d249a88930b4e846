/** The runbook of an undo, as YAML: it runs through plan, engine and journal like any other. Pure. */
import { stringify } from 'yaml';
import type { ActionTable } from '../engine/action.ts';
import { type RunState, stepNumber } from '../engine/state.ts';
import type { Plan } from '../plan/plan.ts';
import { express, secretsNamed } from '../runbook/express.ts';
import type { SecretSpec, Templated } from '../runbook/model.ts';
import type { UndoStep } from './lay-out.ts';

/** `of` is the plan of the run that is undone. */
export function compose(
  steps: readonly UndoStep[],
  of: Pick<Plan, 'runbook' | 'secretHosts'>,
  state: RunState,
  actions: ActionTable,
): string {
  const ids = new Set<string>();
  const written = steps.map((step) => toYaml(step, idOf(step, ids), actions));
  const used = new Set(secretsNamed(written as Templated));
  const secrets = Object.entries(of.runbook.secrets)
    .filter(([name]) => used.has(name))
    .map(([name, spec]) => [name, secretOf(spec, of.secretHosts[name])]);
  const document = {
    format: 'lockstep/1',
    name: `undo/${state.run.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
    version: '1.0.0',
    title: `Undo of ${state.runbook.name} ${state.runbook.version}, run ${state.run}`,
    ...(secrets.length > 0 && { secrets: Object.fromEntries(secrets) }),
    steps: written,
  };
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Its `on` by name: what it was an expression of is not in this runbook. */
function secretOf({ from, about }: SecretSpec, host: string | undefined) {
  return { from, ...(host !== undefined && { on: [host] }), ...(about !== '' && { about }) };
}

/** `07` as the operator saw it. */
export function numberOf({ of }: UndoStep): string {
  return stepNumber(of.number);
}

export function titleOf(step: UndoStep): string {
  const name = `${numberOf(step)} ${step.of.step.title}`;
  if (step.kind === 'asks') return `Not undone: ${name}`;
  return step.kind === 'again' ? `Once more, after the undo: ${name}` : `Undo ${name}`;
}

function toYaml(step: UndoStep, id: string, actions: ActionTable): Readonly<Record<string, unknown>> {
  const { call, host, of, why = '', asked } = step;
  const question = {
    class: asked,
    text: express(why, () => undefined),
    ...(asked === 'typed' && { typed: host }),
  };
  const head = { id, title: titleOf(step), on: [host] };
  if (!call) return { ...head, confirm: question };
  const action = actions[call.action];
  const isCommand = action?.kind === 'change' && action.proof === 'command';
  const { risk, timeoutMs, exposes } = of.step;
  return {
    ...head,
    ...(risk === 'disrupt' && { risk }),
    ...(step.kind === 'again' && { risk: 'disrupt', repeat: 'costly' }),
    ...(isCommand && { repeat: 'once', 'on-doubt': 'ask' }),
    ...(isCommand && exposes && { exposes }),
    ...(isCommand && timeoutMs !== undefined && { timeout: `${timeoutMs}ms` }),
    ...(asked && { confirm: question }),
    [call.action]: call.params,
    ...(step.redo && { undo: { [step.redo.action]: step.redo.params } }),
  };
}

/** Kebab case, from the task that is undone; the same task twice is told apart by a number. */
function idOf({ task, kind }: UndoStep, taken: Set<string>): string {
  const slug = task
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 80);
  const own = `${kind === 'asks' ? 'not-undone-' : kind === 'again' ? 'again-' : ''}${slug}`.replace(
    /-$/,
    '',
  );
  for (let copy = 1; ; copy++) {
    const id = copy === 1 ? own : `${own}-${copy}`;
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}
