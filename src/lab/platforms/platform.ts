/** One product the lab can run: what its image holds, and what makes one host of it different from another. */
export interface Platform {
  readonly name: string;
  /** Name of the n-th host, from 1. */
  hostName(index: number): string;
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
  /** The group of the inventory that all hosts are in; bare ones are in `bare`. */
  readonly group: string;
  /** TCP ports that answer once a host is ready, besides 22. */
  readonly ports: readonly number[];
  /** Fills a host's own root before its first boot. */
  prepare(host: NewHost): Promise<void>;
  /** What `lab up` says about the n-th host, from 1. */
  describe(index: number, bare: boolean): string;
}

export interface NewHost {
  readonly name: string;
  /** From 1. */
  readonly index: number;
  /** Without the product: packages for it are on the host. */
  readonly bare: boolean;
  /** The host's root directory, mounted and not yet booted. */
  readonly root: string;
  /** The image's directory, with what `customise` left beside its root. */
  readonly image: string;
  /** The lab's secrets by name, in clear. */
  readonly secrets: Readonly<Record<string, string>>;
}
