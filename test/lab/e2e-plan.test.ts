/** Plans on real hosts: they write nothing, the run that follows does not contradict them, and a stale one is refused. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contradictions } from '../../src/engine/forecast/contradictions.ts';
import type { TaskForecast } from '../../src/engine/forecast/forecast.ts';
import { labDir } from '../../src/lab/lab-paths.ts';
import type { PlanDocument } from '../../src/plan/document.ts';
import { nameOf, packageRoot, runbookFiles } from '../../src/runbook/load.ts';
import { fold } from '../engine/world.ts';
import { chainOf, secondProviderOf } from '../matrix/mail-stages.ts';
import { BARE, PAIR, POOL } from '../matrix/stages.ts';
import { eventsOf, lockstepFor } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';
import { suffix, write } from './two-masters.ts';

const { run } = lockstepFor();
const lab = sharedLab('plan');
const own = mkdtempSync(join(tmpdir(), 'lockstep-plan-'));
afterAll(() => rmSync(own, { recursive: true, force: true }));

/** Each runbook of the tree, and how it is run on the fresh pair; in this order, each on what the one before left. */
const SCENARIOS: Readonly<Record<string, readonly string[]>> = {
  'openldap/enable-mmr': [],
};

const plan = (...words: readonly string[]) => run(['plan', ...words]);

/** All that a plan could leave on a host, but for what sshd and the journal write of every login. */
const MARKS = `
slapcat -n 0 | sha256sum
slapcat -b ${suffix} | sha256sum
find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /var/log -o -path /var/lib/systemd \\) -prune -o -type f \\
  ! -name lock.mdb -printf '%p %s %T@ %C@ %m %u\\n' -o -printf '%p %m %u\\n' | sort`;

const hosts = ['ldap1', 'ldap2'] as const;
const onBoth = <T>(act: (host: string) => Promise<T>): Promise<T[]> => Promise.all(hosts.map(act));

describe('a plan on the fresh pair', () => {
  let document: PlanDocument;
  let log: readonly string[];

  test('writes nothing: configuration, data, files, and slapd has only been asked', async () => {
    await onBoth((host) =>
      write(lab, host, 'dn: cn=config\nchangetype: modify\nreplace: olcLogLevel\nolcLogLevel: stats\n'),
    );
    const before = await onBoth((host) => lab.inside(host, MARKS));
    const since = await onBoth((host) => lab.inside(host, 'date +%s.%N'));
    const { code, stdout, stderr } = await plan('openldap/enable-mmr', '-i', lab.inventory, '--json');
    expect([code, stderr]).toEqual([0, '']);
    document = JSON.parse(stdout) as PlanDocument;
    expect(await onBoth((host) => lab.inside(host, MARKS))).toEqual(before);
    log = await Promise.all(
      hosts.map((host, at) => lab.inside(host, `journalctl -u slapd --since=@${since[at]?.trim()} -o cat`)),
    );
    for (const lines of log) {
      expect(lines).toMatch(/ SRCH base=/);
      expect(lines).not.toMatch(/ (ADD|MOD|MODRDN|DEL|PASSMOD|EXT) /);
    }
  });

  test('takes no branch on what it has not read, and says what it waits for', () => {
    const unknown = document.tasks.filter(({ verdict }) => verdict === 'unknown');
    expect(unknown.length).toBeGreaterThan(5);
    for (const task of unknown) expect('why' in task && task.why, task.task).not.toBe('');
    expect(find(document, 'join.load.load@ldap2')).toMatchObject({
      verdict: 'unknown',
      standing: {
        verdict: 'would change',
        asks: { class: 'typed', text: expect.stringContaining('The data of ldap2') },
      },
    });
  });

  test('leaves no run, and no journal', async () => {
    expect((await run(['runs'])).stdout).not.toContain('enable-mmr');
  });

  test('with --offline contacts nobody', async () => {
    const logins = () =>
      onBoth((host) => lab.inside(host, 'journalctl -u ssh -o cat | grep -c Accepted || :'));
    const before = await logins();
    const { code, stdout } = await plan('openldap/enable-mmr', '-i', lab.inventory, '--offline');
    expect([code, stdout]).toEqual([0, expect.stringContaining('no host was contacted')]);
    expect(await logins()).toEqual(before);
  });

  test('as a user who may not look says so, and never takes an empty answer for one', async () => {
    const runbook = join(own, 'blind.yaml');
    writeFileSync(runbook, BLIND);
    const { code, stdout } = await plan(runbook, '-i', lab.inventory, '--json');
    const told = JSON.parse(stdout) as PlanDocument;
    expect(code).toBe(0);
    expect(find(told, 'read-config@ldap1')).toMatchObject({
      verdict: 'unknown',
      why: expect.stringContaining('hidden from this account'),
    });
    expect(find(told, 'count@ldap1')).toMatchObject({
      verdict: 'unknown',
      why: expect.stringContaining('read-config'),
    });
    expect(find(told, 'file@ldap1')).toMatchObject({
      verdict: 'unknown',
      why: expect.stringContaining('exited 1'),
    });
  });
});

