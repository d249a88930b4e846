/** Passwords of cn=config on the hosts of one run, each read when it is first needed, and once. */
import { type Command, type CommandResult, TransportError } from '../engine/ports.ts';
import { Secret } from '../secrets/secret.ts';
import type { Product } from './products.ts';
import { LocalconfigError, readLocalconfig, valueIn } from './read.ts';

export const ROOT_PASSWORD = 'ldap_root_password';

interface Asked {
  probe(command: Command): Promise<CommandResult>;
}

/**
 * `refused`: slapd does not take that one; it is read anew, unless somebody has done so already. `heard` is told of each before
 * it is used. Rejects with TransportError `refused` where there is none.
 */
export function rootPasswords(
  connection: (host: string) => Asked,
  heard: (secret: Secret) => void,
): (host: string, product: Product, refused?: Secret) => Promise<Secret> {
  const known = new Map<string, Promise<Secret>>();

  async function read(host: string, { file }: Product): Promise<Secret> {
    try {
      const found = await readLocalconfig((command) => connection(host).probe(command), host, [file]);
      const secret = new Secret(ROOT_PASSWORD, valueIn(found, ROOT_PASSWORD));
      heard(secret);
      return secret;
    } catch (error) {
      if (!(error instanceof LocalconfigError)) throw error;
      throw new TransportError('refused', host, error.message, error.next, { cause: error });
    }
  }

  return async (host, product, refused) => {
    const before = known.get(host);
    const found = await before;
    if (found && !(refused && found.equals(refused))) return found;
    // Who waited meanwhile takes the one that another has begun to read.
    const other = known.get(host);
    if (other && other !== before) return await other;
    const reading = read(host, product);
    known.set(host, reading);
    reading.catch(() => known.delete(host));
    return await reading;
  };
}
