import { expect, test } from 'vitest';
import { svgOf } from '../../scripts/screens/svg.ts';
import type { Cell } from '../pty-cells.ts';

const cells = (text: string, look: Partial<Cell> = {}): Cell[] =>
  [...text].map((letter) => ({ text: letter, width: 1, ...look }));
/** What is inside of the picture, past its ground. */
const drawn = (...rows: readonly (readonly Cell[])[]): string =>
  svgOf(rows, { title: 't', columns: 20 }).split('\n').slice(3, -2).join('\n');

test('a screen is a picture of its columns and rows on a dark ground, with its title', () => {
  const svg = svgOf([cells('hello'), [], []], { title: 'A < B & C', columns: 10 });
  expect(svg).toMatch(
    /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="108" height="82" viewBox="0 0 108 82" /,
  );
  expect(svg).toContain('<title>A &lt; B &amp; C</title>');
  expect(svg).toContain('<rect width="108" height="82" rx="7" fill="#16191d"/>');
  expect(svg.endsWith('</svg>\n')).toBe(true);
});

test('letters stand in their columns whatever the font, and gaps are left out', () => {
  expect(drawn(cells('ab cd   ef '))).toBe(
    '<text y="27" xml:space="preserve"><tspan x="14" textLength="40">ab cd</tspan><tspan x="78" textLength="16">ef</tspan></text>',
  );
});

test('empty rows cost nothing and keep their place', () => {
  expect(drawn(cells('   '), cells('x'))).toBe(
    '<text y="45" xml:space="preserve"><tspan x="14" textLength="8">x</tspan></text>',
  );
});

test('a wide letter takes two columns', () => {
  expect(drawn([{ text: '漢', width: 2 }, ...cells('a')])).toContain(
    '<tspan x="14" textLength="24">漢a</tspan>',
  );
  expect(drawn([...cells('a'), { text: '漢', width: 2 }, ...cells('  b')])).toContain(
    '<tspan x="54" textLength="8">b</tspan>',
  );
});

test('colours of the palette, of the cube and of their own, and each style', () => {
  expect(drawn(cells('a', { fg: 1 }))).toContain('fill="#e5706f">a<');
  expect(drawn(cells('a', { fg: 196 }))).toContain('fill="#ff0000">a<');
  expect(drawn(cells('a', { fg: 232 }))).toContain('fill="#080808">a<');
  expect(drawn(cells('a', { fg: '#0102ff' }))).toContain('fill="#0102ff">a<');
  expect(drawn(cells('a', { bold: true, dim: true, italic: true, underline: true }))).toContain(
    ' font-weight="bold" opacity=".6" font-style="italic" text-decoration="underline">a<',
  );
});

test('a ground of its own is drawn under the letters, blanks too, and inversion swaps the two', () => {
  expect(drawn(cells('a ', { bg: 4 }))).toMatch(
    /^<rect x="14" y="14" width="16" height="18" fill="#6ea8e6"\/>\n<text/,
  );
  expect(drawn(cells('a', { inverse: true }))).toMatch(/^<rect [^>]* fill="#d5d8dc"\/>\n.*fill="#16191d">a</);
});

test('what a host has written is no markup', () => {
  expect(drawn(cells('</text>&'))).toContain('>&lt;/text&gt;&amp;<');
});

test('the same cells give the same picture', () => {
  const rows = [cells('one', { fg: 2 }), cells('two', { bold: true })];
  expect(svgOf(rows, { title: 't', columns: 9 })).toBe(
    svgOf(structuredClone(rows), { title: 't', columns: 9 }),
  );
});
