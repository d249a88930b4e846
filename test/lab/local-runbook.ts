/** Runbooks of a few lines that run on this machine, where no host is needed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Words of `run` for a runbook with these steps, all of them on the host `here`; `folder` is where everything lies. */
export function localRunbook(folder: string, name: string, steps: string): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const inventory = join(folder, 'inventory.yaml');
  writeFileSync(
    inventory,
    `format: lockstep-inventory/1\naccess: { transport: local, receipts: ${join(folder, 'receipts')} }\nhosts: { here: {} }\n`,
  );
  const runbook = join(folder, `${name}.yaml`);
  writeFileSync(
    runbook,
    `format: lockstep/1\nname: ${name}\nversion: 1.0.0\ntitle: ${name}\nsteps:\n${steps}`,
  );
  return ['run', runbook, '-i', inventory];
}
