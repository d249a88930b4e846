import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/health/diagnose.ts';
import type { SiteFacts } from '../../src/health/facts.ts';
import { healthSvg } from '../../src/reporters/health-svg.ts';
import { healthySite, withDatabase, withMonitor, withServer, withTrial, withWords } from '../health/site.ts';
import { all, type Node, readXml } from './xml-reader.ts';

const picture = (site: SiteFacts): Node => readXml(healthSvg(site, diagnose(site)));
const titles = (node: Node) => all(node, 'g').map((group) => all(group, 'title')[0]?.text ?? '');
const groupOf = (node: Node, title: string) => {
  const found = all(node, 'g').find((group) => all(group, 'title')[0]?.text.startsWith(title));
  if (!found) throw new Error(`no ${title} among ${titles(node).join(' | ')}`);
  return found;
};
/** The path of an arrow, and its head. */
const looks = (node: Node, title: string) =>
  all(groupOf(node, title), 'path').map(({ attributes }) => attributes['class']);

test('every server has a box, and every agreement an arrow from its consumer to its provider', () => {
  expect(titles(picture(healthySite()))).toEqual([
    'ldap1 pulls from ldap2: connected, rid 001, TLS starttls',
    'ldap2 pulls from ldap1: connected, rid 001, TLS starttls',
    'ldap3 pulls from ldap1: connected, rid 001, TLS starttls',
    'ldap1, master, SID 1, 703 entries',
    'ldap2, master, SID 2, 703 entries',
    'ldap3, replica, SID 3, 703 entries',
  ]);
});

describe('an arrow', () => {
  test('looks as its agreement fares', () => {
    expect(looks(picture(healthySite()), 'ldap2 pulls')).toEqual(['way good', 'head good']);
    const cut = withMonitor(healthySite(), 'ldap2', '001', { connection: undefined });
    expect(looks(picture(cut), 'ldap2 pulls')).toEqual(['way bad broken', 'head bad']);
    const comparing = withMonitor(healthySite(), 'ldap2', '001', { phase: 'Refresh' });
    expect(looks(picture(comparing), 'ldap2 pulls')).toEqual(['way warn', 'head warn']);
    const refused = withTrial(healthySite(), 'ldap2', '001', { kind: 'refused', code: 49, why: 'x' });
    expect(looks(picture(refused), 'ldap2 pulls')).toEqual(['way bad broken', 'head bad']);
    const unseen = withServer(healthySite(), 'ldap2', {
      monitor: { unknown: 'x' },
      log: { unknown: 'x' },
      trials: new Map(),
    });
    expect(looks(picture(unseen), 'ldap2 pulls')).toEqual(['way dim broken', 'head dim']);
  });

  test('tells its RID, and whether it uses TLS', () => {
    const label = (site: SiteFacts) =>
      all(groupOf(picture(site), 'ldap2 pulls'), 'text').map(({ text }) => text);
    expect(label(healthySite())).toEqual(['001 tls']);
    expect(label(withWords(healthySite(), 'ldap2', { starttls: undefined }))).toEqual(['001 clear']);
    expect(label(withWords(healthySite(), 'ldap2', { starttls: 'yes' }))).toEqual(['001 tls?']);
  });

  test('begins at the box of its consumer and ends at that of its provider, and its counterpart goes another way', () => {
    const svg = picture(healthySite());
    const [way] = all(groupOf(svg, 'ldap1 pulls'), 'path');
    const [back] = all(groupOf(svg, 'ldap2 pulls'), 'path');
    const [x1, y1, bendX, , x2, y2] = numbers(way);
    expect(near(boxOf(svg, 'ldap1'), x1, y1)).toBe(true);
    expect(near(boxOf(svg, 'ldap2'), x2, y2)).toBe(true);
    expect(numbers(back)[2]).not.toBe(bendX);
  });

  test('leads to a provider outside of the site as well', () => {
    const svg = picture(withWords(healthySite(), 'ldap3', { provider: 'ldap://ldap9' }));
    expect(titles(svg)).toContain('ldap3 pulls from ldap://ldap9: connected, rid 001, TLS starttls');
    const [box] = all(groupOf(svg, 'ldap://ldap9, not of this site'), 'rect');
    expect(box?.attributes['class']).toBe('box absent');
  });
});

test('a box looks as bad as the worst that is said of its server', () => {
  const svg = picture(withDatabase(healthySite(), 'ldap2', { lastMod: false }));
  expect(all(groupOf(svg, 'ldap2, '), 'rect')[0]?.attributes['class']).toBe('box bad');
  expect(all(groupOf(svg, 'ldap1, '), 'rect')[0]?.attributes['class']).toBe('box');
});

test('no two boxes lie on each other, and all lie in the picture, from one server to twelve', () => {
  const [first] = healthySite().servers;
  if (!first) throw new Error('no server');
  for (let number = 1; number <= 12; number++) {
    const servers = Array.from({ length: number }, (_, at) => ({
      ...first,
      host: `s${at}`,
      address: `a${at}`,
    }));
    const svg = picture({ ...healthySite(), servers });
    const boxes = servers.map(({ host }) => boxOf(svg, host));
    const [width, height] = [Number(svg.attributes['width']), Number(svg.attributes['height'])];
    boxes.forEach((box, at) => {
      expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height).toBe(
        true,
      );
      for (const other of boxes.slice(at + 1))
        expect(Math.abs(box.x - other.x) >= box.width || Math.abs(box.y - other.y) >= box.height).toBe(true);
    });
  }
});

test('what a host is called is no markup, and a long name is cut', () => {
  const site = withServer(healthySite(), 'ldap1', { host: '<b>&"x"</b>.a-very-long-name.example.org' });
  const svg = picture(site);
  expect(titles(svg)).toContain('<b>&"x"</b>.a-very-long-name.example.org, master, SID 1, 703 entries');
  for (const { text } of all(groupOf(svg, '<b>'), 'text')) expect([...text].length).toBeLessThanOrEqual(20);
});

test('it has a look for light and one for dark', () => {
  const [style] = all(picture(healthySite()), 'style');
  const [light = '', dark = ''] = (style?.text ?? '').split('@media (prefers-color-scheme:dark)');
  for (const look of ['.ground', '.box', '.way.good', '.way.bad', '.head.warn', 'text']) {
    expect(light).toContain(`${look}{`.replace('.head.warn{', '.head.warn,'));
    expect(dark).toContain(`${look}{`.replace('.head.warn{', '.head.warn,'));
  }
});

test('the same site gives the same picture', () => {
  expect(healthSvg(healthySite(), [])).toBe(healthSvg(healthySite(), []));
});

function boxOf(svg: Node, name: string) {
  const [rect] = all(groupOf(svg, `${name}, `), 'rect');
  const number = (key: string) => Number(rect?.attributes[key]);
  return { x: number('x'), y: number('y'), width: number('width'), height: number('height') };
}

function numbers(path: Node | undefined): readonly number[] {
  return (path?.attributes['d'] ?? '').match(/-?[\d.]+/g)?.map(Number) ?? [];
}

/** Just outside of the box. */
function near({ x, y, width, height }: ReturnType<typeof boxOf>, px = Number.NaN, py = Number.NaN): boolean {
  const edge = 6;
  return px >= x - edge && px <= x + width + edge && py >= y - edge && py <= y + height + edge;
}
