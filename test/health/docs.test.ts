import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withRules } from '../../scripts/doctor-reference.ts';
import { RULES, THEMES } from '../../src/health/rules/index.ts';
import { forProduct } from '../../src/health/runbooks.ts';

const page = readFileSync(new URL('../../docs/doctor.md', import.meta.url), 'utf8');

test('docs/doctor.md has every code, what it means and what mends it', () => {
  expect(withRules(page, THEMES), 'run npm run docs').toBe(page);
});

test('the runbooks that a rule names are there', () => {
  const there = readdirSync(new URL('../../runbooks/openldap', import.meta.url)).map((name) =>
    name.replace('.yaml', ''),
  );
  const named = RULES.flatMap(({ mends }) =>
    [...mends.matchAll(/openldap\/([\w-]+)/g)].map(([, name]) => name ?? ''),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !there.includes(name))).toEqual([]);
});

test('the runbooks that a rule names for Zimbra and Carbonio are there', () => {
  for (const product of ['zimbra', 'carbonio'] as const) {
    const there = readdirSync(new URL(`../../runbooks/${product}`, import.meta.url)).map((name) =>
      name.replace('.yaml', ''),
    );
    const named = RULES.map(({ mends }) => forProduct(mends, product)).flatMap((text) =>
      [...text.matchAll(/lockstep run (?:zimbra|carbonio)\/([\w-]+)/g)].map(([, name]) => name ?? ''),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !there.includes(name))).toEqual([]);
  }
});

test('codes are in kebab-case, and what is said of them are sentences', () => {
  for (const { code, about, mends } of RULES) {
    expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    for (const text of [about, mends]) expect(text, code).toMatch(/^\S.*\.$/s);
  }
});
