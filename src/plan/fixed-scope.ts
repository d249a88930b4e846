import { Unknown } from '../engine/value.ts';
import type { Inventory } from '../inventory/model.ts';
import type { Scope } from '../runbook/scope.ts';

/** What is known before any host is contacted: inputs, inventory, run. Captures and secrets are unknown. */
export function fixedScope(inventory: Inventory, inputs: Scope['inputs'], run: Scope['run']): Scope {
  return {
    inputs,
    inventory: { vars: inventory.vars, hosts: inventory.hosts },
    run,
    secrets: (name) => new Unknown(`secret ${name}, which is fetched when it is needed`),
    captured: () => undefined,
  };
}
