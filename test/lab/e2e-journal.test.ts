/** What a run leaves on this machine: a journal that proves itself, outputs, and no secret anywhere. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Ended, eventsOf, lockstepFor } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';

const { run, atTerminal, state } = lockstepFor();
const lab = sharedLab('journal');
let told: Ended;
let password: string;
let samples: readonly string[];

/** Looks at the arguments of all processes of a host until /root/stop is there; tells how often, and in how many the secret was. */
const watch = `cat >/root/secret.new; mv /root/secret.new /root/secret; rm -f /root/stop; touch /root/watching; looks=0 hits=0
while [ ! -e /root/stop ]; do
  looks=$((looks + 1))
  if cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -qFf /root/secret; then hits=$((hits + 1)); fi
done
rm /root/watching
echo "$looks $hits"`;

beforeAll(async () => {
  password = await lab.secret('replicator-password');
  const watching = ['ldap1', 'ldap2'].map((host) => lab.inside(host, watch, password));
  told = await run(['run', 'openldap/enable-mmr', '-i', lab.inventory, '--yes=typed', '--ndjson']);
  for (const host of ['ldap1', 'ldap2']) await lab.inside(host, 'touch /root/stop');
  samples = await Promise.all(watching);
});

const files = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
const journal = () => files(state).find((file) => file.endsWith('journal.ndjson')) ?? '';

test('--ndjson writes the very records of the journal to stdout, and nothing else', () => {
  expect(told.code).toBe(0);
  expect(told.stderr).toBe('');
  expect(told.stdout).toBe(readFileSync(journal(), 'utf8'));
  const events = eventsOf(told.stdout);
  expect(events[0]).toMatchObject({ type: 'run.opened', runbook: { name: 'openldap/enable-mmr' } });
  expect(events.at(-1)).toEqual({ type: 'run.ended', outcome: 'done' });
});

test('no secret is in the journal, the outputs, the screen or the receipts on the hosts', async () => {
  expect(password.length).toBeGreaterThan(10);
  expect(files(state).length).toBeGreaterThan(4);
  for (const file of files(state)) expect(readFileSync(file, 'utf8').includes(password), file).toBe(false);
  expect(told.stdout + told.stderr).not.toContain(password);
  const shown = await run(['show', 'last']);
  expect(shown.stdout).toContain('userPassword: [replicator]');
  expect(told.stdout).toMatch(/credentials=\S*\[replicator\]/);
  expect(shown.stdout).not.toContain(password);
  for (const host of ['ldap1', 'ldap2']) {
    expect(
      await lab.inside(host, 'grep -rlFf /root/secret /var/lib/lockstep /tmp /root/.[a-z]* 2>/dev/null || :'),
    ).toBe('');
  }
});

test('no process of a host had the secret among its arguments, in hundreds of looks', async () => {
  for (const sample of samples) {
    const [looks, hits] = sample.trim().split(' ').map(Number);
    expect(looks).toBeGreaterThan(200);
    expect(hits).toBe(0);
  }
  // The same look does see one that has.
  const watching = lab.inside('ldap1', watch, password);
  const shown = 'sh -c "sleep 1; :" sh "$(cat /root/secret)"; touch /root/stop';
  await lab.inside('ldap1', `while [ ! -e /root/watching ]; do sleep 0.05; done; ${shown}`);
  expect(Number((await watching).trim().split(' ')[1])).toBeGreaterThan(0);
});

test('only its owner can read what a run leaves', () => {
  for (const file of files(state)) expect(statSync(file).mode & 0o777, file).toBe(0o600);
});

describe('afterwards', () => {
  test('runs lists it, show tells it step by step, and verify-journal finds every record as it was written', async () => {
    expect((await run(['runs'])).stdout).toMatch(/openldap\/enable-mmr \d+\.\d+\.\d+ +done +39\/39/);
    const { stdout } = await run(['show', 'last']);
    expect(stdout).toMatch(
      /^26 Load the dump in place of the old database {2}join\.load\.load on ldap2 {2}point of no return$/m,
    );
    expect(stdout).toMatch(/^done: \d+ changed, \d+ unchanged, 2 skipped$/m);
    const verified = await run(['verify-journal']);
    expect(verified).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: \d+ records, each as it was written/),
    });
  });

  test('a done run is not resumed, and says so beside the records', async () => {
    const { code, stdout, stderr } = await run(['resume', 'last', '--ndjson']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('is done; nothing is left to resume');
  });

  test('one flipped byte is found, named, and stops a resume', async () => {
    const whole = readFileSync(journal());
    const start = whole.toString('latin1').split('\n').slice(0, 20).join('\n').length;
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(whole.readUInt8(start + 40) ^ 1, start + 40);
    writeFileSync(journal(), flipped);
    for (const command of ['verify-journal', 'resume', 'show']) {
      const { code, stderr } = await run([command, 'last']);
      expect(code, command).toBe(5);
      expect(stderr).toMatch(/journal\.ndjson:21: record 21 is not as it was written/);
    }
    // A record taken out is found by the next.
    const lines = whole.toString('utf8').split('\n');
    writeFileSync(journal(), lines.toSpliced(9, 1).join('\n'));
    const cut = await run(['verify-journal', 'last']);
    expect(cut.code).toBe(5);
    expect(cut.stderr).toMatch(/journal\.ndjson:10: record 10 /);
    writeFileSync(journal(), whole);
    expect((await run(['verify-journal', 'last'])).code).toBe(0);
  });

  test('--plain draws nothing twice at a terminal: no control sequences', async () => {
    const env = { NO_COLOR: '1', LOCKSTEP_STATE: join(state, 'plain') };
    const runbook = join(import.meta.dirname, 'runbooks', 'slow.yaml');
    const words = [
      'run',
      runbook,
      '-i',
      lab.inventory,
      '--set',
      'seconds=3',
      '--set',
      'pool=ldap1',
      '--plain',
    ];
    const { code, stdout } = await atTerminal(words, { env }).ended;
    expect(code, stdout).toBe(0);
    expect(stdout.replaceAll('\r\n', '\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});
