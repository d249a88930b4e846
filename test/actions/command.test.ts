import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ActionError } from '../../src/actions/action-error.ts';
import { command } from '../../src/actions/command.ts';
import { readCommand } from '../../src/actions/read-command.ts';
import { waitCommand } from '../../src/actions/wait-command.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { localPorts } from './local-ports.ts';
import { answer, scriptedPorts } from './ports.ts';

const password = new Secret('replicator', 'hunter2');

test('the change shows the command line quoted for reading, and what surrounds it', () => {
  const [change] = command.diff(
    {
      argv: ['/opt/tool', '-m', 'ldap://a/', "it's two words", 'a\nb'],
      as: 'zimbra',
      cwd: '/opt',
      env: { A: 'x', PW: password },
    },
    { exists: false },
  );
  expect(change?.what).toBe(`/opt/tool -m ldap://a/ 'it'\\''s two words' $'a\\nb'`);
  expect(change?.lines).toEqual([
    { op: '+', text: change?.what },
    { op: ' ', text: 'with A=x' },
    { op: ' ', text: 'with PW=[replicator]' },
    { op: ' ', text: 'in /opt' },
    { op: ' ', text: 'as zimbra' },
  ]);
});

test('a script is shown line by line, under the words that say what it does', () => {
  const [change] = command.diff(
    { script: 'set -e\nslapcat\n', shows: 'dump the data', stdin: password },
    { exists: false },
  );
  expect(change?.what).toBe('dump the data');
  expect(change?.lines).toEqual([
    { op: '+', text: 'set -e' },
    { op: '+', text: 'slapcat' },
    { op: ' ', text: 'reads [replicator]' },
  ]);
});

test('a secret is in no rendering of the change', () => {
  const changes = command.diff({ argv: ['x'], stdin: password, env: { PW: password } }, { exists: false });
  expect(JSON.stringify(changes)).not.toContain('hunter2');
});

test('it runs exactly the approved command, once, and hands back what it said', async () => {
  const params = { argv: ['ldapadd'], stdin: password, timeout: '2m', as: 'root' };
  const ports = scriptedPorts([
    {
      execute: { argv: ['ldapadd'], stdin: password, timeoutMs: 120_000, as: 'root' },
      gives: { stdout: 'a\nb\n' },
    },
  ]);
  const written = await command.write({ argv: ['other'] }, command.diff(params, { exists: false }), ports);
  expect(written.result).toEqual({ code: 0, stdout: 'a\nb\n', stderr: '', lines: ['a', 'b'] });
  ports.done();
});

test.each([
  [{ code: 3, stderr: 'one\ntwo\n' }, 'false exited 3; stderr: two'],
  [{ code: 1, stdout: 'only out\n' }, 'false exited 1; stdout: only out'],
  [{ code: 1 }, 'false exited 1; it printed nothing'],
  [
    { exit: { kind: 'killed', signal: 'SIGKILL' } as const },
    'false was killed by SIGKILL; it printed nothing',
  ],
  [
    { exit: { kind: 'timed-out', afterMs: 600_000 } as const },
    'false timed out after 10m; it printed nothing',
  ],
])('an end that is no success is an error that carries it: %j', async (gives, message) => {
  const ports = scriptedPorts([{ execute: { argv: ['false'] }, gives }]);
  const changes = command.diff({ argv: ['false'] }, { exists: false });
  const error = await command.write({ argv: ['false'] }, changes, ports).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ActionError);
  expect(error).toMatchObject({ message, command: answer(gives) });
});

test('other exit codes can be declared a success', async () => {
  const params = { argv: ['grep'], success: [0, 1] };
  const ports = scriptedPorts([{ execute: {}, gives: { code: 1 } }]);
  expect((await command.write(params, command.diff(params, { exists: false }), ports)).result).toMatchObject({
    code: 1,
  });
});

test('a path that is there makes a command with creates done, one that is not makes it due', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'lockstep-command-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const params = { argv: ['make'], creates: join(dir, 'deep/er/made') };
  expect(await command.read(params, localPorts())).toEqual({ exists: false });
  writeFileSync(join(dir, 'made'), '');
  const done = { argv: ['make'], creates: join(dir, 'made') };
  expect(command.diff(done, await command.read(done, localPorts()))).toEqual([]);
});

test('a path that this user cannot see is an error and not an absence', async () => {
  const ports = scriptedPorts([{ probe: { env: { LOCKSTEP_PATH: '/root/made' } }, gives: { code: 4 } }]);
  await expect(command.read({ argv: ['make'], creates: '/root/made', as: 'zimbra' }, ports)).rejects.toThrow(
    '/root/made: cannot tell whether it is there, zimbra may not search a folder above it',
  );
});

test.each([
  [{}, 'give exactly one of argv and script'],
  [{ argv: ['a'], script: 'b' }, 'give exactly one of argv and script'],
  [{ argv: ['a', password] }, 'would show the secret replicator on a command line'],
  [{ argv: ['a'], timeout: '10' }, 'must be a duration'],
  [{ argv: ['a'], env: { 'A-B': 'x' } }, 'name of an environment variable'],
  [{ argv: ['a'], creates: 'relative' }, 'must be an absolute path'],
  [{ argv: ['a'], sucess: [0] }, 'sucess'],
])('params %j are refused: %s', (params, message) => {
  const { error } = command.params.safeParse(params);
  expect(JSON.stringify(error?.issues)).toContain(message);
});

test('a reading command speaks C unless told otherwise', async () => {
  const ports = scriptedPorts([
    { probe: { env: { LC_ALL: 'C' } } },
    { probe: { env: { LC_ALL: 'C.UTF-8' } } },
  ]);
  await readCommand.read({ argv: ['ls'] }, ports);
  await readCommand.read({ argv: ['ls'], env: { LC_ALL: 'C.UTF-8' } }, ports);
  ports.done();
});

test.each([
  [answer({ stdout: 'x\n' }), undefined],
  [answer({ code: 2, stderr: 'no such thing\n' }), 'ls exited 2, wanted 0; stderr: no such thing'],
  [answer({ truncated: true }), 'ls printed more than 16 MiB, the rest was cut off'],
])('what a reading command lacks: %j', (facts, lacking) => {
  expect(readCommand.lacking({ argv: ['ls'] }, facts)).toBe(lacking);
});

test('a command that did not exit by itself has code -1', () => {
  expect(
    readCommand.result({ argv: ['ls'] }, answer({ exit: { kind: 'killed', signal: 'SIGTERM' } })),
  ).toMatchObject({ code: -1 });
});

test('a waiting command has its own patience, which the runbook can change', () => {
  const argv = ['true'];
  expect(waitCommand.patienceOf?.({ argv })).toEqual({ withinMs: 60_000, everyMs: 1_000, times: 1 });
  expect(waitCommand.patienceOf?.({ argv, within: '5m', every: '2s', times: 3 })).toEqual({
    withinMs: 300_000,
    everyMs: 2_000,
    times: 3,
  });
  expect(waitCommand.lacking({ script: 'first\nsecond', success: [0, 7] }, answer({ code: 1 }))).toBe(
    'script "first …" exited 1, wanted 0 or 7; it printed nothing',
  );
});
