import type { ConfigFacts, Content, DatabaseFacts, Installation, ServerFacts } from './facts.ts';
import { type OwnSid, ownSid } from './own-sid.ts';
import { known } from './seen.ts';
import { isVersionAtLeast } from './version.ts';

/** A server, with what is known of it in the hand. */
export interface Server {
  readonly name: string;
  readonly facts: ServerFacts;
  readonly installation: Installation | undefined;
  readonly config: ConfigFacts | undefined;
  readonly database: DatabaseFacts | undefined;
  readonly content: Content | undefined;
  readonly sid: OwnSid;
}

/** What a server is to the others. */
export type Role = 'master' | 'replica' | 'alone' | 'unknown';

export function serverOf(facts: ServerFacts): Server {
  const config = known(facts.config);
  return {
    name: facts.host,
    facts,
    installation: known(facts.installation),
    config,
    database: config?.database,
    content: known(facts.content),
    sid: ownSid(facts.config, facts.installation),
  };
}

/** Undefined where it is not known. */
export function sidOf({ sid }: Server): number | undefined {
  return sid.kind === 'known' ? sid.id : undefined;
}

/** `2.5` of `2.5.13`; undefined where the version is not known. */
export function lineOf({ installation }: Server): string | undefined {
  return /^\d+\.\d+/.exec(installation?.version ?? '')?.[0];
}

/** Is its version at least this one? Undefined where it is not known. */
export function isAtLeast({ installation }: Server, wanted: string): boolean | undefined {
  return isVersionAtLeast(installation?.version, wanted);
}

/** Its host says that it does not serve, or cannot be asked. Of one outside the inventory only its consumers can tell. */
export function isDown({ facts, installation }: Server): boolean {
  return (facts.unreachable !== undefined && facts.through === undefined) || installation?.running === false;
}
