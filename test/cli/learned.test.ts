import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keepLearned, loadLearned } from '../../src/cli/learned.ts';
import { scratch } from '../journal/sample.ts';

const took = (ms: number, step = 'a', platform = 'openldap') => ({ step, platform, ms });
const folder = (state: string) => join(state, 'estimates');

describe('what tasks took', () => {
  test('is kept by runbook, step and platform, for the owner only, and nothing else lies about', () => {
    const state = scratch();
    const env = { LOCKSTEP_STATE: state };
    keepLearned('openldap/enable-mmr', [took(5), took(7, 'b', 'zimbra')], env);
    keepLearned('openldap/enable-mmr', [took(6)], env);
    keepLearned('openldap-enable/mmr', [took(1)], env);
    expect(loadLearned('openldap/enable-mmr', env)).toEqual({ a: { openldap: [5, 6] }, b: { zimbra: [7] } });
    expect(loadLearned('openldap-enable/mmr', env)).toEqual({ a: { openldap: [1] } });
    expect(loadLearned('other', env)).toEqual({});
    expect(readdirSync(folder(state)).sort()).toEqual([
      'openldap-enable_mmr.json',
      'openldap_enable-mmr.json',
    ]);
    expect(statSync(join(folder(state), 'openldap_enable-mmr.json')).mode & 0o777).toBe(0o600);
    expect(statSync(folder(state)).mode & 0o777).toBe(0o700);
  });

  test('is not kept of an undo, nor where nothing was', () => {
    const state = scratch();
    keepLearned('undo/20261122-015312-7f3a', [took(5)], { LOCKSTEP_STATE: state });
    keepLearned('x', [], { LOCKSTEP_STATE: state });
    expect(existsSync(folder(state))).toBe(false);
  });

  test.each([
    ['cut off', '{"a":{"openldap":[5'],
    ['another thing', '[1, 2]'],
    ['empty', ''],
  ])('is forgotten where its file is %s, and kept anew', (_, text) => {
    const state = scratch();
    const env = { LOCKSTEP_STATE: state };
    mkdirSync(folder(state));
    writeFileSync(join(folder(state), 'x.json'), text);
    expect(loadLearned('x', env)).toEqual({});
    keepLearned('x', [took(5)], env);
    expect(loadLearned('x', env)).toEqual({ a: { openldap: [5] } });
  });

  test('is taken from a file that was edited only where it is a duration', () => {
    const state = scratch();
    mkdirSync(folder(state));
    const text = '{"a":{"openldap":[5,"6",-1,null,7],"zimbra":"8"},"b":9,"__proto__":{"p":[1]}}';
    writeFileSync(join(folder(state), 'x.json'), text);
    const learned = loadLearned('x', { LOCKSTEP_STATE: state });
    expect(learned['a']).toEqual({ openldap: [5, 7], zimbra: [] });
    expect([learned['b'], Object.hasOwn(learned, '__proto__'), 'p' in learned]).toEqual([{}, true, false]);
  });

  test('that cannot be written is no fault', () => {
    const state = scratch();
    writeFileSync(folder(state), 'a file where the folder should be');
    keepLearned('x', [took(5)], { LOCKSTEP_STATE: state });
    expect(readFileSync(folder(state), 'utf8')).toBe('a file where the folder should be');
    const target = scratch();
    mkdirSync(join(folder(target), 'x.json'), { recursive: true });
    keepLearned('x', [took(5)], { LOCKSTEP_STATE: target });
    expect(readdirSync(folder(target))).toEqual(['x.json']);
  });
});
