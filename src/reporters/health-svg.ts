/** Who pulls from whom, as an SVG picture: servers on a circle, an arrow from each consumer to its provider. Pure. */

import type { SiteFacts } from '../health/facts.ts';
import type { Finding } from '../health/finding.ts';
import { type Pool, poolOf } from '../health/pool.ts';
import { isDown, type Server, sidOf } from '../health/server.ts';
import { siteName } from '../health/site-name.ts';
import { type Link, providerName } from '../health/topology.ts';
import { count } from '../health/words.ts';
import { cut } from '../tui/cells.ts';
import { hasFailed, secrecyOf } from './health-links.ts';
import { element, text as xmlText } from './xml.ts';

/** Pixels: a server's box, and the empty edge around the picture. */
const BOX = { width: 176, height: 66 };
const EDGE = 24;
/** Between the boxes of two neighbours. */
const APART = 180;
/** How far an arrow swings out, so that the one of the other direction has room beside it. */
const SWING = 0.14;
const TITLE = 44;
const FONT = 'ui-monospace,SFMono-Regular,Menlo,Consolas,monospace';
/** A small letter. */
const SMALL = 6.7;
/** Letters in a box. */
const LETTERS = 20;

/** Light, and dark where the reader has it so. */
const STYLE = `
text{font-family:${FONT};font-size:13px;fill:#1f2328}
.ground{fill:#ffffff}.box{fill:#f6f8fa;stroke:#8c959f;stroke-width:1.5}
.name{font-weight:bold}.small{font-size:11px}.dim{fill:#656d76}
.way{fill:none;stroke-width:1.8}.broken{stroke-dasharray:6 5}
.way.good{stroke:#1a7f37}.way.warn{stroke:#9a6700}.way.bad{stroke:#cf222e}.way.dim{stroke:#8c959f}
.head.good,text.good{fill:#1a7f37}.head.warn,text.warn{fill:#9a6700}.head.bad,text.bad{fill:#cf222e}.head.dim{fill:#8c959f}
.box.bad{stroke:#cf222e}.box.warn{stroke:#9a6700}.box.absent{fill:none;stroke-dasharray:4 4}
@media (prefers-color-scheme:dark){
text{fill:#d5d8dc}.ground{fill:#16191d}.box{fill:#22272e;stroke:#7d8590}.dim{fill:#9198a1}
.way.good{stroke:#7fc37e}.way.warn{stroke:#dcb35f}.way.bad{stroke:#e5706f}.way.dim{stroke:#7d8590}
.head.good,text.good{fill:#7fc37e}.head.warn,text.warn{fill:#dcb35f}.head.bad,text.bad{fill:#e5706f}.head.dim{fill:#7d8590}
.box.bad{stroke:#e5706f}.box.warn{stroke:#dcb35f}.box.absent{fill:none}}
`;

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Node {
  readonly name: string;
  readonly at: Point;
  /** Undefined: no server of the site. */
  readonly server: Server | undefined;
}

