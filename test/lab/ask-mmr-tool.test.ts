/** Which tool is asked, and as whom: real files of a real user. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { askMmrTool } from '../../src/actions/ask-mmr-tool.ts';
import { localPorts } from '../actions/local-ports.ts';

const OWNER = 'games';

/** A home whose tools print who runs them, with what, and then fail: their exit codes say nothing. */
function homeWith(...tools: readonly string[]): string {
  const home = mkdtempSync(join(tmpdir(), 'lockstep-home-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  chmodSync(home, 0o755);
  for (const folder of ['conf', 'libexec']) mkdirSync(join(home, folder));
  const file = join(home, 'conf/localconfig.xml');
  writeFileSync(file, '');
  execFileSync('chown', [OWNER, file]);
  for (const tool of tools) {
    const path = join(home, 'libexec', tool);
    writeFileSync(path, '#!/bin/sh\necho "$(id -un): ${0##*/} $*" >&2\nexit 1\n');
    chmodSync(path, 0o755);
  }
  return file;
}

test('the newer tool is asked with -q, as the owner of localconfig.xml, whatever it exits with', async () => {
  const file = homeWith('zmldapmmrtool', 'zmldapquery-mmr');
  expect(await askMmrTool(localPorts(), ['/nowhere/conf/localconfig.xml', file])).toMatchObject({
    said: `${OWNER}: zmldapmmrtool -q`,
  });
});

test('the older one is asked without arguments where it is alone', async () => {
  expect((await askMmrTool(localPorts(), [homeWith('zmldapquery-mmr')]))?.said).toBe(
    `${OWNER}: zmldapquery-mmr`,
  );
});

test('none is asked where there is none, nor a product', async () => {
  expect(await askMmrTool(localPorts(), [homeWith()])).toBeUndefined();
  expect(await askMmrTool(localPorts(), ['/nowhere/conf/localconfig.xml'])).toBeUndefined();
});
