import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LabError } from './lab-error.ts';
import { hostRoot } from './lab-paths.ts';
import type { LabRecord } from './lab-record.ts';
import { slapdOf } from './platforms/index.ts';
import type { Slapd } from './platforms/platform.ts';

/*
 * The kernel has one clock for all hosts, so a host whose clock is wrong has it from Debian's libfaketime, preloaded where
 * somebody reads the time: in sessions (PAM reads /etc/environment for sshd and su; sudo is told to) and in slapd. sshd
 * itself and systemd keep the right time: no preload gets near sshd's sandbox.
 */

const settingsFile = '/etc/environment';
const begin = '# lockstep lab fault: the clock of this host is wrong';
const end = '# lockstep lab fault: end';

/**
 * FAKETIME as a variable, not a file: with a file libfaketime calls its own `read_config_file`, which in slapd 2.5 and
 * later is slapd's function of that name, and crashes. Timers stay true, or slapd would wait for hours. The shared memory
 * is one for all, since libfaketime 0.9.8 and 0.9.10 (Debian 11, 12) make it readable by its maker alone, and end a
 * command after `su` when they cannot open it; later ones need none.
 */
function settings(library: string, offsetS: number): Readonly<Record<string, string>> {
  return {
    LD_PRELOAD: library,
    FAKETIME: `${offsetS < 0 ? '' : '+'}${offsetS}`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
    FAKETIME_DISABLE_SHM: '1',
    FAKETIME_SHARED: '/lockstep-clock /lockstep-clock',
  };
}

/** A POSIX semaphore as glibc's sem_open(3) writes it on 64-bit machines; its count never runs out, whoever is killed. */
function semaphore(): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(0x3fff_ffff, 0);
  bytes.writeUInt32LE(0x80, 8);
  return bytes;
}

const semaphoreSource = '/etc/lockstep-clock/semaphore';
const memorySource = '/etc/lockstep-clock/memory';

/** /dev/shm is empty after each boot; systemd-tmpfiles fills it before slapd starts. */
export const clockTmpfiles = '/etc/tmpfiles.d/lockstep-clock.conf';
const tmpfiles = `C /dev/shm/sem.lockstep-clock 0666 root root - ${semaphoreSource}
C /dev/shm/lockstep-clock 0666 root root - ${memorySource}
`;

const sudoers = '/etc/sudoers.d/lockstep-clock';

function dropIn({ unit }: Slapd): string {
  return `/etc/systemd/system/${unit}.d/lockstep-clock.conf`;
}

/** Writes what makes a host's clock wrong by `offsetS` seconds; it counts for what starts afterwards. */
export async function setClock(lab: LabRecord, host: string, offsetS: number): Promise<void> {
  const root = hostRoot(lab.name, host);
  const slapd = slapdOf(lab);
  const library = await preloadLibrary(root, host);
  const values = Object.entries(settings(slapd.capable ? await trusted(root, library) : library, offsetS));
  const service = values.map(([name, value]) => `Environment="${name}=${value}"\n`).join('');
  await put(root, semaphoreSource, semaphore());
  await put(root, memorySource, Buffer.alloc(4096));
  await put(root, clockTmpfiles, tmpfiles);
  await put(root, dropIn(slapd), `[Service]\n${service}`);
  await put(root, sudoers, `Defaults env_file=${settingsFile}\n`, 0o440);
  const lines = values.map(([name, value]) => `${name}=${value}`);
  await put(root, settingsFile, `${await settingsOfOthers(root)}${[begin, ...lines, end].join('\n')}\n`);
}

/** Takes it all away again. Harmless when there is none. */
export async function healClock(lab: LabRecord, host: string): Promise<void> {
  const root = hostRoot(lab.name, host);
  if ((await clockOffset(lab.name, host)) !== 0) await put(root, settingsFile, await settingsOfOthers(root));
  const files = [sudoers, dropIn(slapdOf(lab)), clockTmpfiles, dirname(semaphoreSource)];
  for (const file of files) await rm(`${root}${file}`, { recursive: true, force: true });
}

/** Seconds by which the host's clock was set wrong; 0 when it is right. */
export async function clockOffset(lab: string, host: string): Promise<number> {
  const text = await readFile(`${hostRoot(lab, host)}${settingsFile}`, 'utf8').catch(() => '');
  return Number(/^FAKETIME=([+-]\d+)$/m.exec(text)?.[1] ?? 0);
}

async function settingsOfOthers(root: string): Promise<string> {
  const text = await readFile(`${root}${settingsFile}`, 'utf8').catch(() => '');
  const [before = '', rest = ''] = text.split(`${begin}\n`);
  return `${before}${rest.split(`${end}\n`)[1] ?? ''}`;
}

/** Debian keeps it in a directory of the machine's architecture. */
async function preloadLibrary(root: string, host: string): Promise<string> {
  for (const directory of await readdir(`${root}/usr/lib`)) {
    const library = `/usr/lib/${directory}/faketime/libfaketime.so.1`;
    if (await readFile(`${root}${library}`).catch(() => undefined)) return library;
  }
  throw new LabError(
    `${host}: has no libfaketime, which its image should hold; \`lockstep lab down\` and \`lab up\` again make it anew`,
  );
}

/**
 * A program with capabilities of its file preloads only what is named without a path, lies in a directory of the system's
 * and is set-user-ID (ld.so(8)). Resolves to that name; it stays when the clock is right again, since nobody asks for it.
 */
async function trusted(root: string, library: string): Promise<string> {
  const name = 'lockstep-clock.so';
  const path = `${dirname(dirname(library))}/${name}`;
  await put(root, path, await readFile(`${root}${library}`), 0o4644);
  return name;
}

/** Whole or not at all: half of these lines would keep everybody from logging in. */
async function put(root: string, path: string, content: string | Buffer, mode = 0o644): Promise<void> {
  const file = `${root}${path}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(`${file}.new`, content);
    await chmod(`${file}.new`, mode);
    await rename(`${file}.new`, file);
  } catch (cause) {
    await rm(`${file}.new`, { force: true });
    throw new LabError(`${path} of the host: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
