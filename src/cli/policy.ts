import type { Policy } from '../engine/event.ts';
import type { RunOptions } from './option.ts';

/** What the options pass without a person. The graver of two spellings of `--yes` counts. */
export function policyOf(options: RunOptions): Policy {
  if (options['yes=typed']) return { yes: true, typed: true };
  return { yes: options.yes === true || options['yes=confirm'] === true };
}
