/** Mode, owner and group of a path: the parameters, and how they differ from what is there. */
import { z } from 'zod';
import type { DiffLine } from '../engine/action.ts';
import type { FileState } from './file-state.ts';
import { openText } from './text-param.ts';

const account = openText.regex(/^[A-Za-z0-9_][A-Za-z0-9_.@$-]*$/, { error: 'must be a name or a number' });

export const ownershipFields = {
  mode: z
    .string({
      error: 'must be octal digits in quotes, such as "0640"; without quotes YAML reads a decimal number',
    })
    .regex(/^[0-7]{3,4}$/, { error: 'must be octal digits, such as "0640"' })
    .optional()
    .describe('Permissions in octal, in quotes: "0640".'),
  owner: account.optional().describe('Name or number of the owner.'),
  group: account.optional().describe('Name or number of the group.'),
};

export interface Ownership {
  mode?: string | undefined;
  owner?: string | undefined;
  group?: string | undefined;
}

/** Lines for what differs; none when all that is asked for is so. What is not asked for is left as it is. */
export function ownershipLines(wanted: Ownership, state: FileState): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  if (wanted.mode !== undefined && Number.parseInt(wanted.mode, 8) !== Number.parseInt(state.mode, 8)) {
    lines.push(
      { op: '-', text: `mode ${fourDigits(state.mode)}` },
      { op: '+', text: `mode ${fourDigits(wanted.mode)}` },
    );
  }
  if (wanted.owner !== undefined && ![state.owner, state.uid].includes(wanted.owner)) {
    lines.push({ op: '-', text: `owner ${state.owner}` }, { op: '+', text: `owner ${wanted.owner}` });
  }
  if (wanted.group !== undefined && ![state.group, state.gid].includes(wanted.group)) {
    lines.push({ op: '-', text: `group ${state.group}` }, { op: '+', text: `group ${wanted.group}` });
  }
  return lines;
}

export function fourDigits(mode: string): string {
  return mode.padStart(4, '0');
}
