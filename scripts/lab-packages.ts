/**
 * Installs what the lab needs on this machine and lacks, and with `--tests` or `--bench` what those need too. Run as root
 * by `npm run lab:packages`. Starts no service.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkRoot, missingPackages } from '../src/lab/requirements.ts';

// Debian's maintainer scripts ask this file before they start anything; 101 means "not allowed" (invoke-rc.d(8)).
const policy = '/usr/sbin/policy-rc.d';

const extra = {
  tests: [
    'openssh-server',
    'openssh-client',
    'ldap-utils',
    'sudo',
    'openssl',
    'ansible-core',
    'busybox',
    'socat',
    'util-linux',
  ],
  bench: ['openssh-server', 'ansible-core', 'clustershell'],
};

const { values } = parseArgs({
  options: { tests: { type: 'boolean', default: false }, bench: { type: 'boolean', default: false } },
});
checkRoot();
const wanted = [...(values.tests ? extra.tests : []), ...(values.bench ? extra.bench : [])];
const packages = [...new Set([...missingPackages(), ...wanted.filter((name) => !isInstalled(name))])];
if (packages.length === 0) process.stdout.write('all the packages that are needed are there\n');
else process.exitCode = install(packages);

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' });
  return stdout === 'installed';
}

function install(names: readonly string[]): number {
  process.stdout.write(`missing: ${names.join(' ')}; installing with apt-get (no service is started)\n`);
  const update = apt('update');
  if (update !== 0)
    return fail('the package lists cannot be fetched; what apt-get says above names the cause', update);
  const unknown = names.filter((name) => !isOffered(name));
  if (unknown.length > 0)
    return fail(
      `no package ${unknown.join(', ')} in this machine's sources (/etc/apt): nothing was installed`,
      1,
    );
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const status = apt('install', '-y', '--no-install-recommends', ...names);
    return status === 0 ? 0 : fail(`${names.join(' ')} could not be installed`, status);
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}

/** A version that could be installed; a name that other packages only mention has none. */
function isOffered(name: string): boolean {
  const { stdout } = spawnSync('apt-cache', ['policy', name], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  return /^ {2}Candidate: (?!\(none\))/m.test(stdout);
}

function apt(...words: readonly string[]): number {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  return spawnSync('apt-get', words, { stdio: 'inherit', env }).status ?? 1;
}

function fail(what: string, status: number): number {
  process.stderr.write(`lab-packages: ${what}\n`);
  return status;
}
