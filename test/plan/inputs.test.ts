import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actions } from '../../src/actions/index.ts';
import { bindInputs, type InputValue, inputText } from '../../src/plan/bind-inputs.ts';
import type { Runbook } from '../../src/runbook/model.ts';
import { parseRunbook } from '../../src/runbook/parse-runbook.ts';
import { inventoryOf, RUN } from '../engine/world.ts';

const inventory = inventoryOf(['h1', 'h2', 'h3']);

function runbookWith(inputs: string): Runbook {
  const text = `format: lockstep/1\nname: test/inputs\nversion: 1.0.0\ntitle: Inputs\ninputs:\n${inputs}\nsteps:\n- { id: a, on: h1, read.command: { argv: ["true"] } }\n`;
  const { runbook, problems } = parseRunbook(
    { main: { file: 'i.yaml', text }, path: 'i.yaml', parts: {} },
    actions,
  );
  if (!runbook) throw new Error(JSON.stringify(problems));
  return runbook;
}

const bind = (inputs: string, given: Readonly<Record<string, string>> = {}) =>
  bindInputs(runbookWith(inputs), inventory, given, RUN);

/** The value of the input `x`, as its host names where it is hosts. */
function boundValue(spec: string, text: string): unknown {
  const { values, problems } = bind(`  x: ${spec}`, { x: text });
  if (problems.length > 0) return problems.map(({ message }) => message).join('; ');
  return named(values['x']);
}

function named(value: InputValue | undefined): unknown {
  if (Array.isArray(value)) return value.map(named);
  return typeof value === 'object' && value !== null && 'name' in value ? value.name : value;
}

describe('an input', () => {
  test.each([
    ['host', 'h2', 'h2'],
    ['hosts', 'h1,h3', ['h1', 'h3']],
    ['hosts', 'all:!h2', ['h1', 'h3']],
    ['hosts', '[]', []],
    ['string', '12', '12'],
    ['string', '', ''],
    ['int', '-12', -12],
    ['bool', 'false', false],
    ['dn', 'dc=example,dc=com', 'dc=example,dc=com'],
    ['dn', '', ''],
    ['duration', '1h30m', '1h30m'],
    ['list', 'a, b ,c', ['a', 'b', 'c']],
    ['list', '["a,b", 3]', ['a,b', 3]],
    ['list', '', []],
  ])('of type %s takes %o', (type, text, value) => {
    expect(boundValue(`{ type: ${type} }`, text)).toEqual(value);
  });

  test.each([
    ['host', 'h1,h2', 'input x: h1,h2 names 2 hosts'],
    ['host', 'h9', /h9/],
    ['hosts', '', /selector is empty/],
    ['int', '', '"" is not a whole number'],
    ['int', ' ', '" " is not a whole number'],
    ['int', '0x10', 'is not a whole number'],
    ['int', '1.5', 'is not a whole number'],
    ['int', '99999999999999999999', 'is not a whole number'],
    ['bool', 'yes', '"yes" is not true or false'],
    ['dn', 'example', 'is not a distinguished name'],
    ['duration', '30', 'is not a duration'],
    ['list', '[a', 'begins like JSON, but is none'],
  ])('of type %s refuses %o', (type, text, message) => {
    expect(boundValue(`{ type: ${type} }`, text)).toMatch(message);
  });

  test('keeps to its one-of', () => {
    expect(boundValue('{ type: string, one-of: [none, starttls] }', 'starttls')).toBe('starttls');
    expect(boundValue('{ type: string, one-of: [none, starttls] }', 'ssl')).toBe('input x is "ssl"');
  });

  test('has a default that may use inputs before it, and the inventory', () => {
    const { values } = bind(
      '  a: { type: string, default: "${{ inventory.vars.site }}" }\n  b: { type: string, default: "${{ inputs.a }}-2" }',
    );
    expect(values).toEqual({ a: 'north', b: 'north-2' });
  });

  test('named like something every object has is not taken from there', () => {
    expect(bind('  toString: { type: string }').problems).toMatchObject([
      { name: 'toString', message: 'input toString is not set' },
    ]);
  });

  test('tells all problems at once, each with what to do', () => {
    const { problems } = bind(
      '  pool: { type: hosts, about: The masters }\n  count: { type: int }\n  late: { type: string, default: "${{ inventory.vars.nothing }}" }',
      { count: 'x', pol: 'h1' },
    );
    expect(problems.map(({ name, message, hint }) => `${name}: ${message} | ${hint}`)).toEqual([
      expect.stringMatching(/^pol: test\/inputs has no input pol \| .*pool/),
      'pool: input pool is not set (The masters) | give it with --set pool=SELECTOR',
      'count: input count: "x" is not a whole number | give digits only',
      expect.stringMatching(/^late: the default of input late/),
    ]);
  });
});

describe('an input in the journal', () => {
  const again = (spec: string, value: InputValue | undefined) =>
    bind(`  x: ${spec}`, { x: inputText(value ?? null) }).values['x'];

  test.each([
    ['host', 'h2'],
    ['hosts', 'h3,h1'],
    ['hosts', '[]'],
    ['int', '7'],
    ['bool', 'true'],
    ['string', 'a,b [c]'],
    ['dn', 'dc=x,dc=y'],
    ['dn', ''],
    ['duration', '5m'],
  ])('of type %s binds to the same value again: %s', (type, text) => {
    const value = bind(`  x: { type: ${type} }`, { x: text }).values['x'];
    expect(again(`{ type: ${type} }`, value)).toEqual(value);
  });

  test('of type list binds to the same value again, whatever it holds', () => {
    const item = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.record({ name: fc.string(), port: fc.integer() }),
    );
    fc.assert(
      fc.property(fc.array(item), (list) => {
        expect(again('{ type: list }', list)).toEqual(list);
      }),
    );
  });
});
