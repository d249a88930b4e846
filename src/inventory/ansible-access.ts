/** What Ansible's connection variables say about reaching a host, as Access. */
import { Secret, type Text } from '../secrets/secret.ts';
import { type Draft, type HostDraft, report, type Variable, type Variables } from './draft.ts';
import type { Access } from './model.ts';
import { parseSshArgs } from './ssh-args.ts';

type Writable = { -readonly [K in keyof Access]: Access[K] };

/** Newest name last, since the last one that is there wins in Ansible; `lockstep_` ones win over all. */
const NAMES = {
  address: ['ansible_host', 'ansible_ssh_host'],
  port: ['ansible_port', 'ansible_ssh_port', 'lockstep_port'],
  user: ['ansible_user', 'ansible_ssh_user', 'lockstep_user'],
  identity: ['ansible_private_key_file', 'ansible_ssh_private_key_file', 'lockstep_identity'],
  knownHosts: ['lockstep_known_hosts'],
  jump: ['lockstep_jump'],
  receipts: ['lockstep_receipts'],
  connection: ['ansible_connection', 'lockstep_transport'],
  password: ['ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password', 'lockstep_password'],
  passphrase: ['lockstep_passphrase'],
  become: ['ansible_become', 'ansible_sudo'],
  becomeMethod: ['ansible_become_method', 'lockstep_become_method'],
  becomeUser: ['ansible_become_user', 'lockstep_become_user'],
  becomePassword: [
    'ansible_sudo_pass',
    'ansible_su_pass',
    'ansible_become_pass',
    'ansible_become_password',
    'lockstep_become_password',
  ],
  sshArgs: ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'],
} as const;

const SECRET_NAMES: readonly string[] = [...NAMES.password, ...NAMES.becomePassword].filter((name) =>
  name.startsWith('ansible_'),
);
const CONNECTIONS: Readonly<Record<string, 'ssh2' | 'local'>> = {
  ssh: 'ssh2',
  smart: 'ssh2',
  paramiko: 'ssh2',
  paramiko_ssh: 'ssh2',
  ssh2: 'ssh2',
  'ansible.builtin.ssh': 'ssh2',
  'ansible.builtin.paramiko_ssh': 'ssh2',
  'ansible.netcommon.libssh': 'ssh2',
  local: 'local',
  'ansible.builtin.local': 'local',
};

/** True for variables whose clear text must not be seen by runbooks, journals or screens. */
export function isAnsiblePassword(name: string): boolean {
  return SECRET_NAMES.includes(name);
}

