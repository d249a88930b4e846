/** The loop of `samplePs`: canaries as one line on stdin, what was seen on stdout when stdin ends. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Canary } from './canaries.ts';

// Whoever started it may be gone.
process.stdout.on('error', () => undefined);
let input = '';
let over = false;
process.stdin.setEncoding('utf8').on('data', (chunk: string) => {
  const begun = input.includes('\n');
  input += chunk;
  if (!begun && input.includes('\n')) look(JSON.parse(input) as Canary[]);
});
process.stdin.on('end', () => {
  over = true;
});

function look(canaries: readonly Canary[]): void {
  const own = readlinkSync('/proc/self/ns/pid');
  const needles = canaries.flatMap(({ name, value, pieces }) =>
    [value, ...pieces].map((text) => ({ name, bytes: Buffer.from(text) })),
  );
  const seen = new Set<string>();
  const hits = new Map<string, { canary: string; pid: number; inHost: boolean }>();
  let rounds = 0;
  let looks = 0;

  const round = (): void => {
    if (rounds++ === 1) process.stdout.write('looking\n');
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        const line = readFileSync(`/proc/${entry}/cmdline`);
        looks++;
        const text = line.toString('latin1');
        if (seen.has(text)) continue;
        const found = needles.find(({ bytes }) => line.includes(bytes));
        if (!found) seen.add(text);
        else if (!hits.has(`${entry} ${found.name}`)) {
          const inHost = readlinkSync(`/proc/${entry}/ns/pid`) !== own;
          hits.set(`${entry} ${found.name}`, { canary: found.name, pid: Number(entry), inHost });
        }
      } catch {
        // It ended in between.
      }
    }
    if (over) {
      process.stdout.write(JSON.stringify({ rounds, looks, lines: seen.size, hits: [...hits.values()] }));
      return;
    }
    // A short rest, so that what is watched is not slowed to half.
    setTimeout(round, 4);
  };
  round();
}
