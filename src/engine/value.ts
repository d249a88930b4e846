import type { Secret } from '../secrets/secret.ts';

/** What expressions yield, captures keep and parameters hold: JSON, plus secrets that render as their name. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Secret
  | readonly Value[]
  | { readonly [key: string]: Value };

/** A value that is not there yet. It spreads: whatever uses it is unknown too, and no branch is taken on it. */
export class Unknown {
  /** What it waits for, in the operator's words: "captured.sid of step query on ldap2". */
  readonly because: string;

  constructor(because: string) {
    this.because = because;
  }
}
