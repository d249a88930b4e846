/** Everything that is wrong with a runbook, in one go. Pure. */
import type { ActionTable } from '../engine/action.ts';
import { checkTemplates, type Site } from './check-templates.ts';
import { Findings } from './findings.ts';
import { lintId, lintPlainTexts } from './lint-entry.ts';
import { lintInvariants } from './lint-invariant.ts';
import { lintShape } from './lint-shape.ts';
import { lintSources } from './lint-sources.ts';
import { type Captured, lintStep } from './lint-step.ts';
import { lintUse } from './lint-use.ts';
import type { Problem } from './model.ts';
import type { ParsedDocument } from './parse.ts';
import type { Path } from './position.ts';
import { type Documents, findPart, partCandidates } from './texts.ts';
import { asList, asMap, asText, type Raw } from './to-model.ts';
import { type CelType, isAssignable, type Names, nameOfType, typeOfInput } from './typed-scope.ts';

interface Lint {
  readonly documents: Documents;
  readonly actions: ActionTable;
  readonly problems: Problem[];
  /** What a part captures, by its path; undefined while it is being checked. */
  readonly parts: Map<string, Captured | undefined>;
}

/** Lints the main document and every part it uses. */
export function lint(documents: Documents, actions: ActionTable): Problem[] {
  const run: Lint = { documents, actions, problems: [], parts: new Map() };
  lintDocument(run, documents.main, documents.path, kindOf(documents.main));
  return run.problems;
}

/** A part may be linted by itself. */
export function kindOf(document: ParsedDocument): 'runbook' | 'part' {
  return asText(asMap(document.value).format).startsWith('lockstep-part') ? 'part' : 'runbook';
}

function lintDocument(run: Lint, document: ParsedDocument, path: string, kind: 'runbook' | 'part'): Captured {
  const findings = new Findings(document);
  run.problems.push(...document.problems);
  if (document.value === null && document.problems.length > 0) return {};
  lintShape(kind, run.actions, findings);
  const raw = asMap(document.value);
  const inputs = asMap(raw.inputs);
  const names: Names = {
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, spec]) => [name, typeOfInput(asMap(spec).type)]),
    ),
    secrets: Object.keys(asMap(raw.secrets)),
    captured: {},
  };
  lintPlainTexts(raw, findings);
  lintInputs(inputs, names, kind, findings);
  lintSources(asMap(raw.secrets), names, findings);
  lintInvariants(raw, run.actions, names, findings);
  const captured = lintSteps(run, asList(raw.steps), path, names, findings);
  run.problems.push(...findings.problems);
  return captured;
}

function lintSteps(
  run: Lint,
  steps: readonly unknown[],
  from: string,
  names: Names,
  findings: Findings,
): Captured {
  const ids = new Map<string, number>();
  let known = names;
  for (const [index, value] of steps.entries()) {
    const raw = asMap(value);
    const path: Path = ['steps', index];
    lintId(raw, path, ids, index, findings);
    lintPlainTexts(raw, findings, path);
    let captured: Captured;
    if (Object.hasOwn(raw, 'use')) captured = usePart(run, raw, path, from, known, findings);
    else captured = lintStep(raw, path, run.actions, findings, known);
    known = { ...known, captured: { ...known.captured, ...captured } };
  }
  return known.captured;
}

/** Lints a part once, however often it is used; its captures are known under the id of the step that uses it. */
function usePart(run: Lint, raw: Raw, path: Path, from: string, names: Names, findings: Findings): Captured {
  const use = asText(raw.use);
  const found = findPart(run.documents.parts, from, use);
  const part = found === undefined ? undefined : run.documents.parts[found];
  if (found === undefined || part === undefined) {
    const tried = partCandidates(from, use);
    const hint =
      tried.length === 0 ? 'a part lies below the runbooks folder' : `looked for ${tried.join(' and ')}`;
    if (use !== '') findings.atValue([...path, 'use'], `there is no part ${use}`, hint);
    return {};
  }
  if (!run.parts.has(found)) {
    run.parts.set(found, undefined);
    run.parts.set(found, lintDocument(run, part, found, 'part'));
  }
  const captured = run.parts.get(found);
  if (captured === undefined) {
    findings.atValue([...path, 'use'], `${use} uses itself`, 'a part cannot contain itself');
    return {};
  }
  lintUse(raw, path, part, names, findings);
  const prefix = asText(raw.id);
  return Object.fromEntries(Object.entries(captured).map(([name, type]) => [`${prefix}.${name}`, type]));
}

/** Defaults: of the right type, and made of what is known before any host is looked at. */
function lintInputs(inputs: Raw, names: Names, kind: 'runbook' | 'part', findings: Findings): void {
  const before: Record<string, CelType> = {};
  for (const [name, value] of Object.entries(inputs)) {
    const spec = asMap(value);
    const path: Path = ['inputs', name];
    const wanted = typeOfInput(spec.type);
    if (spec['one-of'] !== undefined && wanted !== 'string') {
      findings.atKey(
        [...path, 'one-of'],
        'one-of belongs to inputs of type string',
        'remove it, or use type: string',
      );
    }
    if (spec.default !== undefined) {
      const site: Site = {
        findings,
        names: { ...names, inputs: { ...before } },
        place: { noCaptures: true },
      };
      const type = checkTemplates(spec.default, [...path, 'default'], site);
      const selects = kind === 'runbook' && wanted.includes('Host');
      if (!isAssignable(type, wanted) && !(selects && isSelector(type))) {
        const message = `default must be ${nameOfType(wanted)}, is ${nameOfType(type)}`;
        findings.atValue([...path, 'default'], message, 'change the default or the type');
      }
      const choices = asList(spec['one-of']);
      if (choices.length > 0 && typeof spec.default === 'string' && !choices.includes(spec.default)) {
        findings.atValue(
          [...path, 'default'],
          `default is not one of ${choices.join(', ')}`,
          'use one of them',
        );
      }
    }
    before[name] = wanted;
  }
}

function isSelector(type: CelType): boolean {
  return type === 'string' || type === 'list<string>';
}
