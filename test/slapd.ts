/** Private slapd processes for tests: on loopback and a socket in a folder of their own; nothing of the system is used. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Build {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The installed slapd, else one unpacked from Debian's packages into a cache folder, without installing it. */
export async function obtainSlapd(): Promise<Build> {
  if (existsSync('/usr/sbin/slapd')) return { root: '/', env: process.env };
  const cache = join(tmpdir(), 'lockstep-test-slapd');
  if (!existsSync(cache)) await unpackInto(cache);
  const arch = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  const libraries = ['usr/lib', 'lib'].map((path) => join(cache, path, arch));
  return { root: cache, env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') } };
}

async function unpackInto(cache: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'lockstep-slapd-'));
  const archives = join(work, 'debs');
  await mkdir(join(archives, 'partial'), { recursive: true });
  const options = [
    '-y',
    '-q',
    '--download-only',
    '--no-install-recommends',
    '-o',
    `Dir::Cache::archives=${archives}`,
  ];
  await run('apt-get', [...options, 'install', 'slapd', 'ldap-utils']);
  const root = join(work, 'root');
  for (const file of (await readdir(archives)).filter((name) => name.endsWith('.deb'))) {
    await run('dpkg', ['-x', join(archives, file), root]);
  }
  // Another test run may have been faster; either copy will do.
  await rename(root, cache).catch(() => undefined);
  await rm(work, { recursive: true, force: true });
}

export interface SlapdOptions {
  readonly suffix?: string;
  /** Lines of the global entry, e.g. TLS files. */
  readonly global?: readonly string[];
  /** Lines of the database entry. */
  readonly database?: readonly string[];
  readonly ldaps?: boolean;
  /** Adds a monitor database that all may read. */
  readonly monitor?: boolean;
  /** All of cn=config, in place of Debian's; `root` holds etc/ldap/schema and usr/lib/ldap. */
  readonly config?: (root: string, dir: string) => string;
}

export interface Slapd {
  readonly dir: string;
  readonly socket: string;
  readonly port: number;
  readonly ldapsPort: number;
  readonly databaseDn: string;
  readonly suffix: string;
  readonly rootDn: string;
  readonly rootPassword: string;
  /** Rejects with what slapd printed if it does not come up. */
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  pid(): number;
  /** Loads LDIF while stopped. */
  slapadd(ldif: string, database?: number): Promise<void>;
  /** What its data database holds, as LDIF with all operational attributes; while it runs, too. */
  slapcat(): Promise<string>;
  dispose(): Promise<void>;
}

