import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Event } from '../../src/engine/event.ts';

export const at = { at: '2026-11-22T01:53:12.000Z', mono: 12.5 };

export const opened: Event = {
  type: 'run.opened',
  run: 'r',
  started: at.at,
  runbook: { name: 'test/x', version: '1.0.0', digest: 'd' },
  title: 'Zeichen: é 😀',
  text: '',
  inputs: {},
  inventory: {},
  source: { runbook: 'x', inventory: 'y' },
  steps: [],
  policy: { yes: false },
  operator: { name: 'alice', host: 'desk', terminal: false },
  versions: {},
};
export const stopping: Event = { type: 'run.stopping', reason: 'operator', text: 'held by SIGINT' };
export const held: Event = { type: 'run.held', reason: 'operator', text: 'held by SIGINT' };

/** A directory of the test's own, taken away at its end. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-journal-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A directory for the journal of `opened`: of its run's name. */
export function runScratch(): string {
  const directory = join(scratch(), 'r');
  mkdirSync(directory);
  return directory;
}
