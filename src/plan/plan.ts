import type { Value } from '../engine/value.ts';
import type { Inventory } from '../inventory/model.ts';
import type { InvariantSpec, Runbook, Step } from '../runbook/model.ts';

/** A runbook bound to an inventory and inputs: what would be done where. Pure data. */
export interface Plan {
  readonly runbook: Runbook;
  readonly inventory: Inventory;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly steps: readonly PlannedStep[];
  readonly invariants: readonly PlannedInvariant[];
  /** Secret → the host that its `on` means, for those that have one. */
  readonly secretHosts: Readonly<Record<string, string>>;
  /** Step id → its place. */
  readonly index: ReadonlyMap<string, PlannedStep>;
}

export interface PlannedStep {
  /** From 1, as the operator sees it. */
  readonly number: number;
  readonly step: Step;
  readonly hosts: readonly string[];
}

export interface PlannedInvariant {
  readonly spec: InvariantSpec;
  /** At least one. */
  readonly hosts: readonly string[];
}

/** Host → the platform it is of; '' for one that the inventory does not have. */
export function platformsOf({ hosts }: Pick<Inventory, 'hosts'>): (host: string) => string {
  return (host) => hosts[host]?.platform ?? '';
}

/** Every host that a run may contact, each once: those of its steps, those that it only watches, those whose secrets it uses. */
export function hostsOfPlan({ steps, invariants, secretHosts }: Plan): readonly string[] {
  return [
    ...new Set([...[...steps, ...invariants].flatMap(({ hosts }) => hosts), ...Object.values(secretHosts)]),
  ];
}
