import { mkdir, stat, writeFile } from 'node:fs/promises';
import { tearDown } from './down.ts';
import { hostPower, startHost } from './host-power.ts';
import { ensureImage } from './image.ts';
import { imageRecipe } from './image-recipe.ts';
import { inTurns } from './in-turns.ts';
import { inventoryText } from './inventory-text.ts';
import { LabError } from './lab-error.ts';
import { makeKey, makeSecrets } from './lab-keys.ts';
import { labDir, labInventoryPath, labLock, labsRoot } from './lab-paths.ts';
import { type LabHost, type LabRecord, labNames, readLab, writeLab } from './lab-record.ts';
import { layOut } from './lay-out.ts';
import { connectHosts, openSwitch } from './network.ts';
import { hostNames, type NodeKind, nodesText } from './nodes.ts';
import type { Platform } from './platforms/platform.ts';
import type { Progress } from './progress.ts';
import { checkMachine } from './requirements.ts';
import { hasSlapd, waitForSlapd } from './slapd-process.ts';
import { productText } from './status-text.ts';
import { withLock } from './with-lock.ts';

export interface LabRequest {
  readonly name: string;
  readonly platform: Platform;
  /** The product's release, on platforms that have some; it decides on Debian's. */
  readonly release?: string;
  readonly debian: number;
  /** The kind of each host, in the order of their names. */
  readonly nodes: readonly NodeKind[];
  /** A folder to lay over every host. */
  readonly overlay?: string;
}

export interface LabResult {
  readonly lab: LabRecord;
  /** It was up already, as asked for; nothing was done. */
  readonly already: boolean;
  /** `host: unit`, of units that did not start. */
  readonly failedUnits: readonly string[];
}

/** Brings a lab up, or fails and leaves nothing of it. Rejects with LabError; an abort cleans up too. */
export async function up(request: LabRequest, progress: Progress, signal: AbortSignal): Promise<LabResult> {
  checkMachine();
  const recipe = imageRecipe(request.platform, request.debian);
  await checkOverlay(request.overlay);
  await mkdir(labsRoot, { recursive: true, mode: 0o700 });
  const wait = () => progress.phase(`lab ${request.name}: waiting for another lockstep to let go of it`);
  return withLock(labLock(request.name), wait, async () => {
    const existing = await standing(request);
    if (existing) return { lab: existing, already: true, failedUnits: [] };
    if ((await labNames()).includes(request.name))
      progress.phase(`lab ${request.name}: removing what was left of it`);
    await tearDown(request.name);
    const image = await ensureImage(recipe, progress, signal);
    try {
      return await build(request, image, progress, signal);
    } catch (error) {
      progress.phase(`lab ${request.name}: failed; removing what there is of it`);
      await tearDown(request.name);
      throw error;
    }
  });
}

async function checkOverlay(folder: string | undefined): Promise<void> {
  if (folder === undefined) return;
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new LabError(`--overlay ${folder}: is not a folder that can be read`);
}

/** The lab of that name if it is up as asked. Throws LabError when it is up otherwise. */
async function standing(request: LabRequest): Promise<LabRecord | undefined> {
  const lab = await readLab(request.name);
  if (lab?.phase !== 'up') return undefined;
  const power = await Promise.all(lab.hosts.map((host) => hostPower(lab.name, host.name)));
  if (power.every((state) => state === 'off')) return undefined;
  const is = describe(
    lab,
    lab.hosts.map((host) => host.kind),
  );
  const asked = describe({ ...request, platform: request.platform.name }, request.nodes);
  const off = lab.hosts.filter((_, index) => power[index] === 'off').map((host) => host.name);
  const remedy = `\`lockstep lab down ${lab.name}\` first, or give the new one another name`;
  if (is !== asked) throw new LabError(`lab ${lab.name}: is up with ${is}, not ${asked}; ${remedy}`);
  if (request.overlay)
    throw new LabError(`lab ${lab.name}: is up, and --overlay works on new labs only; ${remedy}`);
  if (off.length > 0)
    throw new LabError(`lab ${lab.name}: is up, but ${off.join(', ')} is switched off; ${remedy}`);
  return lab;
}

/** `zimbra 8.8 on Debian 11, 2 hosts (master=1, bare=1)`. */
export function describe(
  lab: Pick<LabRecord, 'platform' | 'release' | 'debian'>,
  nodes: readonly NodeKind[],
): string {
  return `${productText(lab)} on Debian ${lab.debian}, ${nodesText(nodes)}`;
}

async function build(
  request: LabRequest,
  image: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<LabResult> {
  const { name, platform } = request;
  progress.phase(`lab ${name}: network and keys`);
  await mkdir(labDir(name), { mode: 0o700 });
  const subnet = await openSwitch(name);
  const names = hostNames(request.nodes);
  const hosts = request.nodes.map((kind, index) =>
    newHost(names[index] ?? '', kind, `${subnet}.${11 + index}`),
  );
  const lab: LabRecord = {
    format: 'lockstep-lab/2',
    name,
    platform: platform.name,
    ...(request.release !== undefined && { release: request.release }),
    debian: request.debian,
    image,
    subnet,
    phase: 'building',
    createdAt: new Date().toISOString(),
    hosts,
  };
  await writeLab(lab);
  await connectHosts(name, hosts);
  const secrets = await makeSecrets(name, ['root-password', 'operator-password', ...platform.secrets]);
  progress.phase(`lab ${name}: laying out ${hosts.length} hosts`);
  const login = await makeKey(`${labDir(name)}/id_ed25519`, `lockstep-lab-${name}`);
  await platform.share?.(lab);
  const common = { lab, platform, secrets, loginKey: login.public, overlay: request.overlay };
  const known = await inTurns(hosts, (host) => {
    signal.throwIfAborted();
    return layOut(host, common);
  });
  await writeFile(`${labDir(name)}/known_hosts`, known.join(''), { mode: 0o600 });
  await writeFile(labInventoryPath(name), inventoryText(name, platform, hosts), { mode: 0o600 });
  const failedUnits = await boot(lab, progress, signal);
  await platform.furnish?.({ lab, secrets, phase: (text) => progress.phase(`lab ${name}: ${text}`), signal });
  await writeLab({ ...lab, phase: 'up' });
  return { lab: { ...lab, phase: 'up' }, already: false, failedUnits };
}

function newHost(name: string, kind: NodeKind, address: string): LabHost {
  return { name, fqdn: `${name}.lab.example`, address, kind };
}

/** Its init script is done before slapd listens: whoever comes right after `up` must not be refused. */
async function deaf(lab: LabRecord, host: LabHost): Promise<readonly string[]> {
  if (host.kind === 'bare' || !(await hasSlapd(lab, host.name))) return [];
  return waitForSlapd(lab, host.name).then(
    () => [],
    () => ['slapd: takes no connections'],
  );
}

/** Switches all hosts on; resolves to `host: unit` for what did not start. */
async function boot(lab: LabRecord, progress: Progress, signal: AbortSignal): Promise<readonly string[]> {
  let ready = 0;
  const tell = () => progress.phase(`lab ${lab.name}: booting, ${ready} of ${lab.hosts.length} hosts ready`);
  tell();
  const failed = await inTurns(lab.hosts, async (host) => {
    const units = [...(await startHost(lab, host.name, signal)), ...(await deaf(lab, host))];
    ready += 1;
    tell();
    return units.map((unit) => `${host.name}: ${unit}`);
  });
  return failed.flat();
}
