/** What must hold of invariants beyond their shape. */
import type { ActionTable } from '../engine/action.ts';
import { checkCondition, type Site } from './check-templates.ts';
import type { Findings } from './findings.ts';
import { lintId, lintPlainTexts } from './lint-entry.ts';
import { lintAction, lintOn } from './lint-step.ts';
import type { Path } from './position.ts';
import { actionKeys, asList, asMap, type Raw } from './to-model.ts';
import type { Names, Place } from './typed-scope.ts';

/** They are looked at before the first step, so that they see nothing that a step captures. */
export function lintInvariants(raw: Raw, actions: ActionTable, names: Names, findings: Findings): void {
  const ids = new Map<string, number>();
  for (const [index, value] of asList(raw.invariants).entries()) {
    const invariant = asMap(value);
    const path: Path = ['invariants', index];
    const site = (place: Place): Site => ({ findings, names, place: { ...place, noCaptures: true } });
    lintId(invariant, path, ids, index, findings);
    lintPlainTexts(invariant, findings, path);
    lintOn(invariant.on, [...path, 'on'], site({}));
    const probe = asMap(invariant.probe);
    const at: Path = [...path, 'probe'];
    lintAction({ raw: invariant, path, actions, findings, names }, probe, at, site({ host: true }), 'probe');
    lintReadable(probe, at, actions, findings);
    checkCondition(probe.until, [...at, 'until'], site({ host: true, result: true }));
  }
}

/** Of what changes something, only what can be read back tells by looking; a command runs as a look. */
function lintReadable(probe: Raw, path: Path, actions: ActionTable, findings: Findings): void {
  for (const key of actionKeys(probe, actions)) {
    const action = actions[key];
    if (key === 'command' || action?.kind !== 'change' || action.proof === 'readback') continue;
    findings.atKey([...path, key], `${key} cannot be read back and cannot be watched`, 'use a gate');
  }
}
