/** The night that the golden files tell: a third master is added, and most that can go wrong does. */
import type { ChangeView, Event } from '../../src/engine/event.ts';
import { Scene, type SceneOptions, step } from './scene.ts';

const THREE = ['ldap1', 'ldap2', 'ldap3'];

const AGREEMENT: ChangeView = {
  what: 'olcDatabase={1}mdb,cn=config',
  lines: [
    { op: ' ', text: 'olcSyncrepl: {0}rid=101 provider=ldap://ldap1.example.com' },
    { op: '+', text: 'olcSyncrepl: {1}rid=102 provider=ldap://ldap3.example.com' },
    {
      op: '+',
      text: '  bindmethod=simple binddn="uid=repl,ou=system,dc=example,dc=com" credentials=[replicator]',
    },
    { op: '-', text: 'olcMultiProvider: FALSE' },
    { op: '+', text: 'olcMultiProvider: TRUE' },
  ],
};
const RESTART: ChangeView = {
  what: 'systemctl restart slapd',
  lines: [{ op: '+', text: 'systemctl restart slapd' }],
};

export function night(options: SceneOptions = {}): Scene {
  return new Scene(
    [
      step('clocks', 'Clocks agree', THREE, {
        action: 'read.clock',
        kind: 'gate',
        risk: 'read',
        proof: 'none',
      }),
      step('back-up', 'Back up config and data', THREE, { proof: 'command' }),
      step('agreement', 'Add agreement with the new master', ['ldap1', 'ldap2'], {
        action: 'ldap.agreement',
      }),
      step('restart', 'Restart, one at a time', THREE, {
        action: 'service',
        order: 'serial',
        risk: 'disrupt',
      }),
      step('cut-over', 'Clients use the new master', ['ldap3'], { risk: 'irreversible' }),
      step('converge', 'All masters converge', THREE, {
        action: 'wait.converged',
        kind: 'gate',
        risk: 'read',
        proof: 'none',
      }),
    ],
    { reason: 'CHG-4211', closes: '2026-11-27T03:00:00Z', ...options },
  );
}

export function atAgreement(options: SceneOptions = {}): Scene {
  const scene = night(options).after(2).pass('clocks').after(30).begin('back-up');
  for (const host of THREE) {
    const task = `back-up@${host}`;
    scene.tell({ type: 'task.intended', task, attempt: 1, bootId: 'b' }).after(4);
    scene.tell({ type: 'task.wrote', task, attempt: 1, durationMs: 4000 }, scene.ended(task, 'changed'));
  }
  scene.after(700).begin('agreement');
  scene.tell({ type: 'task.looked', task: 'agreement@ldap1', attempt: 1, changes: [AGREEMENT] });
  scene.tell(scene.ended('agreement@ldap1', 'unchanged'));
  scene.tell({ type: 'task.looked', task: 'agreement@ldap2', attempt: 1, changes: [AGREEMENT] });
  scene.tell({ type: 'task.intended', task: 'agreement@ldap2', attempt: 1, bootId: 'b' }).after(1);
  scene.tell({ type: 'task.wrote', task: 'agreement@ldap2', attempt: 1, durationMs: 812 }).after(2);
  scene.store.note('agreement@ldap2', 'contextCSN of 003 is 1.9 s behind');
  scene.store.tick(scene.now, { toGo: 450_000, wayBack: 250_000 });
  return scene;
}

/** At the first restart, which asks. */
export function asking(
  more: Partial<Extract<Event, { type: 'question.asked' }>> = {},
  options: SceneOptions = {},
): Scene {
  const scene = atAgreement(options).tell({
    type: 'task.ended',
    task: 'agreement@ldap2',
    attempt: 1,
    outcome: 'changed',
  });
  scene.after(1).begin('restart');
  scene.tell(scene.ended('restart@ldap1', 'changed')).after(9);
  scene.tell({ type: 'task.looked', task: 'restart@ldap2', attempt: 1, changes: [RESTART] });
  return scene
    .tell({
      type: 'question.asked',
      id: 'q1',
      task: 'restart@ldap2',
      purpose: 'approve',
      class: 'confirm',
      text: 'Reads on ldap2 stop for about 8 s. ldap1 and ldap3 are healthy and hold every change.',
      changes: [RESTART],
      ...more,
    })
    .after(1);
}

