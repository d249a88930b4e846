/** The servers of one lab on which runbooks are played, one after the other. */
import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { labDir } from '../../src/lab/lab-paths.ts';
import type { SharedLab } from '../lab/shared-lab.ts';
import { type Login, type Member, memberAt } from './member.ts';

export interface World {
  readonly lab: SharedLab;
  /** As a line of figures calls it. */
  readonly name: string;
  /** Another one for each world that is played at the same time. */
  readonly number: number;
  /** What `-i` takes. */
  inventory(): string;
  /** From now on this host is in that group of the inventory, and in no other. */
  regroup(host: string, group: string): Promise<void>;
  member(host: string): Promise<Member>;
  /** How often slapd was started there. */
  starts(host: string): Promise<number>;
  /** The longest that a write on one server may take to the others, ms. */
  readonly visibleMs: number;
  /** For `lockstep`; the passwords that stages have changed. */
  readonly env: Record<string, string>;
  close(): Promise<void>;
}

/** What one kind of site does in its own way. */
export interface Site {
  readonly name: string;
  readonly number: number;
  /** How clients log in; `secret` is a file in the lab's `secrets/`. */
  readonly login: Login;
  readonly secret: string;
  /** A script that prints how often slapd was started on a host. */
  readonly starts: string;
  readonly visibleMs: number;
}

export function worldOf(lab: SharedLab, site: Site): World {
  const members = new Map<string, Member>();
  let inventory: string | undefined;
  return {
    lab,
    name: site.name,
    number: site.number,
    visibleMs: site.visibleMs,
    env: {},
    inventory: () => inventory ?? lab.inventory,
    async regroup(host, group) {
      // Beside the lab's own, whose paths are relative.
      const own = `${labDir(lab.name)}/inventory.yaml`;
      const regrouped = `${labDir(lab.name)}/regrouped.yaml`;
      const document = parse(await readFile(inventory ?? own, 'utf8')) as {
        groups: Record<string, { hosts: string[] }>;
      };
      for (const one of Object.values(document.groups)) one.hosts = one.hosts.filter((name) => name !== host);
      document.groups[group]?.hosts.push(host);
      await writeFile(regrouped, stringify(document));
      inventory = regrouped;
    },
    async member(host) {
      const known = members.get(host);
      if (known) return known;
      const address = lab.record().hosts.find(({ name }) => name === host)?.address;
      if (address === undefined) throw new Error(`the lab has no host ${host}`);
      const member = memberAt(host, address, site.login, await lab.secret(site.secret));
      members.set(host, member);
      return member;
    },
    starts: async (host) => Number(await lab.inside(host, site.starts)),
    async close() {
      await Promise.all([...members.values()].map((member) => member.close()));
    },
  };
}
