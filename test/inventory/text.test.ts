import { describe, expect, it } from 'vitest';
import { parseHostPattern } from '../../src/inventory/host-pattern.ts';
import { resolvePath } from '../../src/inventory/path.ts';
import { pythonLiteral } from '../../src/inventory/python.ts';
import { parseSshArgs } from '../../src/inventory/ssh-args.ts';
import { splitWords } from '../../src/inventory/words.ts';

describe('a Python literal', () => {
  // Each right side is what ast.literal_eval of Python 3.11 gave.
  it.each<[string, unknown]>([
    ['5 # c', 5],
    ['0644', '0644'],
    ['00', 0],
    ['1_000', 1000],
    ['1e3', 1000],
    ['(1)', 1],
    ['-5', -5],
    ['+ 5', 5],
    ['--5', '--5'],
    ['1.', 1],
    ['0x1F', 31],
    ["'a' 'b'", 'ab'],
    ["''", ''],
    ["u'x'", 'x'],
    ['', ''],
    ["'\\q'", '\\q'],
    ["{'a':1,}", { a: 1 }],
    ['[1,]', [1]],
    ['#5', '#5'],
    ['()', []],
    ['1-2', '1-2'],
    ["'a'#x", 'a'],
    ['true', 'true'],
    ['True', true],
    ['None', null],
    ['Nonesense', 'Nonesense'],
    ['10.0.0.1', '10.0.0.1'],
    ['a b', 'a b'],
    ["'open", "'open"],
    ['[1, [2, {"b": (3, 4)}]]', [1, [2, { b: [3, 4] }]]],
    ["'\\x41\\n'", 'A\n'],
    ['[1 2]', '[1 2]'],
    ['-', '-'],
    ['.', '.'],
  ])('%j is %j', (text, value) => {
    expect(pythonLiteral(text)).toEqual(value);
  });

  it('keeps digits that a number of JavaScript would lose', () => {
    expect(pythonLiteral('12345678901234567890')).toBe('12345678901234567890');
  });
});

describe('splitting into words', () => {
  it.each<[string, readonly string[]]>([
    ['a  b\tc', ['a', 'b', 'c']],
    [`x="a'b" y='q"r' z=a\\ b`, [`x=a'b`, 'y=q"r', 'z=a b']],
    ['"" \'\'', ['', '']],
    ['"a\\"b\\$c"', ['a"b\\$c']],
    ['a b#c d', ['a', 'b']],
    ['"a # b" # c', ['a # b']],
  ])('%s gives %j', (line, words) => {
    expect(splitWords(line, { comments: true })).toEqual({ words });
  });

  it('refuses what is not closed', () => {
    expect(splitWords('a "b')).toHaveProperty('problem');
    expect(splitWords('a \\')).toHaveProperty('problem');
  });
});

describe('a host pattern', () => {
  it.each<[string, unknown]>([
    ['ldap1', { names: ['ldap1'] }],
    ['ldap[1:2]:2222', { names: ['ldap1', 'ldap2'], port: 2222 }],
    ['[2001:db8::1]:22', { names: ['2001:db8::1'], port: 22 }],
    ['2001:db8::1', { names: ['2001:db8::1'] }],
    ['[a:c]', { names: ['a', 'b', 'c'] }],
    ['[a:c]:22', { names: ['a', 'b', 'c'], port: 22 }],
    ['[1:3]-x', { names: ['1-x', '2-x', '3-x'] }],
  ])('%s is understood', (text, parsed) => {
    expect(parseHostPattern(text)).toEqual(parsed);
  });

  it.each(['ldap1:', 'ldap1:99999', 'ldap1:0', 'ldap1:x', 'ldap[2:1]'])('%s is refused', (text) => {
    expect(parseHostPattern(text)).toHaveProperty('problem');
  });
});

describe('ssh arguments', () => {
  it.each<[string, object]>([
    ['-o ProxyJump=u@g:22,h', { jump: ['u@g:22', 'h'] }],
    [
      '-oProxyJump=g -p 2201 -luser -i ~/key',
      { jump: ['g'], port: 2201, user: 'user', identityFile: '~/key' },
    ],
    ['-qTJ g', { jump: ['g'] }],
    ['-o "ProxyCommand ssh -W %h:%p -q u@g"', { jump: ['u@g'] }],
    ["-o ProxyCommand='ssh -p 2222 -l u -o StrictHostKeyChecking=no -W %h:%p g'", { jump: ['u@g:2222'] }],
    ['-o UserKnownHostsFile=/kh -o ControlMaster=auto -C', { knownHosts: '/kh' }],
  ])('%s are taken over', (text, expected) => {
    expect(parseSshArgs(text)).toEqual({ ignored: [], ...expected });
  });

  it('tell what they cannot take over', () => {
    expect(
      parseSshArgs(
        '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -F x -o CertificateFile=c word',
      ).ignored,
    ).toEqual([
      'StrictHostKeyChecking=no (host keys are always checked)',
      'UserKnownHostsFile=/dev/null (host keys are always checked)',
      '-F x',
      '-o CertificateFile=c',
      'the word "word"',
    ]);
    expect(parseSshArgs("-o ProxyCommand='nc %h %p'").unusable).toMatch(/nc %h %p/);
    expect(parseSshArgs("-o ProxyCommand='ssh -i other -W %h:%p g'").unusable).toBeDefined();
  });
});

it('paths are taken from their base, ~ from home', () => {
  expect(
    ['k', './a/../k', '~/k', '/k', '../k'].map((path) => resolvePath(path, '/inv/x', '/home/me')),
  ).toEqual(['/inv/x/k', '/inv/x/k', '/home/me/k', '/k', '/inv/k']);
});
