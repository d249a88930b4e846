import { type DirectoryWriter, TransportError, type WritePorts } from '../ports.ts';

/** Proven that this effect did not begin. */
export function isUnbegun({ kind }: TransportError): boolean {
  return kind === 'not-started' || kind === 'fenced';
}

/** Writing ports that remember whether any effect may have begun: "nothing started" is then no longer a proof. */
export function watched(ports: WritePorts): { readonly ports: WritePorts; begun(): boolean } {
  let effects = 0;

  /** An effect that failed with `not-started` or `fenced` is proven not to have begun. */
  async function count<T>(act: () => Promise<T>): Promise<T> {
    effects++;
    try {
      return await act();
    } catch (error) {
      if (error instanceof TransportError && isUnbegun(error)) effects--;
      throw error;
    }
  }

  function wrap(inner: WritePorts): WritePorts {
    return {
      ...inner,
      execute: (command) => count(() => inner.execute(command)),
      transfer: (from, to) => count(() => inner.transfer(from, to)),
      directory: async (address) => wrapDirectory(await inner.directory(address)),
      on: (host) => wrap(inner.on(host)),
    };
  }

  function wrapDirectory(inner: DirectoryWriter): DirectoryWriter {
    return {
      search: (search) => inner.search(search),
      add: (dn, attributes) => count(() => inner.add(dn, attributes)),
      modify: (dn, modifications) => count(() => inner.modify(dn, modifications)),
      remove: (dn) => count(() => inner.remove(dn)),
    };
  }

  return { ports: wrap(ports), begun: () => effects > 0 };
}
