/** What lockstep does without a host: show its help, and plan. */
import { join } from 'node:path';
import { actions } from '../../src/actions/index.ts';
import type { Inventory, InventoryHost } from '../../src/inventory/model.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { parseRunbook } from '../../src/runbook/load.ts';
import { median } from './median.ts';
import { timed } from './timed.ts';

const lockstep = join(import.meta.dirname, '..', '..', 'lockstep');

/** Median of 11 calls of `./lockstep --help`, after one that fills V8's compile cache. */
export async function helpMs(directory: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 12; round++) times.push((await timed([lockstep, '--help'], directory)).ms);
  return round1(median(times.slice(1)));
}

/** Median of 11 plans of 100 steps on 200 hosts, half chosen by a selector and half by an expression. */
export function planMs(): number {
  const { runbook, problems } = parseRunbook(
    { main: { file: 'bench.yaml', text: runbookText(100) }, path: 'bench.yaml', parts: {} },
    actions,
  );
  if (!runbook) throw new Error(`the runbook of the benchmark is wrong: ${JSON.stringify(problems[0])}`);
  const inventory = inventoryOf(200);
  const times: number[] = [];
  for (let round = 0; round < 11; round++) {
    const begun = performance.now();
    const { plan } = makePlan(runbook, inventory, {}, { id: 'bench', started: '2026-01-01T00:00:00Z' });
    times.push(performance.now() - begun);
    const tasks = plan?.steps.reduce((sum, step) => sum + step.hosts.length, 0);
    if (tasks !== 20_000) throw new Error(`the plan has ${tasks} tasks instead of 20000`);
  }
  return round1(median(times));
}

function runbookText(steps: number): string {
  const one = (number: number): string => `  - id: step-${number}
    title: Step ${number}
    on: ${number % 2 === 0 ? 'all' : '${{ inputs.pool }}'}
    command: { argv: [echo, "\${{ host.name }}"] }
    repeat: once
    on-doubt: ask
`;
  const head = `format: lockstep/1\nname: bench\nversion: 1.0.0\ntitle: Trivial changing steps\n`;
  const inputs = 'inputs:\n  pool: { type: hosts, default: all }\n';
  return `${head}${inputs}steps:\n${Array.from({ length: steps }, (_, index) => one(index + 1)).join('')}`;
}

function inventoryOf(count: number): Inventory {
  const host = (index: number): InventoryHost => ({
    name: `host${index}`,
    address: `host${index}.example.com`,
    platform: '',
    groups: [],
    vars: {},
    access: {},
  });
  const hosts = Array.from({ length: count }, (_, index) => host(index + 1));
  const all = hosts.map(({ name }) => name);
  return {
    source: 'bench',
    hosts: Object.fromEntries(hosts.map((one) => [one.name, one])),
    groups: { all, ungrouped: all },
    vars: {},
    files: [],
  };
}

function round1(ms: number): number {
  return Math.round(ms * 10) / 10;
}
