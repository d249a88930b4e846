import { describe, expect, it } from 'vitest';
import { Unknown } from '../../src/engine/value.ts';
import { ExpressionError, evaluate, isTemplated, resolve } from '../../src/runbook/expression.ts';
import { reveal, Secret } from '../../src/secrets/secret.ts';
import { hosts, scope } from './sample.ts';

describe('resolve', () => {
  it('keeps the type of a value that is one whole expression', () => {
    expect(resolve('${{ inputs.count + 1 }}', scope())).toBe(4);
    expect(resolve('${{ inputs.count > 2 }}', scope())).toBe(true);
    expect(resolve('${{ names(inputs.pool) }}', scope())).toEqual(['ldap1', 'ldap2']);
  });

  it('gives whole hosts, without what the inventory says about access', () => {
    const inventory = { vars: {}, hosts: { ldap1: { ...hosts.ldap1, access: { password: 'env:X' } } } };
    expect(resolve('${{ inventory.hosts[0] }}', scope({ inventory }))).toEqual(hosts.ldap1);
  });

  it('joins mixed text and resolves inside lists and maps', () => {
    const value = {
      url: 'ldap://${{ inputs.newcomer.address }}:${{ 380 + 9 }}/',
      list: ['a', '${{ host.name }}'],
      n: 1,
    };
    expect(resolve(value, scope())).toEqual({
      url: 'ldap://ldap3.example.com:389/',
      list: ['a', 'ldap1'],
      n: 1,
    });
  });

  it('returns a value without expressions itself', () => {
    const value = { a: [1, { b: 'c' }] };
    expect(resolve(value, scope())).toBe(value);
    expect(isTemplated(value)).toBe(false);
  });

  it('makes a secret of text that holds one, and never shows it', () => {
    const joined = resolve('pw=${{ secrets.root }};', scope());
    expect(joined).toBeInstanceOf(Secret);
    expect(String(joined)).toBe('[root]');
    expect(reveal(joined as Secret)).toBe('pw=clear-root;');
    expect(reveal(resolve('${{ "a" + secrets.root + "b" }}', scope()) as Secret)).toBe('aclear-rootb');
  });

  it('refuses to compare a secret', () => {
    expect(() => resolve('${{ secrets.root == "x" }}', scope())).toThrow('a secret cannot be compared');
  });

  it('reads the captures of this host and of another', () => {
    expect(resolve('${{ captured.sid }}-${{ at(inputs.pool[1]).sid }}', scope())).toBe('1-2');
  });

  it('sees braces and quotes inside an expression', () => {
    expect(resolve('${{ {"a": {"b": 1}}.a.b }}', scope())).toBe(1);
    expect(resolve('${{ "}}" }}', scope())).toBe('}}');
  });
});

describe('unknown', () => {
  it('is what an expression gives that touches a capture which has not happened', () => {
    const value = resolve({ a: 1, b: ['x ${{ captured.gone }}'] }, scope());
    expect(value).toBeInstanceOf(Unknown);
    expect((value as Unknown).because).toContain('captured.gone on ldap1');
  });

  it('is not what a short circuit gives that never needs it', () => {
    expect(evaluate('inputs.count == 3 || captured.gone == 1', scope())).toBe(true);
    expect(evaluate('captured.gone == 1 || inputs.count == 3', scope())).toBe(true);
    expect(evaluate('inputs.count == 4 && captured.gone == 1', scope())).toBe(false);
    expect(evaluate('inputs.count == 4 ? captured.gone : "b"', scope())).toBe('b');
    expect(evaluate('captured.gone == 1 && inputs.count == 3', scope())).toBeInstanceOf(Unknown);
  });

  it('keeps the reason that the scope gives', () => {
    const result = new Unknown('the result of step query');
    expect(evaluate('result.code == 0', scope({ result }))).toBe(result);
    expect(resolve('${{ secrets.later }}', scope())).toEqual(new Unknown('secret later'));
    expect(evaluate('result.code == 0', scope({ result: { code: 0 } }))).toBe(true);
  });
});

