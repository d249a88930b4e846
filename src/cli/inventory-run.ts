/** The work of `lockstep inventory show` and `check`. */
import type { Inventory, InventoryHost } from '../inventory/model.ts';
import { select } from '../inventory/selector.ts';
import { styleFor, tame } from '../reporters/style.ts';
import { createTransport } from '../transport/pool.ts';
import type { Target } from '../transport/transport.ts';
import { EXIT, Stop } from './exit-code.ts';
import { inventoryOrStop } from './inputs.ts';
import { checkHosts, type HostCheck } from './inventory-check.ts';
import { inventoryJson, inventoryTable } from './inventory-show.ts';
import { hostKeyQuestion, targetMaker } from './reach.ts';
import { table } from './table.ts';
import { openTerminal } from './terminal.ts';

interface Options {
  readonly inventory?: string;
  readonly json?: boolean;
}

export async function showInventory(selector: string, options: Options): Promise<string> {
  const inventory = await inventoryOrStop(options.inventory);
  const hosts = selectOrStop(inventory, selector).map((host) => host.name);
  return `${(options.json === true ? inventoryJson : inventoryTable)(inventory, hosts)}\n`;
}

/** Resolves to the exit code: 2 when any host cannot be worked on. */
export async function checkInventory(selector: string, options: Options): Promise<number> {
  const inventory = await inventoryOrStop(options.inventory);
  const checks = await runCheck(inventory, selectOrStop(inventory, selector));
  process.stdout.write(`${options.json === true ? JSON.stringify(checks, null, 2) : checkText(checks)}\n`);
  return checks.some(isFailed) ? EXIT.failed : EXIT.done;
}

export function selectOrStop(inventory: Inventory, selector: string): readonly InventoryHost[] {
  const selection = select(inventory, selector);
  if (!selection.ok) {
    const lines = selection.problems.map((problem) => `${problem.message} (${problem.hint})`);
    throw new Stop(EXIT.usage, lines.join('\n'), 'lockstep inventory show lists the hosts and groups');
  }
  if (selection.hosts.length === 0)
    throw new Stop(EXIT.usage, `"${selector}" selects no host`, 'lockstep inventory show lists all');
  return selection.hosts.flatMap((name) => inventory.hosts[name] ?? []);
}

async function runCheck(
  inventory: Inventory,
  hosts: readonly InventoryHost[],
): Promise<readonly HostCheck[]> {
  const terminal = openTerminal(process.stdin, process.stderr);
  const targetOf = targetMaker(inventory, terminal);
  const targets = new Map<string, Target>();
  const transport = createTransport({ askHostKey: hostKeyQuestion(terminal, targets) });
  try {
    return await checkHosts(hosts, {
      async targetOf(host) {
        const target = await targetOf(host);
        targets.set(host.name, target);
        return target;
      },
      connect: (target) => transport.connect(target),
      now: Date.now,
    });
  } finally {
    await transport.closeAll();
  }
}

/** A table, then each failure with its cause and next move. */
export function checkText(checks: readonly HostCheck[]): string {
  const style = styleFor(process.env, process.stdout.isTTY === true);
  const rows = checks.map((check) => [
    check.host,
    isFailed(check) ? 'FAILED' : check.findings.length > 0 ? 'warning' : 'ok',
    check.target || '-',
    check.user || '-',
    check.skewMs === undefined ? '-' : `${check.skewMs} ms ±${check.uncertaintyMs}`,
    check.disk ? `${check.disk.usedPercent} % ${check.disk.mount}` : '-',
    check.versions.join(', ') || '-',
    tame(check.os, 60) || '-',
  ]);
  const findings = checks.flatMap((check) =>
    check.findings.map((finding) => {
      const paint = finding.severity === 'error' ? style.bad : style.warn;
      return `${paint(`${check.host} · ${finding.what}`)}: ${tame(finding.cause)}\n    ${tame(finding.next)}`;
    }),
  );
  const failed = checks.filter(isFailed).length;
  const end =
    failed === 0 ? `${checks.length} hosts can be worked on` : `${failed} of ${checks.length} hosts failed`;
  const header = ['HOST', 'STATE', 'LOGIN', 'RUNS AS', 'CLOCK', 'FULLEST DISK', 'VERSIONS', 'SYSTEM'];
  return [table(header, rows), '', ...findings, ...(findings.length > 0 ? [''] : []), end].join('\n');
}

function isFailed(check: HostCheck): boolean {
  return check.findings.some((finding) => finding.severity === 'error');
}
