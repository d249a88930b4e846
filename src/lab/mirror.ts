import { LabError } from './lab-error.ts';
import { runProgram } from './run-program.ts';

/** Where this machine gets Debian from. URIs end with a slash. */
export interface Mirror {
  readonly archive: string;
  /** Absent when the machine has no security source. */
  readonly security?: string;
}

/** Format for `apt-get indextargets`, which reads every notation of sources that apt knows. */
const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)';

/** Picks the mirror from lines of `URI suite component`; undefined when none of them is Debian's archive. */
export function pickMirror(targets: string): Mirror | undefined {
  const main = targets
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter(([, , component]) => component === 'main');
  const isDebian = (suite: string) =>
    /^(bullseye|bookworm|trixie|forky|sid|(old)*stable|testing|unstable)$/.test(suite);
  const archive = main.find(([, suite = '']) => isDebian(suite))?.[0];
  const security = main.find(([, suite = '']) => /^[a-z]+-security$/.test(suite))?.[0];
  if (archive === undefined) return undefined;
  return security === undefined ? { archive } : { archive, security };
}

/**
 * The machine's own mirror. `override` (the variable LOCKSTEP_DEBIAN_MIRROR, a URI of Debian's archive) goes first.
 * Throws LabError when apt knows no Debian archive.
 */
export async function readMirror(override = process.env.LOCKSTEP_DEBIAN_MIRROR): Promise<Mirror> {
  if (override) return { archive: override.replace(/\/*$/, '/') };
  const { stdout } = await runProgram(['apt-get', 'indextargets', '--no-release-info', '--format', format]);
  const mirror = pickMirror(stdout);
  if (mirror) return mirror;
  throw new LabError(
    'lab image: apt on this machine has no source for Debian; name a mirror with LOCKSTEP_DEBIAN_MIRROR=http://HOST/debian',
  );
}

/** One line for each suite of a release, as sources.list wants it. */
export function sourceLines(mirror: Mirror, suite: string): string {
  const lines = [`deb ${mirror.archive} ${suite} main`];
  if (mirror.security) lines.push(`deb ${mirror.security} ${suite}-security main`);
  return `${lines.join('\n')}\n`;
}

/** The settings of the machine's apt that decide how it reaches and trusts a mirror, as lines of an apt.conf. */
export async function machineAptSettings(): Promise<string> {
  const { stdout } = await runProgram(['apt-config', 'dump']);
  return pickAptSettings(stdout);
}

const wanted = /^Acquire::(https?::|Check-Valid-Until |Check-Date |Retries |ForceIPv[46] )/i;

export function pickAptSettings(dump: string): string {
  const lines = dump.split('\n').filter((line) => wanted.test(line) && !line.endsWith(' "";'));
  return lines.map((line) => `${line}\n`).join('');
}