test('no runbook of the tree is without its comparison', async () => {
  const names = (await runbookFiles(packageRoot())).map((file) => nameOf(file, packageRoot()));
  // Those that want more than a fresh pair are compared where they are played: in e2e-openldap, and in the matrix.
  const products = ['zimbra', 'carbonio'].flatMap((name) => [...chainOf(name), ...secondProviderOf(name)]);
  const played = [...POOL, ...PAIR, ...BARE, ...products].map(({ runbook }) => runbook);
  expect(names.sort()).toEqual([...new Set([...Object.keys(SCENARIOS), ...played])].sort());
});

describe.each(Object.entries(SCENARIOS))('what %s announces', (name, words) => {
  test.each(['on hosts that need it', 'on hosts that have it'])(
    '%s is what its run then does',
    async (where) => {
      const told = await plan(name, ...words, '-i', lab.inventory, '--json');
      const { code, stdout } = await run([
        'run',
        name,
        ...words,
        '-i',
        lab.inventory,
        '--yes=typed',
        '--ndjson',
      ]);
      expect([told.code, code]).toEqual([0, 0]);
      const document = JSON.parse(told.stdout) as PlanDocument;
      const end = fold(eventsOf(stdout));
      if (!end) throw new Error('the run told nothing');
      expect(contradictions(document, end)).toEqual([]);
      const outcomes = end.steps.flatMap(({ tasks }) => tasks).map((task) => task.state);
      const changed = outcomes.filter((one) => one.status === 'ended' && one.outcome === 'changed').length;
      const certain = document.tasks.filter(({ verdict }) => verdict !== 'unknown').length;
      if (where === 'on hosts that have it') expect([changed, certain]).toEqual([0, document.tasks.length]);
      else expect([changed, certain].every((count) => count > 5)).toBe(true);
    },
  );
});

