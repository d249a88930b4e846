/** Writes a localconfig.xml: whole, as its owner, and only in place of what was read. */
import type { WritePorts } from '../engine/ports.ts';
import { type Edit, edited } from '../localconfig/edit.ts';
import { Secret } from '../secrets/secret.ts';
import { ActionError } from './action-error.ts';
import { type LocalconfigFacts, refuse } from './localconfig-look.ts';
import { AS_OWNER, REPLACE } from './localconfig-scripts.ts';

/** Throws ActionError for a file that its product's tools could not write either, or that nobody can edit safely. */
export function mayBeWritten({ file, host, owner, text }: LocalconfigFacts): void {
  if (owner === 'root' || owner === 'UNKNOWN')
    throw new ActionError(`${file} on ${host.name} belongs to ${owner === 'root' ? owner : 'no user'}`, {
      next: 'Give it back to the product’s own user, with chown: its tools cannot write it like that.',
    });
  if (text.includes('\uFFFD'))
    throw new ActionError(`${file} on ${host.name} holds bytes that are no UTF-8`, {
      next: 'Mend it with an editor, as the user that owns it.',
    });
}

/** `now` is what the edit was made for: if somebody has written since, nothing is written. Throws ActionError. */
export async function writeLocalconfig(now: LocalconfigFacts, edit: Edit, ports: WritePorts): Promise<void> {
  const content = edited(now.text, edit);
  const done = await ports.execute({
    script: AS_OWNER,
    stdin: content,
    env: {
      LC_ALL: 'C',
      LOCKSTEP_FILE: now.file,
      LOCKSTEP_OWNER: now.owner,
      LOCKSTEP_REPLACE: REPLACE,
      LOCKSTEP_SHA256: now.sha256,
      // A secret too, since its length tells something of it.
      LOCKSTEP_SIZE: content instanceof Secret ? content.map(byteLength) : byteLength(content),
    },
    as: 'root',
  });
  refuse(`writing ${now.file}`, done);
}

function byteLength(text: string): string {
  return String(new TextEncoder().encode(text).length);
}