export function healthSvg(site: SiteFacts, findings: readonly Finding[]): string {
  const pool = poolOf(site);
  const { nodes, width, height } = placed(pool);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const arrows = pool.links.flatMap((link) => {
    const [from, to] = [byName.get(link.consumer.name), byName.get(providerName(link))];
    return from && to && from !== to ? [arrow(link, from, to)] : [];
  });
  const title = `Replication of ${siteName(site)}`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img' },
    '\n',
    element('title', {}, xmlText(title)),
    element('style', {}, STYLE),
    element('rect', { class: 'ground', width, height, rx: 7 }),
    words({ x: EDGE, y: EDGE + 8 }, 'name', title),
    words(
      { x: EDGE, y: height - EDGE + 8 },
      'small dim',
      'arrows lead from a consumer to its provider: it pulls that way',
    ),
    ...arrows,
    ...nodes.map((node) => box(node, pool, findings)),
  )}`;
}

/** In a row, or from three on in a circle, the first at its top; providers that are no servers of the site among them. */
function placed(pool: Pool): {
  readonly nodes: readonly Node[];
  readonly width: number;
  readonly height: number;
} {
  const foreign = pool.links.flatMap((link) =>
    link.provider.kind === 'foreign' ? [providerName(link)] : [],
  );
  const all = [
    ...pool.servers.map((server) => ({ name: server.name, server })),
    ...[...new Set(foreign)].map((name) => ({ name, server: undefined })),
  ];
  const radius = all.length < 2 ? 0 : (BOX.width + APART) / 2 / Math.sin(Math.PI / all.length);
  // Two stand beside each other, more begin at the top.
  const turn = all.length === 2 ? Math.PI : -Math.PI / 2;
  const points = all.map((_, at): Point => {
    const angle = turn + (2 * Math.PI * at) / Math.max(1, all.length);
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
  });
  const left = Math.min(0, ...points.map(({ x }) => x)) - BOX.width / 2 - EDGE;
  const top = Math.min(0, ...points.map(({ y }) => y)) - BOX.height / 2 - EDGE - TITLE;
  const right = Math.max(0, ...points.map(({ x }) => x)) + BOX.width / 2 + EDGE;
  const bottom = Math.max(0, ...points.map(({ y }) => y)) + BOX.height / 2 + EDGE + TITLE;
  const least = 480;
  const more = Math.max(0, least - (right - left)) / 2;
  return {
    nodes: all.map((one, at) => ({
      ...one,
      at: { x: round((points[at]?.x ?? 0) - left + more), y: round((points[at]?.y ?? 0) - top) },
    })),
    width: Math.ceil(right - left + 2 * more),
    height: Math.ceil(bottom - top),
  };
}

function box({ name, at, server }: Node, pool: Pool, findings: readonly Finding[]): string {
  const [x, y] = [round(at.x - BOX.width / 2), round(at.y - BOX.height / 2)];
  const tone = server ? worst(name, findings) : undefined;
  const looks = ['box', ...(tone ? [tone] : []), ...(server ? [] : ['absent'])].join(' ');
  const line = (row: number, looks: string, text: string) =>
    words({ x: at.x, y: round(y + 22 + row * 17) }, looks, cut(text, LETTERS), 'middle');
  const lines = server ? about(server, pool) : ['not of this site'];
  return element(
    'g',
    {},
    '\n',
    element('title', {}, xmlText([name, ...lines].join(', '))),
    element('rect', { class: looks, x, y, width: BOX.width, height: BOX.height, rx: 8 }),
    line(0, 'name', name),
    ...lines.map((text, row) => line(row + 1, 'small dim', text)),
  );
}

function about(server: Server, { roles }: Pool): readonly string[] {
  if (server.facts.unreachable !== undefined) return ['unreachable'];
  if (isDown(server)) return ['slapd does not run'];
  const sid = sidOf(server);
  return [
    `${roles.get(server.name) ?? 'unknown'}${sid ? `, SID ${sid}` : ''}`,
    server.content ? count(server.content.entries, 'entry', 'entries') : 'entries not known',
  ];
}

function worst(name: string, findings: readonly Finding[]): 'bad' | 'warn' | undefined {
  const own = findings.filter(({ where }) => where.includes(name)).map(({ severity }) => severity);
  if (own.includes('critical')) return 'bad';
  return own.includes('warning') ? 'warn' : undefined;
}

const TONES: Readonly<Record<string, 'good' | 'warn' | 'bad'>> = {
  connected: 'good',
  waiting: 'good',
  refreshing: 'warn',
  fallback: 'warn',
  down: 'bad',
  'gave up': 'bad',
};

function arrow(link: Link, from: Node, to: Node): string {
  const { state } = link.health;
  const failed = hasFailed(link.trial);
  const tone = failed
    ? 'bad'
    : link.trial?.kind === 'ok' && state === 'unknown'
      ? 'good'
      : (TONES[state] ?? 'dim');
  const bend = {
    x: (from.at.x + to.at.x) / 2 + (to.at.y - from.at.y) * SWING,
    y: (from.at.y + to.at.y) / 2 - (to.at.x - from.at.x) * SWING,
  };
  const [start, end] = [border(from.at, bend), border(to.at, bend)];
  const tls = secrecyOf(link);
  const told = `${link.consumer.name} pulls from ${providerName(link)}: ${state}, rid ${link.rid}, TLS ${tls}`;
  const said = `${link.rid} ${tls === 'no' ? 'clear' : tls === 'may' ? 'tls?' : 'tls'}`;
  const isBroken = tone === 'bad' || state === 'unknown';
  return element(
    'g',
    {},
    '\n',
    element('title', {}, xmlText(told)),
    element('path', {
      class: `way ${tone}${isBroken ? ' broken' : ''}`,
      d: `M${start.x} ${start.y}Q${round(bend.x)} ${round(bend.y)} ${end.x} ${end.y}`,
    }),
    element('path', { class: `head ${tone}`, d: tip(end, bend) }),
    // Near the consumer: in the middle of a mesh all arrows cross.
    ...label(along(start, bend, end, 0.3), tone, said),
  );
}

/** On ground of its own, so that the arrow does not run through the letters. */
function label({ x, y }: Point, tone: string, said: string): readonly string[] {
  const width = said.length * SMALL + 6;
  return [
    element('rect', {
      class: 'ground',
      x: round(x - width / 2),
      y: round(y - 7),
      width: round(width),
      height: 14,
    }),
    words({ x, y: y + 4 }, `small ${tone}`, said, 'middle'),
  ];
}

/** Where the line from the middle of a box to that point leaves it. */
function border(middle: Point, towards: Point): Point {
  const [dx, dy] = [towards.x - middle.x, towards.y - middle.y];
  const gap = 5;
  const share = Math.min(
    (BOX.width / 2 + gap) / Math.max(1e-9, Math.abs(dx)),
    (BOX.height / 2 + gap) / Math.max(1e-9, Math.abs(dy)),
  );
  return { x: round(middle.x + dx * share), y: round(middle.y + dy * share) };
}

function tip(end: Point, from: Point): string {
  const length = Math.hypot(end.x - from.x, end.y - from.y) || 1;
  const [ux, uy] = [(end.x - from.x) / length, (end.y - from.y) / length];
  const back = { x: end.x - ux * 10, y: end.y - uy * 10 };
  const corner = (side: number) => `${round(back.x - uy * 5 * side)} ${round(back.y + ux * 5 * side)}`;
  return `M${end.x} ${end.y}L${corner(1)}L${corner(-1)}Z`;
}

/** A point of the curve; 0 is its start. */
function along(start: Point, bend: Point, end: Point, share: number): Point {
  const at = (a: number, b: number, c: number) =>
    round((1 - share) ** 2 * a + 2 * (1 - share) * share * b + share ** 2 * c);
  return { x: at(start.x, bend.x, end.x), y: at(start.y, bend.y, end.y) };
}

function words({ x, y }: Point, looks: string, text: string, anchor?: 'middle'): string {
  return element('text', { class: looks, x, y: round(y), 'text-anchor': anchor }, xmlText(text));
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
