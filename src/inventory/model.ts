/** The inventory as the rest of the program sees it. */
import type { Host } from '../engine/ports.ts';
import type { Value } from '../engine/value.ts';
import type { Text } from '../secrets/secret.ts';

/** How to reach a host: what the inventory says, before `ssh -G` and the defaults fill the gaps. */
export interface Access {
  readonly address?: string;
  readonly port?: number;
  readonly user?: string;
  readonly transport?: 'ssh2' | 'local';
  readonly identityFile?: string;
  readonly knownHosts?: string;
  /** Names of hosts of this inventory, or `user@host:port`; outermost first. */
  readonly jump?: readonly string[];
  /** A string is a reference (`env:NAME`, `file:PATH`, `ask:Prompt`); Ansible's clear ansible_password is a Secret. */
  readonly password?: Text;
  readonly passphrase?: Text;
  /** Without a user: commands run as the login user, and the method serves those that say `as`. */
  readonly become?: { readonly method: 'sudo' | 'su'; readonly user?: string; readonly password?: Text };
  /** Where receipts are kept on the target. */
  readonly receipts?: string;
  /** Settings that are written but cannot be used (vault, Jinja, an unknown method) → why, with file:line. */
  readonly unusable?: Readonly<Record<string, string>>;
}

export interface InventoryHost extends Host {
  readonly access: Access;
}

export interface Inventory {
  /** What was given as -i, for messages. */
  readonly source: string;
  readonly hosts: Readonly<Record<string, InventoryHost>>;
  /** Group → names of its hosts, children included, in the order of the file. `all` is always there. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** Variables of `all`. */
  readonly vars: Readonly<Record<string, Value>>;
  /** Every file read, for the digest of a run. */
  readonly files: readonly string[];
}
