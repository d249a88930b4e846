import { setTimeout as sleep } from 'node:timers/promises';
import { netnsFile } from '../../src/lab/lab-paths.ts';
import { runProgram } from '../../src/lab/run-program.ts';

/** A link of 48 kbit/s both ways for so long: what a host sends and gets queues up, and nothing is lost. */
export async function slowLink(lab: string, host: string, ms: number): Promise<boolean> {
  const ends = [
    [netnsFile(lab, 'switch'), host],
    [netnsFile(lab, host), 'eth0'],
  ] as const;
  const tc = ([namespace, device]: (typeof ends)[number], ...words: readonly string[]) =>
    runProgram(
      [
        'nsenter',
        `--net=${namespace}`,
        'tc',
        'qdisc',
        ...words.slice(0, 1),
        'dev',
        device,
        ...words.slice(1),
      ],
      {
        anyCode: true,
        about: 'tc',
      },
    );
  const added = await Promise.all(
    ends.map((end) => tc(end, 'add', 'root', 'tbf', 'rate', '48kbit', 'burst', '4kb', 'limit', '256kb')),
  );
  await sleep(ms);
  await Promise.all(ends.map((end) => tc(end, 'del', 'root')));
  return added.every(({ code }) => code === 0);
}