describe('a sealed plan', () => {
  const file = join(own, 'sealed.plan');
  const papers = join(own, 'papers');
  const runbook = join(papers, 'openldap', 'enable-mmr.yaml');
  // Beside the lab's own, whose keys it names.
  const inventory = join(labDir(lab.name), 'hosts.yaml');
  const known = () => join(labDir(lab.name), 'known_hosts');
  const still = (...words: readonly string[]) => run(['run', '--plan', file, '--dry-run', ...words]);

  beforeAll(async () => {
    cpSync(packageRoot(), papers, { recursive: true });
    writeFileSync(inventory, readFileSync(join(labDir(lab.name), 'inventory.yaml'), 'utf8'));
    const { code, stderr } = await plan(runbook, '-i', inventory, '--out', file);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^sealed: .*\n {2}digest sha256:[0-9a-f]{64}\n$/),
    ]);
  });

  /** Refused with code 5 by this name; and holds again once it is mended. */
  async function refusedBy(name: RegExp, words: readonly string[] = []): Promise<void> {
    const { code, stdout, stderr } = await still(...words);
    expect([code, stdout, stderr]).toEqual([5, '', expect.stringMatching(name)]);
    // Not a run either: nothing is begun.
    const begun = await run(['run', '--plan', file, '--yes=typed', ...words]);
    expect([begun.code, begun.stderr]).toEqual([5, expect.stringMatching(name)]);
  }

  async function holds(): Promise<void> {
    const { code, stdout, stderr } = await still();
    expect([code, stdout, stderr]).toEqual([0, expect.stringContaining('the plan still holds'), '']);
  }

  test('holds while nothing has changed', holds);

  test('is refused after its runbook was edited', async () => {
    const text = readFileSync(runbook, 'utf8');
    writeFileSync(
      runbook,
      text.replace('within: 120s', 'within: 121s').replace('version: 1.', 'version: 2.'),
    );
    await refusedBy(/^ {2}runbook: it was "openldap\/enable-mmr 1\./m);
    writeFileSync(runbook, text);
    await holds();
  });

  test('is refused with another input', () =>
    refusedBy(/^ {2}input:disposable: it was "10", and is "11"$/m, ['--set', 'disposable=11']));

  test('is refused after a host of the inventory was changed', async () => {
    const text = readFileSync(inventory, 'utf8');
    const address = lab.record().hosts[1]?.address ?? '';
    writeFileSync(inventory, text.replaceAll('ldap2.lab.example', address));
    await refusedBy(/^ {2}inventory:ldap2\.address: it was "ldap2\.lab\.example", and is /m);
    writeFileSync(inventory, text);
    await holds();
  });

  test('is refused after a host has got another key, known by now or not', async () => {
    const before = readFileSync(known(), 'utf8');
    await lab.inside(
      'ldap2',
      'cp -a /etc/ssh /root/ssh.before; rm /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null; systemctl restart ssh',
    );
    try {
      await refusedBy(/^ {2}host:ldap2: it cannot be looked at: .*host key/m);
      const key = (await lab.inside('ldap2', 'cut -d" " -f1,2 /etc/ssh/ssh_host_ed25519_key.pub')).trim();
      const address = lab.record().hosts[1]?.address ?? '';
      const others = before.split('\n').filter((line) => !line.startsWith(address));
      writeFileSync(known(), [...others, `${address} ${key}`, ''].join('\n'));
      await refusedBy(/^ {2}host-key:ldap2: ldap2 showed SHA256:\S+, and now shows SHA256:/m);
    } finally {
      writeFileSync(known(), before);
      await lab.inside('ldap2', 'rm -r /etc/ssh; mv /root/ssh.before /etc/ssh; systemctl restart ssh');
    }
    await holds();
  });

  test('is refused where its file was touched', async () => {
    const touched = join(own, 'touched.plan');
    writeFileSync(touched, readFileSync(file, 'utf8').replace('"unchanged"', '"would change"'));
    const { code, stderr } = await run(['run', '--plan', touched, '--yes=typed']);
    expect([code, stderr]).toEqual([5, expect.stringContaining('it was changed after it was sealed')]);
  });

  test('is carried out where it holds, and the journal cites it', async () => {
    const { code, stdout } = await run(['run', '--plan', file, '--yes=typed', '--ndjson']);
    const [opened] = eventsOf(stdout);
    expect([code, opened]).toEqual([
      0,
      expect.objectContaining({
        sealed: expect.objectContaining({ digest: expect.stringMatching(/^sha256:/) }),
      }),
    ]);
  });

  test('is never overwritten', async () => {
    const { code, stderr } = await plan(runbook, '-i', inventory, '--out', file);
    expect([code, stderr]).toEqual([1, expect.stringContaining('is there already')]);
  });

  test('is refused after somebody has added an agreement on a server', async () => {
    const dn = 'dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n';
    const other =
      'rid=077 provider=ldap://192.0.2.1 bindmethod=simple credentials=word searchbase="dc=example,dc=com" retry="60 +"';
    await write(lab, 'ldap1', `${dn}add: olcSyncrepl\nolcSyncrepl: ${other}\n`);
    await refusedBy(
      /^ {2}config:ldap1 olcDatabase=\{1\}mdb,cn=config olcSyncrepl: gained "\{1\}rid=077 provider=ldap:\/\/192\.0\.2\.1/m,
    );
    expect((await still()).stderr).not.toContain('credentials=word');
    // Taken back, it has been there all the same: slapd is to be restarted, and backed up once more.
    await write(lab, 'ldap1', `${dn}delete: olcSyncrepl\nolcSyncrepl: {1}\n`);
    await refusedBy(/^ {2}task:join\.restart\.restart@ldap1: the plan says: unchanged; now: would change/m);
  });
});

function find(document: PlanDocument, task: string): TaskForecast | undefined {
  return document.tasks.find((one) => one.task === task);
}

/** As nobody: cn=config is hidden, and a file of root cannot be read. */
const BLIND = `
format: lockstep/1
name: blind
version: 1.0.0
title: Looks that may not look
steps:
  - id: read-config
    on: ldap1
    ldap.read: { server: { as: nobody }, base: cn=config, attributes: [olcServerID] }
    capture: { ids: "\${{ result.count }}" }
  - id: count
    on: ldap1
    when: "\${{ captured.ids == 0 }}"
    command: { argv: [touch, /root/branch-taken] }
    on-doubt: ask
  - id: file
    on: ldap1
    touches: [nothing]
    command: { argv: [touch, /root/branch-taken] }
    check: { command: { argv: [cat, /etc/shadow], as: nobody }, until: "\${{ size(lines(result.stdout)) == 0 }}" }
`;
