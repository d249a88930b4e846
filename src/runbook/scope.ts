import type { Host } from '../engine/ports.ts';
import type { Unknown, Value } from '../engine/value.ts';
import type { Secret } from '../secrets/secret.ts';

/** What an expression may see. Objects handed in are converted once and must not change afterwards. */
export interface Scope {
  /** Inputs of type host and hosts as hosts. */
  readonly inputs: Readonly<Record<string, Value | Host | readonly Host[]>>;
  readonly inventory: {
    readonly vars: Readonly<Record<string, Value>>;
    readonly hosts: Readonly<Record<string, Host>>;
  };
  readonly run: { readonly id: string /** ISO 8601 */; readonly started: string };
  /** The host of the task; absent where none is chosen yet (`on`, defaults of inputs). */
  readonly host?: Host;
  /** The item of `for-each`. */
  readonly item?: Value;
  /** What the act or the probe gave; in capture, until, check and verify. */
  readonly result?: Value | Unknown;
  /** What it throws reaches the caller of `resolve` as it is. */
  secrets(name: string): Secret | Unknown;
  /** What a host captured; undefined when that has not happened. */
  captured(host: string, name: string): Value | Unknown | undefined;
}
