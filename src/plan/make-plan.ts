import { Unknown, type Value } from '../engine/value.ts';
import type { Inventory } from '../inventory/model.ts';
import { select } from '../inventory/selector.ts';
import { ExpressionError, isHost, resolve } from '../runbook/expression.ts';
import type { InvariantSpec, Problem, Runbook, Step } from '../runbook/model.ts';
import type { Scope } from '../runbook/scope.ts';
import { bindInputs, type InputProblem } from './bind-inputs.ts';
import { fixedScope } from './fixed-scope.ts';
import { notYet } from './not-yet.ts';
import type { Plan, PlannedInvariant, PlannedStep } from './plan.ts';

export type Planned =
  | { readonly plan: Plan; readonly problems: readonly [] }
  | { readonly plan?: undefined; readonly problems: readonly (InputProblem | Problem)[] };

/** Binds every invariant and every step to its hosts. Pure: contacts nobody. All problems at once. */
export function makePlan(
  runbook: Runbook,
  inventory: Inventory,
  given: Readonly<Record<string, string>>,
  run: Scope['run'],
): Planned {
  const inputs = bindInputs(runbook, inventory, given, run);
  if (inputs.problems.length > 0) return { problems: inputs.problems };
  const scope = fixedScope(inventory, inputs.values, run);
  const problems: Problem[] = [...notYet(runbook)];
  const invariants: PlannedInvariant[] = [];
  for (const spec of runbook.invariants) {
    const hosts = hostsOf(spec, inventory, scope);
    if (typeof hosts === 'string') problems.push(problemOf(spec, hosts, LOOK));
    else if (hosts.length === 0) problems.push(problemOf(spec, 'selects no host', LOOK));
    else invariants.push({ spec, hosts });
  }
  const steps: PlannedStep[] = [];
  runbook.steps.forEach((step, index) => {
    const hosts = hostsOf(step, inventory, scope);
    if (typeof hosts === 'string') problems.push(problemOf(step, hosts, OR_EMPTY));
    else if (hosts.length === 0 && !step.mayBeEmpty)
      problems.push(problemOf(step, 'selects no host', OR_EMPTY));
    else steps.push({ number: index + 1, step, hosts: step.once ? hosts.slice(0, 1) : hosts });
  });
  const { secretHosts, wrong } = bindSecretHosts(runbook, inventory, scope);
  if (problems.length > 0 || wrong.length > 0) return { problems: [...wrong, ...problems] };
  return {
    plan: {
      runbook,
      inventory,
      inputs: inputs.values as Plan['inputs'],
      steps,
      invariants,
      secretHosts,
      index: new Map(steps.map((planned) => [planned.step.id, planned])),
    },
    problems: [],
  };
}

const LOOK = 'look at lockstep inventory show';
const OR_EMPTY = `${LOOK}, or set may-be-empty: true`;

function bindSecretHosts(runbook: Runbook, inventory: Inventory, scope: Scope) {
  const secretHosts: Record<string, string> = {};
  const wrong: InputProblem[] = [];
  for (const [name, { on }] of Object.entries(runbook.secrets)) {
    if (on === undefined) continue;
    const hosts = hostsOf({ on }, inventory, scope);
    const [only] = hosts;
    if (typeof hosts !== 'string' && hosts.length === 1 && only !== undefined) secretHosts[name] = only;
    else {
      const what = typeof hosts === 'string' ? hosts : `selects ${hosts.length} hosts`;
      wrong.push({ name, message: `secret ${name}: on: ${what}`, hint: `a secret has one owner; ${LOOK}` });
    }
  }
  return { secretHosts, wrong };
}

/** Names of the hosts that `on` means, each once, or what is wrong. */
function hostsOf({ on }: Pick<Step, 'on'>, inventory: Inventory, scope: Scope): readonly string[] | string {
  let value: Value | Unknown;
  try {
    value = resolve(on, scope);
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
  if (value instanceof Unknown) return `depends on ${value.because}; hosts are chosen before the run begins`;
  if (typeof value === 'string') {
    const selection = select(inventory, value);
    return selection.ok
      ? selection.hosts
      : selection.problems.map(({ message, hint }) => `${message} (${hint})`).join('; ');
  }
  const list: readonly Value[] = Array.isArray(value) ? value : [value as Value];
  const names = new Set<string>();
  for (const one of list) {
    const name = isHost(one) ? one.name : typeof one === 'string' ? one : undefined;
    if (name === undefined || !Object.hasOwn(inventory.hosts, name))
      return `${JSON.stringify(one)} is not a host`;
    names.add(name);
  }
  return [...names];
}

function problemOf({ id, source }: Step | InvariantSpec, what: string, hint: string): Problem {
  const { file, line, column } = source;
  return {
    file,
    line,
    column,
    path: `${id}.on`,
    message: `on: ${what}`,
    hint,
    severity: 'error',
  };
}