describe('an error of an expression', () => {
  it('names the expression and the place', () => {
    const act = () => resolve('${{ inputs.nothing }}', scope(), 'a.yaml:41');
    expect(act).toThrow(ExpressionError);
    expect(act).toThrow('a.yaml:41: ${{ inputs.nothing }}: No such key: nothing');
  });

  it('says what to do with a list inside text', () => {
    expect(() => resolve('a ${{ inputs.pool }}', scope())).toThrow(
      'a list (use join) cannot be put into a text',
    );
  });

  it('lets through what the scope throws, as it is', () => {
    const cause = new RangeError('fetch it first');
    const secrets = () => {
      throw cause;
    };
    expect(() => resolve('x${{ secrets.root }}', scope({ secrets }))).toThrow(cause);
  });
});

describe('functions', () => {
  it.each([
    ['keyvals("a = 1\\nheading\\nb=x=y").b', 'x=y'],
    ['lines("a\\nb\\n")', ['a', 'b']],
    ['words("  a  b ")', ['a', 'b']],
    ['trim(" a ")', 'a'],
    ['number(" 42 ") + 1', 43],
    ['number("1.5") * 2', 3],
    ['json("{\\"a\\": [1, 2.5]}").a[1]', 2.5],
    ['join([1, "a"], "-")', '1-a'],
    ['sort(["b", "a"])', ['a', 'b']],
    ['sort([10, 9])', [9, 10]],
    ['unique([1, 1, 2])', [1, 2]],
    ['flat([[1, 2], [], [2]])', [1, 2, 2]],
    ['flat([[], []])', []],
    ['flat([["a"], inputs.pool.map(h, h.name)])', ['a', 'ldap1', 'ldap2']],
    ['flat([[[1], [2]], [[3]]])', [[1], [2], [3]]],
    ['max(flat([[1], [3]])) + 1', 4],
    ['flat([1, 2])', 'error'],
    ['flat("a")', 'error'],
    [
      'sids(["20261122014500.123456Z#000000#001#000000", "20261122014500.123456Z#000000#0fF#000000"])',
      [1, 255],
    ],
    // As 2.3 wrote them, and a server ID of nobody's.
    ['sids(["20261122014500Z#000000#0a#000000", "20261122014500.1Z#000000#000#000000"])', [10, 0]],
    ['sids([])', []],
    ['3 in sids(["20261122014500.123456Z#000000#003#000000"])', true],
    ['sids(["no CSN"])', 'error'],
    ['sids("20261122014500.123456Z#000000#001#000000")', 'error'],
    ['min([3, 1, 2]) + max([1, 2.5])', 3.5],
    ['names(others(inputs.pool, host))', ['ldap2']],
    ['names(unique(inputs.pool + [host, inputs.newcomer]))', ['ldap1', 'ldap2', 'ldap3']],
    ['time("20261122014500Z")', Date.UTC(2026, 10, 22, 1, 45)],
    ['time("20261122014500.123456Z#000000")', 'error'],
    ['time("20261122014500.5Z")', Date.UTC(2026, 10, 22, 1, 45, 0, 500)],
    ['time("202611220145+0100")', Date.UTC(2026, 10, 22, 0, 45)],
    ['time(run.started)', Date.UTC(2026, 10, 22, 1, 45)],
    ['inputs.share + inputs.count', 5.5],
    ['inputs.count < inputs.share', false],
    ['host in inputs.pool', true],
    ['inputs.newcomer in inputs.pool', false],
    ['host.vars.sid + 1', 2],
    ['inventory.vars.site', 'north'],
    ['"slapd 2.6".matches("^slapd 2[.][56]")', true],
    ['number("x")', 'error'],
    ['min([])', 'error'],
  ])('%s', (expression, expected) => {
    if (expected === 'error') expect(() => evaluate(expression, scope())).toThrow(ExpressionError);
    else expect(evaluate(expression, scope())).toEqual(expected);
  });
});

it('says of a text that is no CSN what one looks like, and of a list of no lists what was expected', () => {
  expect(() => evaluate('sids(["20261122"])', scope())).toThrow(
    '"20261122" is not a CSN (YYYYmmddHHMMSS.uuuuuuZ#count#sid#mod)',
  );
  expect(() => evaluate('flat([1])', scope())).toThrow(/flat\(list<int>\)/);
});

it('resolves 20,000 tasks of a simple template within a second of processor time', () => {
  const value = { provider: 'ldap://${{ inputs.newcomer.address }}', rid: 'free' };
  const began = process.cpuUsage();
  for (let task = 0; task < 20_000; task++) resolve(value, scope());
  expect(process.cpuUsage(began).user).toBeLessThan(1_000_000);
});
