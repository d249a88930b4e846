import type { LabHost, LabRecord } from '../lab-record.ts';
import type { NodeKind } from '../nodes.ts';

/** One product the lab can run: what its image holds, and what makes one host of it different from another. */
export interface Platform {
  readonly name: string;
  /** The kinds of nodes it has. */
  readonly kinds: readonly NodeKind[];
  /** The product's releases and the Debian that each runs on, the usual one first; none: any Debian brings its own. */
  readonly releases: readonly Release[];
  readonly packages: readonly string[];
  readonly debconf: readonly string[];
  /** POSIX sh for the image; $1 is the new root directory. */
  readonly customise: string;
  /** Secrets of a lab of this platform, as file names under `secrets/`. */
  readonly secrets: readonly string[];
  /** Variables of the inventory. */
  readonly vars: Readonly<Record<string, string>>;
  /** A runbook's secret → the file under `secrets/` that holds it: the inventory's variable `secrets`. */
  readonly sources: Readonly<Record<string, string>>;
  /** TCP ports that answer once a node is ready, besides 22. */
  ports(kind: NodeKind): readonly number[];
  slapd(release: string | undefined): Slapd;
  /** Makes what all hosts of a lab share, before any of them. */
  share?(lab: LabRecord): Promise<void>;
  /** Fills a host's own root before its first boot. */
  prepare(host: NewHost): Promise<void>;
  /** What is left to do once all hosts have booted. */
  furnish?(lab: BootedLab): Promise<void>;
  /** What `lab up` says about a host. */
  describe(host: LabHost): string;
}

export interface Release {
  readonly name: string;
  /** Debian's major version. */
  readonly debian: number;
}

/** Where slapd is in a host, all of it absolute paths there. */
export interface Slapd {
  readonly program: string;
  /** There once it was set up; a host without is not expected to run it. */
  readonly sign: string;
  /** argv that starts it, and starts it anew where it runs. */
  readonly start: readonly string[];
  /** The unit that starts it at boot. */
  readonly unit: string;
  /** Its file has capabilities, so that the loader trusts its environment less. */
  readonly capable: boolean;
  /** What to say to somebody who wants a slapd where there is none. */
  readonly remedy: string;
}

export interface NewHost {
  readonly host: LabHost;
  readonly lab: LabRecord;
  /** The host's root directory, mounted and not yet booted. */
  readonly root: string;
  /** The lab's secrets by name, in clear. */
  readonly secrets: Readonly<Record<string, string>>;
}

export interface BootedLab {
  readonly lab: LabRecord;
  readonly secrets: Readonly<Record<string, string>>;
  /** Tells the operator what is being done. */
  phase(text: string): void;
  readonly signal: AbortSignal;
}
