/** What the hosts and the journal show after a round. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome, Stamped } from '../../src/engine/event.ts';
import { JOURNAL } from '../../src/journal/record.ts';
import { call } from './controller.ts';
import { type Desk, stateOf } from './operator.ts';

/** One line of a counter: an execution that took effect. */
export interface Execution {
  readonly name: string;
  readonly pid: string;
  readonly nonce: string;
}

/** An execution that came to its own end, and the code it ended with. */
export interface End {
  readonly name: string;
  readonly pid: string;
  readonly code: number;
}

export interface HostSeen {
  readonly executions: readonly Execution[];
  readonly ends: readonly End[];
  /** Path below the round's folder → mode, owner and content; the nonce is written NONCE. */
  readonly files: Readonly<Record<string, string>>;
  /** How often the directory holds the round's value, and whether the service runs. */
  readonly described: number;
  readonly service: string;
}

export interface RoundSeen {
  readonly nonce: string;
  readonly hosts: Readonly<Record<string, HostSeen>>;
  readonly records: readonly Stamped[];
  /** Side file → its text. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Task → its outcome by `show --json`; a task that has not ended has its status. */
  readonly outcomes: Readonly<Record<string, Outcome | string>>;
  /** Exit code of `verify-journal`. */
  readonly journalProof: number;
  /** What went wrong while it was carried out. */
  readonly complaints: readonly string[];
}

export async function observeRun(
  desk: Desk,
  run: string,
  runDirectory: string,
): Promise<Pick<RoundSeen, 'records' | 'outputs' | 'outcomes' | 'journalProof'>> {
  const [proof, state] = await Promise.all([call(['verify-journal', run], desk.env), stateOf(desk, run)]);
  const tasks = state.steps.flatMap((step) => step.tasks);
  const folder = join(runDirectory, 'output');
  const outputs = existsSync(folder) ? readdirSync(folder) : [];
  return {
    records: readFileSync(join(runDirectory, JOURNAL), 'utf8')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Stamped])),
    outputs: Object.fromEntries(
      outputs.map((name) => [`output/${name}`, readFileSync(join(folder, name), 'utf8')]),
    ),
    outcomes: Object.fromEntries(
      tasks.map(({ ref, state: now }) => [ref.id, now.status === 'ended' ? now.outcome : now.status]),
    ),
    journalProof: proof.code,
  };
}

const LOOK = (folder: string, nonce: string) => `
cd ${folder} 2>/dev/null || exit 0
for file in $(find . -type f | sort); do
  case $file in ./counter|./ends) continue;; esac
  echo "file $file $(stat -c '%a %U' $file) $(sed 's/${nonce}/NONCE/g' $file | base64 -w 0)"
done
sed 's/^/execution /' counter
sed 's/^/end /' ends
echo "described $(ldapsearch -LLL -Q -Y EXTERNAL -H ldapi:/// -s base -b dc=example,dc=com description | grep -cx 'description: ${nonce}')"
echo "service $(systemctl is-active lockstep-torture)"
`;

export async function observeHost(desk: Desk, host: string, nonce: string): Promise<HostSeen> {
  const lines = (await desk.pen.inside(host, LOOK(desk.folder, nonce))).split('\n');
  const of = (word: string) =>
    lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1).split(' ')] : []));
  return {
    executions: of('execution').map(([name = '', pid = '', mark = '']) => ({ name, pid, nonce: mark })),
    ends: of('end').map(([name = '', pid = '', code = '']) => ({ name, pid, code: Number(code) })),
    files: Object.fromEntries(
      of('file').map(([path = '', mode, owner, text = '']) => [
        path,
        `${mode} ${owner} ${Buffer.from(text, 'base64')}`,
      ]),
    ),
    described: Number(of('described')[0]?.[0]),
    service: of('service')[0]?.[0] ?? '',
  };
}
