/** This machine as a host, and runbooks whose only step would leave a file there behind a gate. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a step asks → what it is written as. `act` leaves the file. */
const GATES = {
  confirm: 'ACT, confirm: "Sure?"',
  typed: 'ACT, confirm: { class: typed, text: "Sure?" }',
  'two-person': 'ACT, confirm: { class: two-person, text: "Sure?" }',
  irreversible: 'ACT, risk: irreversible',
  'irreversible and confirmed': 'ACT, risk: irreversible, confirm: "Sure?"',
  'asks confirm': 'confirm: { text: "Sure?" }',
  'asks typed': 'confirm: { text: "Sure?", class: typed, typed: here }',
  'asks two-person': 'confirm: { text: "Sure?", class: two-person }',
  manual: 'manual: { instructions: "Plug it in." }',
} as const;

export type Gate = keyof typeof GATES;
export const gates = Object.keys(GATES) as readonly Gate[];

/** Gates that one person passes by typing the name of the host. */
export const typedGates: readonly Gate[] = [
  'typed',
  'irreversible',
  'irreversible and confirmed',
  'asks typed',
];

export interface LocalGates {
  /** Words of `run` for a runbook with this gate, each call with a host folder of its own. */
  words(gate: Gate): { readonly words: readonly string[]; readonly changed: () => boolean };
}

/** `folder` is where everything lies: inventory, runbooks, receipts. */
export function localGates(folder: string): LocalGates {
  const inventory = join(folder, 'inventory.yaml');
  let count = 0;
  return {
    words(gate) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        inventory,
        `format: lockstep-inventory/1\naccess: { transport: local, receipts: ${join(folder, 'receipts')} }\nhosts: { here: {} }\n`,
      );
      count += 1;
      const file = join(folder, `touched-${count}`);
      const runbook = join(folder, `gate-${count}.yaml`);
      const act = `command: { argv: [touch, "${file}"] }, on-doubt: ask`;
      const after = gate.startsWith('asks') || gate === 'manual' ? `  - { id: act, on: here, ${act} }\n` : '';
      writeFileSync(
        runbook,
        `format: lockstep/1\nname: gate-${count}\nversion: 1.0.0\ntitle: A gate\nsteps:\n  - { id: gate, title: The gate, on: here, ${GATES[gate].replace('ACT', act)} }\n${after}`,
      );
      return { words: ['run', runbook, '-i', inventory], changed: () => existsSync(file) };
    },
  };
}
