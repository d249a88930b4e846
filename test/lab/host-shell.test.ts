/** The shell that an operator opens on a host, with the ssh of this machine and real sshds. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { shellArgv } from '../../src/cli/host-shell.ts';
import type { Target } from '../../src/transport/transport.ts';
import { startSshd } from '../sshd.ts';

const sshd = await startSshd();
const directory = mkdtempSync(join(tmpdir(), 'lockstep-shell-'));
afterAll(async () => {
  await sshd.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** What a script prints that is run in that shell, without a person to answer anything. */
function inShell(target: Target, script: string) {
  const [file = '', ...words] = shellArgv(target);
  return spawnSync(file, ['-T', '-o', 'BatchMode=yes', ...words, script], {
    encoding: 'utf8',
    timeout: 20_000,
  });
}

describe('a shell on a host', () => {
  test('is there, with the key and the host key that lockstep goes by', () => {
    const { stdout, stderr } = inShell(sshd.target('one'), 'echo "$SSH_CONNECTION" | cut -d" " -f4; id -un');
    const { port, user } = sshd.target('one');
    expect(stdout, stderr).toBe(`${port}\n${user}\n`);
  });

  test('is reached over four jump hosts, whose key files have blanks, quotes and percent signs in their names', () => {
    const [key = ''] = sshd.target('one').identityFiles;
    const odd = join(directory, `a key's "100%"`);
    copyFileSync(key, odd);
    execFileSync('chmod', ['600', odd]);
    const hop = (name: string) => sshd.target(name, { identityFiles: [odd] });
    const { stdout, stderr } = inShell(
      sshd.target('far', { jump: ['a', 'b', 'c', 'd'].map(hop) }),
      'echo there',
    );
    expect(stdout, stderr).toBe('there\n');
  });

  test('is refused where the host shows another key than the one on file', () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'other')]);
    const { address, port } = sshd.target('one');
    const other = execFileSync('cut', ['-d ', '-f1,2', join(directory, 'other.pub')], { encoding: 'utf8' });
    const known = join(directory, 'known');
    writeFileSync(known, `[${address}]:${port} ${other}`);
    const { status, stderr } = inShell(sshd.target('one', { knownHostsFiles: [known] }), 'echo there');
    expect([status, stderr]).toEqual([
      255,
      expect.stringContaining('REMOTE HOST IDENTIFICATION HAS CHANGED'),
    ]);
  });
});
