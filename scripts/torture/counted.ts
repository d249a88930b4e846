/** The steps of torture.yaml that count themselves, and what each of them prints. */

export interface Counted {
  /** As it stands in the counter; its task is `NAME@HOST`, or `quick[a]@HOST` for `quick-a`. */
  readonly name: string;
  /** Lines printed around the counting. */
  readonly lines: number;
  /** Never twice. The others may run again, as their steps say. */
  readonly once: boolean;
  readonly on: 'both' | 'first';
  /** Seconds it takes at most. */
  readonly longest: number;
}

/** In the order of the input `paces`. */
export const counted: readonly Counted[] = [
  { name: 'bare', lines: 100, once: true, on: 'both', longest: 1.5 },
  { name: 'serial', lines: 4, once: true, on: 'both', longest: 0.4 },
  { name: 'checked', lines: 30, once: true, on: 'both', longest: 0.8 },
  { name: 'vague', lines: 30, once: true, on: 'both', longest: 0.8 },
  { name: 'verified', lines: 30, once: true, on: 'both', longest: 0.8 },
  { name: 'as-admin', lines: 30, once: true, on: 'both', longest: 0.8 },
  { name: 'safe', lines: 30, once: false, on: 'both', longest: 0.5 },
  { name: 'flaky', lines: 4, once: false, on: 'first', longest: 0.3 },
  { name: 'stubborn', lines: 30, once: true, on: 'first', longest: 0.8 },
  { name: 'last', lines: 4, once: true, on: 'both', longest: 0.5 },
];

export const quickItems = ['a', 'b', 'c', 'd', 'e'] as const;

export interface Expected {
  readonly task: string;
  readonly name: string;
  readonly host: string;
  readonly once: boolean;
  /** What an execution as `pid` prints when it runs to its end. */
  printed(pid: string, nonce: string): string;
}

/** Every counted task of a round on these two hosts. */
export function expectedTasks(hosts: readonly [string, string]): readonly Expected[] {
  return hosts.flatMap((host, index) => [
    ...counted
      .filter(({ on }) => on === 'both' || index === 0)
      .map(
        ({ name, lines, once }): Expected => ({
          ...{ task: `${name}@${host}`, name, host, once },
          printed: (pid, nonce) => actOutput(name, lines, pid, nonce),
        }),
      ),
    ...quickItems.map(
      (item): Expected => ({
        ...{ task: `quick[${item}]@${host}`, name: `quick-${item}`, host, once: true },
        printed: (pid, nonce) => `quick-${item} begins as ${pid}\nquick-${item} ends with ${nonce}\n`,
      }),
    ),
  ]);
}

function actOutput(name: string, lines: number, pid: string, nonce: string): string {
  const middle = Array.from(
    { length: lines },
    (_, at) => `${name} line ${at + 1} of ${lines} for ${nonce}\n`,
  );
  return `${name} begins as ${pid}\n${middle.join('')}${name} ends with ${nonce}\n`;
}

/** The name under which a task counts itself; undefined for a task that does not. */
export function nameOf(task: string): string | undefined {
  const quick = /^quick\[(\w)\]@/.exec(task);
  const name = quick ? `quick-${quick[1]}` : task.slice(0, task.lastIndexOf('@'));
  const known = quick !== null || counted.some((one) => one.name === name);
  return known ? name : undefined;
}
