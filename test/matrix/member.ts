/** A server of a lab as its clients see it: over LDAP on its own address, past lockstep and SSH. */
import { createHash } from 'node:crypto';
import { Client } from 'ldapts';

export interface Login {
  readonly dn: string;
  /** What is compared. */
  readonly suffix: string;
  /** Right below which tests write. */
  readonly below: string;
}

export interface Member {
  readonly host: string;
  add(name: string, description: string): Promise<void>;
  describe(name: string, description: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Description by name, of all entries that a test made under this prefix. */
  made(prefix: string): Promise<ReadonlyMap<string, string>>;
  has(name: string): Promise<boolean>;
  /** Count, and a digest over entryUUID and entryCSN, of everything it holds. */
  contents(): Promise<{ entries: number; digest: string }>;
  /** Lets go of the connection; the next call makes another. */
  close(): Promise<void>;
}

/** One connection, made when it is first needed and made again after it has failed. One call at a time. */
export function memberAt(host: string, address: string, login: Login, password: string): Member {
  const { dn, suffix, below } = login;
  const dnOf = (name: string) => `cn=${name},${below}`;
  let open: Client | undefined;
  async function client(): Promise<Client> {
    if (open?.isBound) return open;
    const fresh = new Client({ url: `ldap://${address}`, timeout: 5000, connectTimeout: 1000 });
    await fresh.bind(dn, password);
    open = fresh;
    return fresh;
  }
  async function search(base: string, scope: 'base' | 'one' | 'sub', attributes: string[], filter?: string) {
    const options = { scope, attributes, paged: { pageSize: 1000 }, ...(filter && { filter }) };
    return (await (await client()).search(base, options)).searchEntries;
  }
  return {
    host,
    add: async (name, description) =>
      (await client()).add(dnOf(name), { objectClass: 'organizationalRole', cn: name, description }),
    describe: async (name, description) => {
      const { Change, Attribute } = await import('ldapts');
      const modification = new Attribute({ type: 'description', values: [description] });
      await (await client()).modify(dnOf(name), new Change({ operation: 'replace', modification }));
    },
    remove: async (name) => (await client()).del(dnOf(name)),
    made: async (prefix) => {
      const found = await search(below, 'one', ['cn', 'description'], `(cn=${prefix}*)`);
      return new Map(found.map((entry) => [String(entry.cn), String(entry.description)]));
    },
    has: async (name) => (await search(below, 'one', ['cn'], `(cn=${name})`)).length === 1,
    contents: async () => {
      const found = await search(suffix, 'sub', ['entryUUID', 'entryCSN']);
      const lines = found.map((entry) => `${entry.entryUUID} ${entry.entryCSN}`).sort();
      return { entries: lines.length, digest: createHash('sha256').update(lines.join('\n')).digest('hex') };
    },
    close: async () => {
      await open?.unbind().catch(() => undefined);
      open = undefined;
    },
  };
}
