import { expect, test } from 'vitest';
import { mmdebstrapArgv } from '../../src/lab/image.ts';
import { buildPhase, imageKey, imageRecipe } from '../../src/lab/image-recipe.ts';
import { pickAptSettings, pickMirror, sourceLines } from '../../src/lab/mirror.ts';
import { platformNamed } from '../../src/lab/platforms/index.ts';
import { openldap } from '../../src/lab/platforms/openldap.ts';

test('an image is named after all that is in it: another recipe is another image', () => {
  const recipe = imageRecipe(openldap, 12);
  expect(imageKey(recipe)).toBe(imageKey(imageRecipe(openldap, 12)));
  expect(imageKey(recipe)).toMatch(/^openldap-debian12-[0-9a-f]{12}$/);
  expect(imageKey({ ...recipe, packages: [...recipe.packages, 'vim'] })).not.toBe(imageKey(recipe));
  expect(imageKey({ ...recipe, customise: `${recipe.customise}true\n` })).not.toBe(imageKey(recipe));
});

test('each release has its suite, and others are refused by name', () => {
  expect([11, 12, 13].map((debian) => imageRecipe(openldap, debian).suite)).toEqual([
    'bullseye',
    'bookworm',
    'trixie',
  ]);
  expect(() => imageRecipe(openldap, 10)).toThrow('Debian 10: a lab runs 11, 12, 13');
  expect(() => platformNamed('exchange')).toThrow('platform "exchange": a lab runs openldap');
});

test("the machine's mirror is found among its sources, whatever else is there", () => {
  const targets = [
    'http://other.test/node/ nodistro main',
    'http://mirror.test/security/ bookworm-security main',
    'http://mirror.test/debian/ bookworm-updates main',
    'http://mirror.test/debian/ bookworm contrib',
    'http://mirror.test/debian/ bookworm main',
  ].join('\n');
  expect(pickMirror(targets)).toEqual({
    archive: 'http://mirror.test/debian/',
    security: 'http://mirror.test/security/',
  });
});

test('a machine without Debian in its sources has no mirror, one without security has none of that', () => {
  expect(
    pickMirror('http://ubuntu.test/ noble main\nhttp://ubuntu.test/ noble-security main'),
  ).toBeUndefined();
  expect(pickMirror('http://mirror.test/debian/ stable main')).toEqual({
    archive: 'http://mirror.test/debian/',
  });
});

test('the sources of an image name the suite of the image, not of the machine', () => {
  const mirror = { archive: 'http://m.test/debian/', security: 'http://m.test/security/' };
  expect(sourceLines(mirror, 'trixie')).toBe(
    'deb http://m.test/debian/ trixie main\ndeb http://m.test/security/ trixie-security main\n',
  );
});

test('proxies and clock checks of apt are taken over, the rest of its settings is not', () => {
  const dump = [
    'APT::Install-Recommends "1";',
    'Acquire::http::Proxy "http://proxy.test:3128";',
    'Acquire::https "";',
    'Acquire::http::Proxy::local.test "";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::Languages "none";',
  ];
  expect(pickAptSettings(dump.join('\n'))).toBe(
    'Acquire::http::Proxy "http://proxy.test:3128";\nAcquire::Check-Valid-Until "false";\n',
  );
});

test('neither mirror nor proxy is on the command line of the build', () => {
  const argv = mmdebstrapArgv(imageRecipe(openldap, 13), '/images/x.part-1');
  expect(argv.slice(-3)).toEqual(['trixie', '/images/x.part-1/root', '/images/x.part-1/sources.list']);
  expect(argv.join(' ')).not.toMatch(/https?:/);
});

test('lines of mmdebstrap that mean progress are told in words, others are not', () => {
  expect(buildPhase('I: extracting archives...')).toBe('unpacking');
  expect(buildPhase('Setting up adduser (3.134) ...')).toBeUndefined();
});
