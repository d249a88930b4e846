import { describe, expect, it } from 'vitest';
import { evaluate, resolve } from '../../src/runbook/expression.ts';
import { partCandidates, pinTexts, unpinTexts } from '../../src/runbook/texts.ts';
import { hosts, parse, runbookWith, scope } from './sample.ts';

const part = `format: lockstep-part/1
title: Reload a pool
inputs:
  who: { type: hosts }
  url: { type: string }
  again: { type: bool, default: "\${{ size(inputs.who) > 1 }}" }
steps:
  - id: read
    on: \${{ inputs.who }}
    read.command: { argv: [slapcat, -n, "0"] }
    capture: { sid: "\${{ number(trim(result.stdout)) }}" }
  - id: tell
    on: \${{ inputs.who }}
    when: captured.sid > 0 && inputs.again
    command: { argv: [tell, "\${{ inputs.url }}/x", "\${{ at(inputs.who[1]).sid }}"] }
    on-doubt: ask
`;

const use = `
- id: reload-pool
  use: parts/reload.yaml
  when: inputs.count == 3
  with: { who: "\${{ inputs.pool }}", url: "ldap://\${{ inputs.newcomer.address }}:\${{ inputs.count }}" }
- id: after
  on: \${{ inputs.pool }}
  when: captured["reload-pool.sid"] == 1
  wait.port: { port: 389 }`;

describe('a part', () => {
  const { runbook, problems } = parse(runbookWith(use), { 'parts/reload.yaml': part });
  const captured = (host: string, name: string) =>
    name === 'reload-pool.sid' ? (host === 'ldap1' ? 1 : 2) : undefined;

  it('takes the place of the step that uses it, its ids and captures under that step', () => {
    expect(problems).toEqual([]);
    expect(runbook?.steps.map((step) => step.id)).toEqual(['reload-pool.read', 'reload-pool.tell', 'after']);
    expect(Object.keys(runbook?.steps[0]?.capture ?? {})).toEqual(['reload-pool.sid']);
    expect(runbook?.steps[0]?.source).toEqual({ file: 'parts/reload.yaml', line: 8, column: 5 });
  });

  it('sees what it was given as its inputs, and its own captures', () => {
    const [read, tell, after] = runbook?.steps ?? [];
    const here = scope({ captured });
    expect(resolve(read?.on ?? null, here)).toEqual([hosts.ldap1, hosts.ldap2]);
    expect(resolve(tell?.call.params ?? null, here)).toEqual({
      argv: ['tell', 'ldap://ldap3.example.com:3/x', 2],
    });
    expect(evaluate(tell?.when ?? '', here)).toBe(true);
    expect(evaluate(tell?.when ?? '', scope({ captured, inputs: { ...here.inputs, count: 4 } }))).toBe(false);
    expect(evaluate(after?.when ?? '', here)).toBe(true);
  });

  it('may be used twice', () => {
    const twice = `${use}\n- id: again\n  use: parts/reload.yaml\n  with: { who: "\${{ [inputs.newcomer] }}", url: plain, again: true }`;
    const found = parse(runbookWith(twice), { 'parts/reload.yaml': part });
    expect(found.problems).toEqual([]);
    expect(found.runbook?.steps.map((step) => step.id)).toContain('again.tell');
  });

  it.each([
    ['a missing input', 'with: { who: "${{ inputs.pool }}" }', 'the part needs the input url'],
    ['an unknown input', 'with: { who: "${{ inputs.pool }}", url: x, agian: true }', 'did you mean "again"?'],
    ['an input of the wrong type', 'with: { who: masters, url: x }', 'must be a list of hosts, is text'],
    ['an unknown name', 'with: { who: "${{ inputs.pol }}", url: x }', 'did you mean "pool"?'],
  ])('is refused with %s', (_, line, expected) => {
    const found = parse(runbookWith(`- id: a\n  use: parts/reload.yaml\n  ${line}`), {
      'parts/reload.yaml': part,
    });
    expect(found.problems.map((each) => `${each.message} | ${each.hint}`).join('\n')).toContain(expected);
  });

  it('knows nothing of the runbook but its inputs: problems stand in its own file', () => {
    const wrong = part.replace('captured.sid > 0', 'inputs.count > 0');
    const found = parse(runbookWith(use), { 'parts/reload.yaml': wrong });
    expect(found.problems).toMatchObject([
      { file: 'parts/reload.yaml', line: 14, column: 18, path: 'steps[1].when' },
    ]);
  });

  it('cannot use itself', () => {
    const loop = part.replace('steps:', 'steps:\n  - { id: me, use: reload.yaml }');
    const found = parse(runbookWith(use), { 'parts/reload.yaml': loop });
    expect(found.problems.map((each) => each.message)).toContain('reload.yaml uses itself');
  });

  it('cannot carry a secret into an argument list', () => {
    const secretive = part.replace('url: { type: string }', 'url: { type: secret }');
    const found = parse(runbookWith(use.replace(/url: ".*"/, 'url: "${{ secrets.root }}"')), {
      'parts/reload.yaml': secretive,
    });
    expect(found.runbook).toBeUndefined();
    expect(found.problems.map((each) => each.message).join()).toContain('a secret travels in argv');
  });
});

it('looks for a part in the own folder first, and never above the root', () => {
  expect(partCandidates('openldap/add.yaml', 'parts/x.yaml')).toEqual([
    'openldap/parts/x.yaml',
    'parts/x.yaml',
  ]);
  expect(partCandidates('openldap/add.yaml', '../x.yaml')).toEqual([]);
  expect(partCandidates('openldap/add.yaml', '/etc/x.yaml')).toEqual([]);
});

it('pins runbook and parts in one text that parses to the same runbook', async () => {
  const texts = {
    main: { file: 'r/a.yaml', text: runbookWith(use) },
    path: 'a.yaml',
    parts: { 'parts/reload.yaml': { file: 'r/parts/reload.yaml', text: part } },
  };
  const again = unpinTexts(pinTexts(texts));
  expect(
    parse(again.main.text, { 'parts/reload.yaml': again.parts['parts/reload.yaml']?.text ?? '' }).runbook,
  ).toEqual(parse(texts.main.text, { 'parts/reload.yaml': part }).runbook);
  expect(pinTexts(again)).toBe(pinTexts(texts));
  expect(() => unpinTexts('{}')).toThrow('not a pinned runbook');
});
