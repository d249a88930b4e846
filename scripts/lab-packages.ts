/** Installs what the lab needs on this machine and lacks; run as root by `npm run lab:packages`. Starts no service. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { checkRoot, missingPackages } from '../src/lab/requirements.ts';

// Debian's maintainer scripts ask this file before they start anything; 101 means "not allowed" (invoke-rc.d(8)).
const policy = '/usr/sbin/policy-rc.d';

checkRoot();
const packages = missingPackages();
if (packages.length === 0) process.stdout.write('the lab has all the packages it needs\n');
else process.exitCode = install(packages);

function install(names: readonly string[]): number {
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const run = spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...names], {
      stdio: 'inherit',
      env,
    });
    return run.status ?? 1;
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}
