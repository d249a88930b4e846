/** Canaries as the passwords of logins and of sudo and su, and as the passphrase of a key: ways to one host under many names. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { SharedLab } from '../shared-lab.ts';
import type { Canary } from './canaries.ts';
import { writeInventory } from './sources.ts';

export interface Access {
  readonly inventory: string;
  readonly runbook: string;
  readonly env: Readonly<Record<string, string>>;
  /** How many ways there are. */
  readonly ways: number;
}

const PASSWORDS = [
  'single quotes',
  'double quotes',
  'backslashes',
  'blanks around and between',
  'a variable',
  'backticks',
  'umlauts',
  'an option',
];
const ROOT = 'signs of a URL';
const PASSPHRASE = 'emoji';

/** Needs the canaries to lie in /root/sources of the host, from where it is made to say them. */
export async function layAccess(
  lab: SharedLab,
  folder: string,
  canaries: readonly Canary[],
): Promise<Access> {
  const of = (shape: string): Canary => {
    const found = canaries.find((canary) => canary.shape === shape);
    if (!found) throw new Error(`no canary of shape ${shape}`);
    return found;
  };
  const users = PASSWORDS.map((shape, index) => ({ user: `canary${index}`, canary: of(shape) }));
  await lab.inside(
    'ldap1',
    `for user in ${users.map(({ user }) => user).join(' ')}; do useradd -m -s /bin/sh "$user"; echo "$user ALL=(ALL) ALL"; done >/etc/sudoers.d/canaries
chmod 0440 /etc/sudoers.d/canaries; chpasswd`,
    [...users, { user: 'root', canary: of(ROOT) }]
      .map(({ user, canary }) => `${user}:${canary.value}\n`)
      .join(''),
  );
  const key = ssh2.utils.generateKeyPairSync('ed25519', {
    passphrase: of(PASSPHRASE).value,
    cipher: 'aes256-ctr',
    rounds: 16,
  });
  const identity = join(folder, 'id_canary');
  writeFileSync(identity, key.private, { mode: 0o600 });
  await lab.inside(
    'ldap1',
    'umask 077; mkdir -p /root/.ssh; cat >>/root/.ssh/authorized_keys',
    `${key.public}\n`,
  );

  const [machine] = lab.record().hosts;
  const reach = { address: 'ldap1.lab.example', connect: machine?.address };
  const reference = ({ name }: Canary, index: number): string =>
    [
      `env:CANARY_${name}`,
      `file:${join(folder, 'sources', name)}`,
      `command:cat ${join(folder, 'sources', name)}`,
    ][index % 3] ?? '';
  const hosts: Record<string, unknown> = {};
  for (const [index, { user, canary }] of users.entries()) {
    const password = reference(canary, index);
    const become = { method: 'sudo', user: 'root', password };
    hosts[`way${index}`] = { ...reach, user, password, become, vars: { says: canary.name } };
  }
  const first = users[0] as (typeof users)[number];
  hosts['by-su'] = {
    ...reach,
    user: first.user,
    password: reference(first.canary, 1),
    become: { method: 'su', user: 'root', password: reference(of(ROOT), 0) },
    vars: { says: of(ROOT).name },
  };
  hosts['by-key'] = {
    ...reach,
    identity,
    passphrase: reference(of(PASSPHRASE), 1),
    vars: { says: of(PASSPHRASE).name },
  };

  const used = [...users.map(({ canary }) => canary), of(ROOT), of(PASSPHRASE)];
  const inventory = writeInventory(lab, join(folder, 'access.yaml'), {
    groups: { masters: { hosts: Object.keys(hosts) } },
    hosts,
  });
  const runbook = join(folder, 'again.yaml');
  writeFileSync(runbook, accessRunbook);
  return {
    inventory,
    runbook,
    env: Object.fromEntries(used.map(({ name, value }) => [`CANARY_${name}`, value])),
    ways: Object.keys(hosts).length,
  };
}

/** No secret is its own: what the host says again is known from the way to it. */
const accessRunbook = `format: lockstep/1
name: lab/again
version: 1.0.0
title: Hosts say again what opened them
steps:
  - id: look
    title: A look that says it
    on: masters
    order: serial
    read.command: { script: 'cat "/root/sources/$NAME"', env: { NAME: "\${{ host.vars.says }}" } }
    capture: { said: "\${{ result.stdout }}" }
  - id: again
    title: A failure that says it
    on: masters
    order: serial
    on-failure: continue
    tolerate: 100
    repeat: once
    on-doubt: ask
    command:
      script: |
        f=/root/sources/$NAME
        cat "$f"; echo; base64 "$f"; base64 "$f" >&2
        printf 'cannot log in with ' >&2; cat "$f" >&2
        exit 1
      env: { NAME: "\${{ host.vars.says }}" }
`;
