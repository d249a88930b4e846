/** `openldap/enable-mmr`, held at its point of no return and undone: the configuration of both servers as before. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { lockstepFor, outcomes, type Running } from './lockstep.ts';
import { sharedLab } from './shared-lab.ts';
import { contents, serves } from './two-masters.ts';
import { config, hosts } from './undo-world.ts';

const { run, atTerminal } = lockstepFor();

/** Types the word that each question wants, as often as one comes. */
async function answerAll(controller: Running): Promise<readonly string[]> {
  const typed: string[] = [];
  let over = false;
  const ended = controller.ended.then(() => {
    over = true;
  });
  while (!over) {
    const asked = [...controller.stdout().matchAll(/type (\S+) to go on, anything else holds: /g)];
    const next = asked[typed.length]?.[1];
    if (next !== undefined) {
      typed.push(next);
      controller.type(`${next}\r`);
    }
    await Promise.race([sleep(20), ended]);
  }
  return typed;
}

describe.each([
  { debian: 12, slapd: '2.5', left: /^(olcModuleLoad: \{1\}syncprov)$/, asks: 2 },
  { debian: 13, slapd: '2.6', left: /^(olcModuleLoad: \{1\}syncprov)$/, asks: 2 },
  // 2.4 deletes no overlay while it runs.
  {
    debian: 11,
    slapd: '2.4',
    left: /^(olcModuleLoad: \{1\}syncprov|dn: olcOverlay=\{0\}syncprov,.*|objectClass: olc(OverlayConfig|SyncProvConfig)|olcOverlay: \{0\}syncprov|olcSpCheckpoint: 100 10|structuralObjectClass: olcSyncProvConfig|(entryUUID|creatorsName|createTimestamp): .*)$/,
    asks: 4,
  },
])('on Debian $debian with slapd $slapd', ({ debian, left, asks }) => {
  const lab = sharedLab(`undommr${debian}`, { debian });

  test('the undo of a held run leaves what was before, but for what it says that it cannot take back', async () => {
    const before = { ldap1: await config(lab, 'ldap1'), ldap2: await config(lab, 'ldap2') };
    const data = await contents(lab, 'ldap2');
    const held = await run(['run', 'openldap/enable-mmr', '-i', lab.inventory, '--ndjson']);
    expect(held.code).toBe(3);
    expect(outcomes(held.stdout)).toMatchObject({
      'join.prepare.syncprov@ldap1': 'changed',
      'join.load.carry@ldap2': 'changed',
    });

    const undo = atTerminal(['undo', 'last', '--yes']);
    const typed = await answerAll(undo);
    expect((await undo.ended).code, undo.stdout()).toBe(0);
    expect(typed).toHaveLength(asks);

    for (const host of hosts) {
      const was = before[host].split('\n');
      const now = (await config(lab, host)).split('\n');
      expect(now.filter((line) => left.test(line)).length).toBeGreaterThan(0);
      expect(now.filter((line) => !was.includes(line) && !left.test(line))).toEqual([]);
      expect(was.filter((line) => !now.includes(line))).toEqual([]);
      expect(await lab.inside(host, 'ls -d /var/backups/lockstep/*dump* 2>/dev/null || echo none')).toBe(
        'none\n',
      );
      await lab.inside(host, 'systemctl restart slapd');
      await serves(lab, host);
    }
    expect(await contents(lab, 'ldap2')).toEqual(data);
  });

  test('and the runbook can be run again, to its end', async () => {
    const again = await run(['run', 'openldap/enable-mmr', '-i', lab.inventory, '--yes=typed', '--plain']);
    expect(again.stdout).toMatch(/^done: /m);
    expect(again.code).toBe(0);
  });
});
