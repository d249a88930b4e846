import { LabError } from './lab-error.ts';
import { mastersAndBare, type NodeKind, parseNodes } from './nodes.ts';
import { platformNamed } from './platforms/index.ts';
import type { Platform, Release } from './platforms/platform.ts';
import type { LabRequest } from './up.ts';

/** The words of `lab up`, as they were typed. */
export interface LabWords {
  readonly platform: string;
  readonly release?: string;
  readonly debian?: string;
  readonly nodes?: string;
  readonly hosts?: string;
  readonly bare?: string;
  readonly overlay?: string;
}

const usualDebian = '12';
const usualHosts = '2';

/** What is asked for. Throws LabError that names the option to change. */
export function labRequest(name: string, words: LabWords): LabRequest {
  const platform = platformNamed(words.platform);
  const release = releaseOf(platform, words.release);
  return {
    name,
    platform,
    ...(release && { release: release.name }),
    debian: debianOf(platform, release, words.debian),
    nodes: nodesOf(platform, words),
    ...(words.overlay !== undefined && { overlay: words.overlay }),
  };
}

function releaseOf({ name, releases }: Platform, asked: string | undefined): Release | undefined {
  if (releases.length === 0 && asked !== undefined)
    throw new LabError(`--release ${asked}: ${name} comes with Debian; choose its release with --debian`);
  const known = releases.map((release) => release.name).join(', ');
  const found = asked === undefined ? releases[0] : releases.find((release) => release.name === asked);
  if (!found && releases.length > 0) throw new LabError(`--release ${asked}: of ${name} a lab has ${known}`);
  return found;
}

function debianOf({ name }: Platform, release: Release | undefined, asked: string | undefined): number {
  if (!release) return wholeNumber('--debian', asked ?? usualDebian, 1, 99);
  if (asked === undefined || Number(asked) === release.debian) return release.debian;
  throw new LabError(
    `--debian ${asked}: ${name} ${release.name} runs on ${release.debian} in a lab; leave it out`,
  );
}

function nodesOf({ name, releases, kinds }: Platform, words: LabWords): readonly NodeKind[] {
  const { nodes, hosts, bare } = words;
  const counted =
    hosts !== undefined ? `--hosts ${hosts}` : bare !== undefined ? `--bare ${bare}` : undefined;
  if (counted !== undefined && nodes !== undefined)
    throw new LabError(`${counted}: --nodes says already which hosts there are; leave one of them out`);
  if (counted !== undefined && releases.length > 0)
    throw new LabError(`${counted}: hosts of ${name} are of several kinds; write --nodes master=1,bare=1`);
  if (nodes !== undefined) return withMaster(nodes, parseNodes(nodes, kinds));
  if (releases.length > 0) return mastersAndBare(1);
  const count = wholeNumber('--hosts', hosts ?? usualHosts, 1, 100);
  return mastersAndBare(count, wholeNumber('--bare', bare ?? '0', 0, count));
}

/** Who is neither master nor bare is set up against a master. */
function withMaster(text: string, nodes: readonly NodeKind[]): readonly NodeKind[] {
  const lost = nodes.find((kind) => kind !== 'master' && kind !== 'bare');
  if (lost === undefined || nodes.includes('master')) return nodes;
  throw new LabError(`--nodes ${text}: a ${lost} needs a master to join; add master=1`);
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new LabError(`${option} ${text}: must be a whole number from ${least} to ${most}`);
}