/** Reads a host's merged variables. `path` resolves what Ansible resolves: from the working directory. */
export function ansibleAccess(
  draft: Draft,
  host: HostDraft,
  variables: Variables,
  path: (text: string) => string,
): Access {
  const access: Writable = {};
  const unusable: Record<string, string> = {};
  const last = (names: readonly string[]): readonly [string, Variable] | undefined => {
    const found = names.filter((name) => variables.has(name)).at(-1);
    const variable = found === undefined ? undefined : variables.get(found);
    return found === undefined || variable === undefined ? undefined : [found, variable];
  };
  const text = (field: string, names: readonly string[]): string | undefined => {
    const [, variable] = last(names) ?? [];
    if (variable && 'absent' in variable) unusable[field] = variable.absent;
    if (!variable || !('value' in variable) || variable.value === null || variable.value === '')
      return undefined;
    return String(variable.value);
  };
  const secret = (field: string, names: readonly string[]): Text | undefined => {
    const value = text(field, names);
    const [name = '', variable] = last(names) ?? [];
    if (value === undefined || name.startsWith('lockstep_')) return value;
    if (variable) {
      report(
        draft,
        'warning',
        variable.place,
        name,
        `${name} is a password in clear text`,
        'keep it elsewhere and write lockstep_password or lockstep_become_password: env:NAME',
      );
    }
    return new Secret(`${name} of ${host.name}`, value);
  };

  takeSshArgs(draft, access, unusable, NAMES.sshArgs, variables, path);
  set(access, 'address', text('address', NAMES.address));
  set(access, 'user', text('user', NAMES.user));
  const port = text('port', NAMES.port);
  if (port !== undefined) access.port = Number(port);
  if (
    access.port !== undefined &&
    !(Number.isInteger(access.port) && access.port > 0 && access.port < 65536)
  ) {
    unusable.port = `the port of ${host.name} must be 1 to 65535, got "${access.port}"`;
    delete access.port;
  }
  const identity = text('identity', NAMES.identity);
  if (identity !== undefined) access.identityFile = path(identity);
  const knownHosts = text('known-hosts', NAMES.knownHosts);
  if (knownHosts !== undefined) access.knownHosts = path(knownHosts);
  const jump = text('jump', NAMES.jump);
  if (jump !== undefined) access.jump = jump.split(',').map((hop) => hop.trim());
  set(access, 'receipts', text('receipts', NAMES.receipts));
  set(access, 'password', secret('password', NAMES.password));
  set(access, 'passphrase', secret('passphrase', NAMES.passphrase));
  const connection = text('connection', NAMES.connection);
  if (connection !== undefined) {
    const transport = Object.hasOwn(CONNECTIONS, connection) ? CONNECTIONS[connection] : undefined;
    if (transport) access.transport = transport;
    else unusable.connection = `ansible_connection=${connection} of ${host.name} is none of ssh and local`;
  }
  takeBecome(access, unusable, host, text, secret, last(NAMES.becomeUser)?.[0] === 'lockstep_become_user');
  return Object.keys(unusable).length > 0 ? { ...access, unusable } : access;
}

function takeBecome(
  access: Writable,
  unusable: Record<string, string>,
  host: HostDraft,
  text: (field: string, names: readonly string[]) => string | undefined,
  secret: (field: string, names: readonly string[]) => Text | undefined,
  ours: boolean,
): void {
  const wanted = /^(true|yes|on|1|y|t)$/i.test(text('become', NAMES.become) ?? '') || ours;
  const method = (text('become.method', NAMES.becomeMethod) ?? 'sudo').replace('ansible.builtin.', '');
  const user = text('become.user', NAMES.becomeUser) ?? 'root';
  const password = secret('become.password', NAMES.becomePassword);
  if (method !== 'sudo' && method !== 'su') {
    unusable['become.method'] = `ansible_become_method=${method} of ${host.name} is none of sudo and su`;
    return;
  }
  if (!wanted && password === undefined && method === 'sudo') return;
  // Without ansible_become the login user runs things, as in Ansible; the method still serves a command's `as`.
  access.become = { method, ...(wanted ? { user } : {}), ...(password === undefined ? {} : { password }) };
}

function takeSshArgs(
  draft: Draft,
  access: Writable,
  unusable: Record<string, string>,
  names: readonly string[],
  variables: Variables,
  path: (text: string) => string,
): void {
  for (const name of names) {
    const variable = variables.get(name);
    if (!variable) continue;
    if ('absent' in variable) {
      unusable[name] = variable.absent;
      continue;
    }
    if (typeof variable.value !== 'string') continue;
    const parsed = parseSshArgs(variable.value);
    const at = `${variable.place.file}:${variable.place.line}`;
    if (parsed.unusable !== undefined) unusable[name] = `${name} (${at}): ${parsed.unusable}`;
    set(access, 'jump', parsed.jump);
    set(access, 'user', parsed.user);
    set(access, 'port', parsed.port);
    if (parsed.identityFile !== undefined) access.identityFile = path(parsed.identityFile);
    if (parsed.knownHosts !== undefined) access.knownHosts = path(parsed.knownHosts);
    for (const what of parsed.ignored) {
      report(
        draft,
        'warning',
        variable.place,
        name,
        `${name}: ${what} is not taken over`,
        'check that the host is reached without it',
      );
    }
  }
}

function set<K extends keyof Writable>(access: Writable, key: K, value: Writable[K] | undefined): void {
  if (value !== undefined) access[key] = value as Writable[K];
}
