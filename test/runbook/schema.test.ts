import { expect, it } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import { checkParams, completeParams } from '../../src/runbook/check-params.ts';
import { editorSchema } from '../../src/runbook/json-schema.ts';
import { runbookSchema } from '../../src/runbook/schema.ts';

it('gives editors the parameters of every action, and where an expression may stand for them', () => {
  const schema = editorSchema(actions);
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  const definitions = schema.$defs as Record<
    string,
    { properties?: Record<string, unknown>; description?: string }
  >;
  for (const name of Object.keys(actions))
    expect(definitions[`action.${name}`]?.description, name).toBe(actions[name]?.about);
  expect(definitions['action.wait.port']?.properties?.port).toMatchObject({
    anyOf: [{ type: 'integer' }, { type: 'string', pattern: '\\$\\{\\{' }],
  });
  const text = JSON.stringify(schema);
  for (const name of Object.keys(actions)) expect(text).toContain(`"$ref":"#/$defs/action.${name}"`);
  expect(text).toContain('may-be-empty');
});

it('is one zod schema for a whole runbook, the actions included', () => {
  const steps = [{ id: 'a', on: 'all', 'wait.port': { port: 389 } }];
  const runbook = { format: 'lockstep/1', name: 'a/b', version: '1.0.0', title: 'T', steps };
  const schema = runbookSchema(actions);
  expect(schema.safeParse(runbook).success).toBe(true);
  expect(schema.safeParse({ ...runbook, steps: [{ ...steps[0], 'wait.port': { port: 'x' } }] }).success).toBe(
    false,
  );
});

it('checks resolved parameters, and fills in defaults', () => {
  const { command } = actions;
  if (command === undefined) throw new Error('no command');
  expect(checkParams(command, { argv: ['a'] })).toBeUndefined();
  expect(checkParams(command, { argv: ['a'], cdw: '/' })).toBe('cdw unknown key "cdw"');
  expect(checkParams(command, { argv: [true] })).toBe('argv[0] must be text, got true');
  expect(completeParams(command, { argv: ['a'] })).toMatchObject({ argv: ['a'], success: [0] });
  expect(completeParams(command, { argv: ['a', 7], stdin: 8 })).toMatchObject({
    argv: ['a', '7'],
    stdin: '8',
  });
  expect(() => completeParams(command, {})).toThrow('command: give exactly one of argv and script');
});