export function askingBoth(): Scene {
  const was = { ...AGREEMENT, lines: AGREEMENT.lines.slice(0, 3) };
  return asking({
    purpose: 'differs',
    text: 'restart@ldap2 is not the change of the approved plan any more',
    changes: [AGREEMENT],
    was: [was],
  });
}

const TAIL = [
  'slapd[812]: config error processing olcDatabase={1}mdb,cn=config: <olcSpSessionlog> invalid',
  'slapd[812]: bad configuration directory!',
  'systemd[1]: slapd.service: Control process exited, code=exited, status=1/FAILURE',
];

export function writing(options: SceneOptions = {}): Scene {
  const scene = asking({}, options);
  scene.tell({ type: 'question.answered', id: 'q1', answer: 'yes', by: 'alice', ground: 'terminal' });
  scene.tell({ type: 'task.intended', task: 'restart@ldap2', attempt: 1, bootId: 'b' }).after(3);
  for (const line of TAIL) scene.store.output('restart@ldap2', 'stderr', `${line}\n`);
  return scene;
}

export function failed(options: SceneOptions = {}): Scene {
  const scene = writing(options);
  const failure = {
    what: 'exit 1 after 3.2 s',
    next: 'slaptest -F /etc/ldap/slapd.d says what it does not like; mend it on ldap2, then retry',
    tail: TAIL,
  };
  scene.tell({ type: 'task.wrote', task: 'restart@ldap2', attempt: 1, durationMs: 3200, failure });
  scene.tell(scene.ended('restart@ldap2', 'failed', failure));
  scene.tell({ type: 'run.stopping', reason: 'failed', text: 'restart@ldap2 failed: exit 1 after 3.2 s' });
  return scene
    .tell({ type: 'run.held', reason: 'failed', text: 'restart@ldap2 failed: exit 1 after 3.2 s' })
    .after(1);
}

export function doubtful(options: SceneOptions = {}): Scene {
  const scene = writing(options);
  const why = 'the link was lost 3.1 s after it had begun, and ldap2 has been started anew since';
  scene.tell({ type: 'task.doubted', task: 'restart@ldap2', attempt: 1, why }).after(12);
  return scene
    .tell({
      type: 'question.asked',
      id: 'q2',
      task: 'restart@ldap2',
      purpose: 'doubt',
      class: 'typed',
      typed: 'ldap2',
      text: `It is not known whether restart@ldap2 took effect: ${why}. Look at ldap2: did it happen?`,
      changes: [RESTART],
    })
    .after(1);
}

export function heldByOperator(): Scene {
  const scene = asking().press('N');
  scene.tell({ type: 'question.answered', id: 'q1', answer: 'no', by: 'alice', ground: 'terminal' });
  scene.tell({ type: 'run.stopping', reason: 'question', text: 'restart@ldap2: alice said no' });
  return scene.tell({ type: 'run.held', reason: 'question', text: 'restart@ldap2: alice said no' }).after(1);
}

export function done(): Scene {
  const scene = writing();
  scene.tell({ type: 'task.wrote', task: 'restart@ldap2', attempt: 1, durationMs: 8000 });
  scene.tell(scene.ended('restart@ldap2', 'changed'), scene.ended('restart@ldap3', 'changed')).after(10);
  scene.pass('cut-over', 'changed').after(20).pass('converge').after(1);
  return scene.tell({ type: 'run.ended', outcome: 'done' });
}

/** 64 hosts and 40 steps. */
export function fleet(options: SceneOptions = {}): Scene {
  const hosts = Array.from({ length: 64 }, (_, index) => `mail${index + 1}.example.com`);
  const steps = Array.from({ length: 40 }, (_, index) =>
    step(
      `part-${index + 1}`,
      `Part ${index + 1} of the great move`,
      index % 5 === 4 ? hosts.slice(0, 8) : hosts,
      {
        onFailure: 'continue',
        ...(index === 22 && { risk: 'irreversible' as const }),
      },
    ),
  );
  const scene = new Scene(steps, options);
  for (let index = 1; index < 18; index++)
    scene.pass(`part-${index}`, index % 3 === 0 ? 'changed' : 'unchanged').after(20);
  scene.begin('part-18');
  hosts.forEach((host, index) => {
    const task = `part-18@${host}`;
    if (index < 40) scene.tell(scene.ended(task, index === 6 || index === 33 ? 'failed' : 'changed'));
    else if (index < 52) scene.tell({ type: 'task.intended', task, attempt: 1, bootId: 'b' });
  });
  return scene.after(3);
}
