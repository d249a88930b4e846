/** The servers of one lab on which runbooks are played, one after the other. */
import type { SharedLab } from '../lab/shared-lab.ts';
import { type Member, memberAt } from './member.ts';

export interface World {
  readonly lab: SharedLab;
  /** Debian's release, which says which slapd: 11 has 2.4, 12 has 2.5, 13 has 2.6. */
  readonly debian: number;
  member(host: string): Promise<Member>;
  /** For `lockstep`; the passwords that stages have changed. */
  readonly env: Record<string, string>;
  close(): Promise<void>;
}

export function worldOf(lab: SharedLab, debian: number): World {
  const members = new Map<string, Member>();
  return {
    lab,
    debian,
    env: {},
    async member(host) {
      const known = members.get(host);
      if (known) return known;
      const address = lab.record().hosts.find(({ name }) => name === host)?.address;
      if (address === undefined) throw new Error(`the lab has no host ${host}`);
      const member = memberAt(host, address, await lab.secret('rootdn-password'));
      members.set(host, member);
      return member;
    },
    async close() {
      await Promise.all([...members.values()].map((member) => member.close()));
    },
  };
}
