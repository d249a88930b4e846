import { createHash } from 'node:crypto';
import { actions } from '../actions/index.ts';
import type { Forecast, Observed } from '../engine/forecast/forecast.ts';
import { foresee } from '../engine/forecast/foresee.ts';
import type { RunState } from '../engine/state.ts';
import { snapshot } from '../inventory/snapshot.ts';
import { searchPlaces } from '../ldap/places.ts';
import { guarded } from '../ldap/sensitive.ts';
import { type PlanDocument, type PlanStep, RUN_ID, RUN_STARTED } from '../plan/document.ts';
import { stepEstimate } from '../plan/estimate.ts';
import { type Plan, platformsOf } from '../plan/plan.ts';
import { inputTexts } from './inputs.ts';
import { loadLearned } from './learned.ts';
import { operatorOf } from './operator.ts';
import type { Papers } from './papers.ts';
import { planProgress } from './plan-progress.ts';
import type { Prepared } from './prepare.ts';
import { createReadStage } from './read-stage.ts';
import { redactLeaves } from './redact-leaves.ts';
import { digestOf } from './seal.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from './version.ts';

/** What a plan says before any host is looked at. */
export function paperDocument(
  papers: Papers,
  terminal: Terminal,
  offline: boolean,
): Omit<PlanDocument, 'digest' | keyof Forecast> {
  const { plan, inventory } = papers;
  const learned = loadLearned(papers.runbook.name);
  const platformOf = platformsOf(inventory);
  return {
    format: 'lockstep-plan/1',
    versions: { lockstep: VERSION },
    made: new Date().toISOString(),
    by: operatorOf(terminal, process.env),
    runbook: papers.runbook,
    title: papers.title,
    source: papers.source,
    given: papers.given,
    inputs: inputTexts(plan),
    inventory: snapshot(inventory),
    ...(offline && { offline: true as const }),
    steps: plan.steps.map((planned): PlanStep => {
      const { id, title, call, risk, order } = planned.step;
      const { number, hosts } = planned;
      const estimate = stepEstimate(planned, platformOf, learned);
      return { number, id, title, action: call.action, risk, order, hosts, estimate };
    }),
  };
}

/** Looks at the hosts of a plan and writes down what it says. Changes nothing. */
export async function makeDocument(
  papers: Papers,
  prepared: Prepared,
  terminal: Terminal,
  offline: boolean,
): Promise<PlanDocument> {
  const { plan, run } = papers;
  const forecast = nameless(await forecastOf(plan, run, prepared, offline), run);
  const document = { ...paperDocument(papers, terminal, offline), ...forecast };
  return { ...document, digest: digestOf(document) };
}

/** What would happen, by a look at the hosts; of what is left of a run where one is given. */
export async function forecastOf(
  plan: Plan,
  run: Papers['run'],
  { redactor, secrets, reach }: Prepared,
  offline = false,
  from?: RunState,
): Promise<Forecast> {
  const progress = planProgress();
  const { stage, close } = createReadStage({
    plan,
    actions,
    run,
    connection: reach.connection,
    openDirectory: reach.openDirectory,
    secret: secrets,
    redact: (text) => redactor.text(text),
    note: () => undefined,
    met: () => undefined,
  });
  try {
    const forecast = await foresee(
      stage,
      {
        offline,
        placesOf: searchPlaces,
        shown: (attribute, value) => String(guarded(attribute, value)),
        progress: progress.tell,
      },
      from,
    );
    return { ...forecast, observed: condensed(forecast.observed) };
  } finally {
    progress.stop();
    await close();
  }
}

/** The run that follows has another id: what names it is not a difference. */
export function nameless(forecast: Forecast, { id, started }: Papers['run']): Forecast {
  return redactLeaves(forecast, (text) => text.replaceAll(id, RUN_ID).replaceAll(started, RUN_STARTED));
}

/** Characters of the values of one attribute that are kept; of more (a schema), their digest. */
const KEPT = 2_000;

function condensed(observed: Observed): Observed {
  const short = (values: readonly string[]): readonly string[] => {
    const text = values.join('\n');
    if (text.length <= KEPT) return values;
    return [`${values.length} values, sha256 ${createHash('sha256').update(text).digest('hex')}`];
  };
  return mapValues(observed, (entries) => mapValues(entries, (attributes) => mapValues(attributes, short)));
}

function mapValues<T, U>(map: Readonly<Record<string, T>>, convert: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, convert(value)]));
}