/** Makes a server like Debian's: mdb, olcSizeLimit 500, EXTERNAL root manages cn=config. Not started yet. */
export async function makeSlapd(options: SlapdOptions = {}): Promise<Slapd> {
  const build = await obtainSlapd();
  const dir = await mkdtemp(join(tmpdir(), 'lockstep-slapd-'));
  const suffix = options.suffix ?? 'dc=example,dc=org';
  const [port, ldapsPort] = [await freePort(), await freePort()];
  const socket = join(dir, 'ldapi');
  let child: ChildProcess | undefined;
  let output = '';
  for (const name of ['config', 'data']) await mkdir(join(dir, name));
  const slapadd = async (ldif: string, database = 1) => {
    await writeFile(join(dir, 'load.ldif'), ldif);
    const args = ['-F', join(dir, 'config'), '-n', String(database), '-l', join(dir, 'load.ldif')];
    await run(join(build.root, 'usr/sbin/slapadd'), args, { env: build.env });
  };
  const slapcat = async () => {
    const args = ['-F', join(dir, 'config'), '-n', '1'];
    return (await run(join(build.root, 'usr/sbin/slapcat'), args, { env: build.env })).stdout;
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await ended;
  };
  const start = async () => {
    output = '';
    const urls = [`ldap://127.0.0.1:${port}/`, `ldapi://${encodeURIComponent(socket)}/`];
    if (options.ldaps) urls.push(`ldaps://127.0.0.1:${ldapsPort}/`);
    const args = ['-F', join(dir, 'config'), '-h', urls.join(' '), '-d', 'config,sync'];
    const started = spawn(join(build.root, 'usr/sbin/slapd'), args, {
      env: build.env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child = started;
    // Only the end is needed, for messages; at loglevel sync there is much of it.
    started.stderr?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    });
    for (let tries = 0; tries < 100; tries++) {
      if (await accepts(port)) return;
      if (started.exitCode !== null) break;
      await sleep(50);
    }
    throw new Error(`slapd did not start: ${output.slice(-2000)}`);
  };
  const config = options.config?.(build.root, dir) ?? configLdif(build.root, dir, suffix, options);
  await slapadd(config, 0);
  return {
    dir,
    socket,
    port,
    ldapsPort,
    suffix,
    databaseDn: 'olcDatabase={1}mdb,cn=config',
    rootDn: `cn=admin,${suffix}`,
    rootPassword: 'admin-password',
    start,
    stop,
    pid: () => child?.pid ?? 0,
    slapadd,
    slapcat,
    dispose: async () => {
      await stop('SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function configLdif(root: string, dir: string, suffix: string, options: SlapdOptions): string {
  const external = 'by dn.exact=gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth manage by * break';
  const schemas = ['core', 'cosine', 'inetorgperson'].map(
    (name) => `include: file://${join(root, 'etc/ldap/schema', name)}.ldif`,
  );
  const monitor = [
    'dn: olcDatabase={2}monitor,cn=config',
    'objectClass: olcDatabaseConfig',
    'olcDatabase: {2}monitor',
    'olcAccess: to * by * read',
  ];
  return [
    ['dn: cn=config', 'objectClass: olcGlobal', 'cn: config', ...(options.global ?? [])],
    [
      'dn: cn=module{0},cn=config',
      'objectClass: olcModuleList',
      'cn: module{0}',
      `olcModulePath: ${join(root, 'usr/lib/ldap')}`,
      'olcModuleLoad: back_mdb',
    ],
    ['dn: cn=schema,cn=config', 'objectClass: olcSchemaConfig', 'cn: schema'],
    ...schemas.map((line) => [line]),
    [
      'dn: olcDatabase={-1}frontend,cn=config',
      'objectClass: olcDatabaseConfig',
      'objectClass: olcFrontendConfig',
      'olcDatabase: {-1}frontend',
      'olcSizeLimit: 500',
      `olcAccess: {0}to * ${external}`,
      'olcAccess: {1}to dn.exact="" by * read',
    ],
    [
      'dn: olcDatabase={0}config,cn=config',
      'objectClass: olcDatabaseConfig',
      'olcDatabase: {0}config',
      `olcAccess: {0}to * ${external}`,
    ],
    [
      'dn: olcDatabase={1}mdb,cn=config',
      'objectClass: olcDatabaseConfig',
      'objectClass: olcMdbConfig',
      'olcDatabase: {1}mdb',
      `olcSuffix: ${suffix}`,
      `olcRootDN: cn=admin,${suffix}`,
      'olcRootPW: admin-password',
      `olcDbDirectory: ${join(dir, 'data')}`,
      'olcDbMaxSize: 1073741824',
      'olcDbIndex: objectClass eq',
      'olcDbNoSync: TRUE',
      'olcAccess: {0}to attrs=userPassword by self write by anonymous auth by * none',
      'olcAccess: {1}to * by * read',
      ...(options.database ?? []),
    ],
    ...(options.monitor ? [monitor] : []),
  ]
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** LDIF of a suffix entry and `count` people below ou=people, without operational attributes. */
export function peopleLdif(suffix: string, count: number): string {
  const dc = /^dc=([^,]+)/.exec(suffix)?.[1] ?? 'example';
  const people = Array.from({ length: count }, (_, at) =>
    [
      `dn: uid=u${at},ou=people,${suffix}`,
      'objectClass: inetOrgPerson',
      `uid: u${at}`,
      `cn: User ${at}`,
      `sn: ${at}`,
      `userPassword: pw${at}`,
      '',
    ].join('\n'),
  );
  return [
    [
      `dn: ${suffix}`,
      'objectClass: dcObject',
      'objectClass: organization',
      `dc: ${dc}`,
      'o: Example',
      '',
    ].join('\n'),
    [`dn: ou=people,${suffix}`, 'objectClass: organizationalUnit', 'ou: people', ''].join('\n'),
    ...people,
  ].join('\n');
}
