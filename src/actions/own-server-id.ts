/** Which changes a server has made itself: by its server ID. */
import type { DirectoryReader } from '../engine/ports.ts';
import { valuesOf } from '../ldap/config-names.ts';
import { readServerIds } from '../ldap/server-id.ts';
import { ActionError } from './action-error.ts';

/** 0 where it has none. Throws an ActionError where it is a URL; `what` of the server's own could not be told from others then. */
export async function ownServerId(directory: DirectoryReader, host: string, what: string): Promise<number> {
  const [config] = await directory.search({ base: 'cn=config', scope: 'base', attributes: ['olcServerID'] });
  const ids = readServerIds(valuesOf(config?.attributes ?? {}, 'olcServerID'));
  if (ids.kind === 'urls') {
    throw new ActionError(`${host}: olcServerID has the URL form, so the ID in force is not known`, {
      next: `Set one plain number with ldap.server-id: only by it can ${what} of its own be told from others.`,
    });
  }
  return ids.kind === 'plain' ? ids.id : 0;
}
