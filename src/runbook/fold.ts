/** Folds parts in: their steps take the place of the step that uses them, their inputs the values it gives. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { ActionTable } from '../engine/action.ts';
import { compile, walk } from './cel.ts';
import type { ActionCall, ProbeSpec, Step, Templated } from './model.ts';
import type { ParsedDocument } from './parse.ts';
import { keyPosition } from './position.ts';
import { bareExpression, pieces, wholeExpression } from './template.ts';
import { type Documents, findPart } from './texts.ts';
import { asList, asMap, asText, condition, type Raw, readInputs, readStep } from './to-model.ts';

/** What a part's own names stand for in the document that uses it. */
interface Frame {
  /** `<id>.`, of the steps and captures inside. */
  readonly prefix: string;
  /** Input → CEL expression. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly when?: string;
}

/** The steps of the main document, parts folded in. The documents must have been linted without errors. */
export function foldSteps(documents: Documents, actions: ActionTable): Step[] {
  return fold(documents, documents.main, documents.path, actions, undefined);
}

function fold(
  documents: Documents,
  document: ParsedDocument,
  from: string,
  actions: ActionTable,
  frame?: Frame,
): Step[] {
  return asList(asMap(document.value).steps).flatMap((value, index) => {
    const raw = asMap(value);
    if (!Object.hasOwn(raw, 'use')) {
      const place = { file: document.file, ...keyPosition(document, ['steps', index]) };
      const step = readStep(raw, actions, place);
      return [frame ? bindStep(step, frame) : step];
    }
    const path = findPart(documents.parts, from, asText(raw.use));
    const part = path === undefined ? undefined : documents.parts[path];
    if (path === undefined || part === undefined) return [];
    return fold(documents, part, path, actions, frameOf(raw, part, frame));
  });
}

function frameOf(raw: Raw, part: ParsedDocument, outer: Frame | undefined): Frame {
  const given = asMap(raw.with);
  const inputs: Record<string, string> = {};
  const own: Frame = { prefix: '', inputs };
  for (const [name, spec] of Object.entries(readInputs(asMap(part.value).inputs))) {
    const value = Object.hasOwn(given, name)
      ? bind(given[name] as Templated, outer)
      : bind(spec.default ?? null, own);
    inputs[name] = toExpression(value);
  }
  const when = condition(raw.when);
  const conditions = [outer?.when, when === undefined ? undefined : bindExpression(when, outer)].filter(
    (each) => each !== undefined,
  );
  return {
    prefix: `${outer?.prefix ?? ''}${asText(raw.id)}.`,
    inputs,
    ...(conditions.length === 0 ? {} : { when: all(conditions) }),
  };
}

function all(conditions: readonly string[]): string {
  return conditions.length === 1
    ? (conditions[0] ?? 'true')
    : conditions.map((each) => `(${each})`).join(' && ');
}

function bindStep(step: Step, frame: Frame): Step {
  const conditions = [frame.when, step.when && bindExpression(step.when, frame)].filter(
    (each) => each !== undefined,
  );
  const call = ({ action, params }: ActionCall): ActionCall => ({ action, params: bind(params, frame) });
  const probe = (spec: ProbeSpec): ProbeSpec => ({
    ...spec,
    call: call(spec.call),
    ...(spec.until === undefined ? {} : { until: bindExpression(spec.until, frame) }),
  });
  const { confirm } = step;
  const captures = Object.entries(step.capture);
  return {
    ...step,
    id: `${frame.prefix}${step.id}`,
    on: bind(step.on, frame),
    call: call(step.call),
    capture: Object.fromEntries(
      captures.map(([name, value]) => [`${frame.prefix}${name}`, bind(value, frame)]),
    ),
    ...(conditions.length === 0 ? {} : { when: all(conditions) }),
    ...(step.forEach === undefined ? {} : { forEach: bind(step.forEach, frame) }),
    ...(step.until === undefined ? {} : { until: bindExpression(step.until, frame) }),
    ...(step.check === undefined ? {} : { check: probe(step.check) }),
    ...(step.verify === undefined ? {} : { verify: probe(step.verify) }),
    ...(step.undo === undefined ? {} : { undo: step.undo === 'nothing' ? step.undo : call(step.undo) }),
    ...(step.hint === undefined ? {} : { hint: bind(step.hint, frame) }),
    ...(step.touches && { touches: step.touches.map((place) => bind(place, frame)) }),
    ...(confirm === undefined
      ? {}
      : {
          confirm: {
            ...confirm,
            text: bind(confirm.text, frame),
            ...(confirm.typed === undefined ? {} : { typed: bind(confirm.typed, frame) }),
          },
        }),
  };
}

/** Replaces a part's own names in every expression of a value. */
function bind(value: Templated, frame: Frame | undefined): Templated {
  if (frame === undefined) return value;
  if (typeof value === 'string') {
    if (!value.includes('${{')) return value;
    return pieces(value)
      .map((piece) => {
        if (piece.kind === 'text') return piece.text;
        return piece.kind === 'expression' ? `\${{ ${bindExpression(piece.text, frame)} }}` : '';
      })
      .join('');
  }
  if (Array.isArray(value)) return value.map((item) => bind(item, frame));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, bind(member as Templated, frame)]),
  );
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function bindExpression(expression: string, frame: Frame | undefined): string {
  if (frame === undefined) return expression;
  const edits: Edit[] = [];
  walk(compile(bareExpression(expression)).ast, (node) => {
    const edit = editOf(node, expression, frame);
    if (edit) edits.push(edit);
  });
  let bound = expression;
  for (const { start, end, text } of edits.sort((a, b) => b.start - a.start)) {
    bound = bound.slice(0, start) + text + bound.slice(end);
  }
  return bound;
}

function editOf(node: ASTNode, expression: string, frame: Frame): Edit | undefined {
  if (node.op !== '.' && node.op !== '[]') return undefined;
  const [left, key] = node.args;
  const name = typeof key === 'string' ? key : key.op === 'value' ? String(key.args) : undefined;
  if (name === undefined) return undefined;
  if (left.op === 'id' && left.args === 'inputs') {
    return { start: node.start, end: node.end, text: `(${frame.inputs[name] ?? 'null'})` };
  }
  const captures =
    (left.op === 'id' && left.args === 'captured') || (left.op === 'call' && left.args[0] === 'at');
  if (!captures) return undefined;
  const start = expression.indexOf(node.op === '.' ? '.' : '[', left.end);
  return { start, end: node.end, text: `[${JSON.stringify(frame.prefix + name)}]` };
}

/** A templated value as one CEL expression. */
function toExpression(value: Templated): string {
  if (typeof value === 'string') {
    const whole = wholeExpression(value);
    if (whole !== undefined) return whole;
    if (!value.includes('${{')) return JSON.stringify(value);
    const parts = pieces(value).map((piece) => {
      return piece.kind === 'text'
        ? JSON.stringify(piece.text)
        : piece.kind === 'expression'
          ? piece.text
          : '""';
    });
    return `text([${parts.join(', ')}])`;
  }
  if (Array.isArray(value)) return `[${value.map(toExpression).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${toExpression(member as Templated)}`,
  );
  return `{${members.join(', ')}}`;
}
