/** JSON Schema (draft 2020-12) of runbooks for editors: completion, descriptions, squiggles. */
import { z } from 'zod';
import type { ActionTable } from '../engine/action.ts';
import { shapes } from './schema.ts';

type Json = { [key: string]: unknown };

const template = { type: 'string', pattern: '\\$\\{\\{' };

/** Runbooks and parts in one schema; every parameter of every action, each of which may also be a `${{ … }}`. */
export function editorSchema(actions: ActionTable): Json {
  const described = (name: string): z.ZodType => {
    const action = actions[name];
    return action ? z.unknown().meta({ id: `action.${name}` }) : z.never();
  };
  const shape = shapes(actions, described, true);
  const schema = z.toJSONSchema(z.union([shape.runbook, shape.part]), {
    unrepresentable: 'any',
    io: 'input',
  }) as Json;
  const definitions = { ...(schema.$defs as Json | undefined) };
  for (const [name, action] of Object.entries(actions)) {
    const {
      $schema: _,
      $defs,
      ...params
    } = z.toJSONSchema(action.params, { unrepresentable: 'any', io: 'input' }) as Json;
    definitions[`action.${name}`] = {
      description: action.about,
      ...orTemplate(params, true),
      ...($defs ? { $defs } : {}),
    };
  }
  return { ...schema, title: 'lockstep runbook', $defs: definitions };
}

/** Lets an expression stand for any value that is not text anyway; the outermost map stays a map. */
function orTemplate(schema: unknown, outermost = false): Json {
  if (typeof schema !== 'object' || schema === null) return schema as Json;
  const inner: Json = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') inner[key] = mapJson(value, (each) => orTemplate(each));
    else if (key === 'items' || (key === 'additionalProperties' && typeof value === 'object'))
      inner[key] = orTemplate(value);
    else if (key === 'anyOf' || key === 'oneOf')
      inner[key] = (value as unknown[]).map((each) => orTemplate(each));
    else inner[key] = value;
  }
  const { description, default: initial, ...rest } = inner;
  const free = outermost || (rest.type === 'string' && !('pattern' in rest) && !('enum' in rest));
  if (free || Object.keys(rest).length === 0 || 'anyOf' in rest) return inner;
  return {
    ...(description === undefined ? {} : { description }),
    ...(initial === undefined ? {} : { default: initial }),
    anyOf: [rest, template],
  };
}

function mapJson(value: unknown, convert: (value: unknown) => Json): Json {
  return Object.fromEntries(Object.entries(value as Json).map(([key, each]) => [key, convert(each)]));
}
