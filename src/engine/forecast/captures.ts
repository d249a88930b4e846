import type { Step } from '../../runbook/model.ts';
import { Unknown, type Value } from '../value.ts';
import type { Outlook } from './forecast.ts';
import type { Glimpse } from './glimpse.ts';

export type Captures = { readonly [name: string]: Value | Unknown };

/** What later steps may know of this one: what was read for certain, else why it cannot be known yet. */
export function capturesOf({ ref, captured }: Glimpse, outlook: Outlook, step: Step): Captures {
  const names = Object.keys(step.capture);
  switch (outlook.verdict) {
    case 'unchanged':
      return captured;
    case 'skipped':
      return {};
    case 'unknown':
      return unknowns(names, (name) => `captured.${name} of ${ref.id}, which is unknown itself`);
    case 'would fail':
      return unknowns(names, (name) => `captured.${name} of ${ref.id}, which would fail`);
    default:
      return unknowns(names, (name) => `captured.${name} of ${ref.id}, which is to run first`);
  }
}

function unknowns(names: readonly string[], why: (name: string) => string): Captures {
  return Object.fromEntries(names.map((name) => [name, new Unknown(why(name))]));
}
