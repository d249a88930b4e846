import { anythingOn, configOn, type Place, unitsOn } from '../place.ts';
import type { DirectoryReader, Entry, ReadPorts, Search } from '../ports.ts';

/** The gate would have to be watched for longer than a look. */
export class WouldWait extends Error {
  override readonly name = 'WouldWait';

  constructor() {
    super('the run would wait and watch here');
  }
}

/** A look may take a second one this much later: is it still the same process? */
const BLINK_MS = 1_500;

/** What the looks of one task have read. */
export interface Record {
  /** From directories and the network. */
  readonly places: Place[];
  /** Hosts on which a command has looked: it may have read anything. */
  readonly probed: Set<string>;
  readonly entries: { readonly host: string; readonly entry: Entry }[];
}

export function emptyRecord(): Record {
  return { places: [], probed: new Set(), entries: [] };
}

/** Reading ports that note what is read, and never wait. */
export function recording(
  ports: ReadPorts,
  record: Record,
  placesOf: (host: string, search: Search) => readonly Place[],
): ReadPorts {
  const host = ports.host.name;
  const reader = (directory: DirectoryReader): DirectoryReader => ({
    async search(search) {
      record.places.push(...placesOf(host, search));
      const entries = await directory.search(search);
      record.entries.push(...entries.map((entry) => ({ host, entry })));
      return entries;
    },
  });
  return {
    ...ports,
    probe(command) {
      record.probed.add(host);
      return ports.probe(command);
    },
    directory: async (address) => reader(await ports.directory(address)),
    reaches(address, port) {
      // Whoever listens there, on whichever host.
      record.places.push(unitsOn('*'), configOn('*'));
      return ports.reaches(address, port);
    },
    on: (other) => recording(ports.on(other), record, placesOf),
    sleep: (ms) => (ms <= BLINK_MS ? ports.sleep(ms) : Promise.reject(new WouldWait())),
  };
}

/** Where the answer came from: as its action says, or as it was seen. */
export function placesRead(
  record: Record,
  declared: readonly Place[] | undefined,
  probesBeside: boolean,
): readonly Place[] {
  const seen = [...record.places, ...[...record.probed].map(anythingOn)];
  if (!declared) return seen;
  return probesBeside ? [...declared, ...seen] : declared;
}
