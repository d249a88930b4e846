/** A round in which all went well, to be doctored by tests. */

import { expectedTasks } from '../../scripts/torture/counted.ts';
import type { HostSeen, RoundSeen } from '../../scripts/torture/observe.ts';
import type { Event } from '../../src/engine/event.ts';

const nonce = 'r1-7';
const tasks = expectedTasks(['ldap1', 'ldap2']);
const pidOf = (task: string): string => String(1000 + tasks.findIndex((one) => one.task === task));

export function goodRound(): RoundSeen {
  const events = tasks.flatMap(({ task }): readonly Event[] => [
    {
      type: 'task.wrote',
      task,
      attempt: 1,
      durationMs: 5,
      exit: { kind: 'exited', code: 0 },
      output: { file: `output/${task}.log`, stdout: 1, stderr: 0, truncated: false },
    },
    { type: 'task.ended', task, attempt: 1, outcome: 'changed' },
  ]);
  return {
    nonce,
    hosts: { ldap1: host('ldap1'), ldap2: host('ldap2') },
    records: events.map(stamped),
    outputs: Object.fromEntries(
      tasks.map(({ task, printed }) => [`output/${task}.log`, printed(pidOf(task), nonce)]),
    ),
    outcomes: Object.fromEntries(tasks.map(({ task }) => [task, 'changed'])),
    journalProof: 0,
    complaints: [],
  };
}

export const stamped = (event: Event, index = 0) => ({ seq: index + 1, at: '', mono: 0, event });

function host(name: string): HostSeen {
  const mine = tasks.filter((task) => task.host === name);
  return {
    executions: mine.map((task) => ({ name: task.name, pid: pidOf(task.task), nonce })),
    ends: mine.map((task) => ({ name: task.name, pid: pidOf(task.task), code: 0 })),
    files: { './act': '755 root #!/bin/sh\n', './settings': `640 root host = ${name}\n` },
    described: 1,
    service: 'active',
  };
}

/** The same round with one host changed. */
export function withHost(
  round: RoundSeen,
  name: string,
  change: (host: HostSeen) => Partial<HostSeen>,
): RoundSeen {
  const host = round.hosts[name];
  if (!host) throw new Error(`no host ${name}`);
  return { ...round, hosts: { ...round.hosts, [name]: { ...host, ...change(host) } } };
}

/** The same round with other records; a record for which `change` gives nothing is left out. */
export function withRecords(round: RoundSeen, change: (event: Event) => readonly Event[]): RoundSeen {
  return { ...round, records: round.records.flatMap(({ event }) => change(event)).map(stamped) };
}
