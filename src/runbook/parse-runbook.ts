import type { ActionTable } from '../engine/action.ts';
import { sortProblems } from './findings.ts';
import { foldSteps } from './fold.ts';
import { kindOf, lint } from './lint.ts';
import { lintSecrets } from './lint-secrets.ts';
import type { Problem, Runbook } from './model.ts';
import { type ParsedDocument, parseYaml } from './parse.ts';
import { keyPosition } from './position.ts';
import { type Documents, type RunbookTexts, unpinTexts } from './texts.ts';
import { asList, asMap, asText, readInputs, readInvariant, readSecrets } from './to-model.ts';

export interface ParsedRunbook {
  /** Absent when any problem is an error. */
  readonly runbook?: Runbook;
  /** In reading order. */
  readonly problems: readonly Problem[];
}

/** Texts to a checked runbook with its parts folded in. Pure; never throws for what a text says. */
export function parseRunbook(texts: RunbookTexts, actions: ActionTable): ParsedRunbook {
  const parts: Record<string, ParsedDocument> = {};
  for (const [path, text] of Object.entries(texts.parts)) parts[path] = parseYaml(text);
  const documents: Documents = { main: parseYaml(texts.main), path: texts.path, parts };
  const problems = lint(documents, actions);
  if (problems.some((problem) => problem.severity === 'error')) return { problems: sortProblems(problems) };

  const steps = foldSteps(documents, actions);
  const exposed = lintSecrets(steps);
  const found = sortProblems([...problems, ...exposed]);
  if (kindOf(documents.main) === 'part') return { problems: [...found, isPart(texts.main.file)] };
  if (exposed.length > 0) return { problems: found };
  const raw = asMap(documents.main.value);
  const runbook: Runbook = {
    name: asText(raw.name),
    version: asText(raw.version),
    title: asText(raw.title),
    about: asText(raw.about),
    needs: asMap(raw.needs) as Runbook['needs'],
    inputs: readInputs(raw.inputs),
    secrets: readSecrets(raw.secrets),
    invariants: asList(raw.invariants).map((item, index) => {
      const place = keyPosition(documents.main, ['invariants', index]);
      return readInvariant(asMap(item), actions, { file: documents.main.file, ...place });
    }),
    steps,
  };
  return { runbook, problems: found };
}

function isPart(file: string): Problem {
  const message = 'is a part: a runbook uses it, it does not run by itself';
  return {
    file,
    line: 1,
    column: 1,
    path: '',
    message,
    hint: 'run a runbook that uses it',
    severity: 'warning',
  };
}

/** Reads a runbook that a journal pinned (`text` of `loadRunbook`). Throws when that text is not one. */
export function parsePinned(pinned: string, actions: ActionTable): ParsedRunbook {
  return parseRunbook(unpinTexts(pinned), actions);
}
