/** What stand-ins/releases.json says of a release, as far as the contract needs it. */
import { readFileSync } from 'node:fs';

export interface Release {
  readonly product: 'zimbra' | 'carbonio';
  readonly release: string;
  readonly home: string;
  readonly user: string;
  readonly openldap: string;
  readonly ldapi: string;
  readonly tls: boolean;
  readonly systemd: boolean;
  readonly generation: {
    readonly sid_first: boolean;
    readonly guards: boolean;
    readonly sessionlog: boolean;
    readonly mmrtool: 'none' | 'A' | 'B';
    readonly replicatool: boolean;
    readonly promote: 'works' | 'wrong-socket';
    readonly enablereplica_user: string;
  };
  readonly tools: { readonly bin: readonly string[]; readonly libexec: readonly string[] };
}

const file = new URL('../../stand-ins/releases.json', import.meta.url);
const releases: readonly Release[] = JSON.parse(readFileSync(file, 'utf8'));

export function releaseOf(product: string, release: string): Release {
  const found = releases.find((one) => one.product === product && one.release === release);
  if (!found) throw new Error(`stand-ins/releases.json has no ${product} ${release}`);
  return found;
}
