/** What ~/.ssh/config says about a host, as `ssh -G` works it out: OpenSSH's own reading, Match and Include included. */
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { homedir, hostname, userInfo } from 'node:os';
import { promisify } from 'node:util';
import { atMost } from './at-most.ts';
import { matteringConfig } from './ssh-config-scan.ts';

/** The settings of one host; `ssh -G` over OpenSSH's defaults. */
export interface SshSettings {
  readonly hostname: string;
  readonly user: string;
  readonly port: number;
  /** Private keys that exist; hardware keys (`_sk`) are left out, since ssh2 cannot use them. */
  readonly identityFiles: readonly string[];
  /** Path of the agent's socket; absent when there is none. */
  readonly agent?: string;
  /** Outermost first; absent without ProxyJump. */
  readonly jump?: readonly string[];
  readonly proxyCommand?: string;
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  readonly hostKeyAlias?: string;
  readonly identitiesOnly: boolean;
  /** Milliseconds. Absent when ServerAliveInterval is 0, OpenSSH's default: `ssh -G` cannot tell it from one that is set. */
  readonly keepaliveMs?: number;
  readonly keepaliveTries?: number;
  /** Milliseconds; absent without ConnectTimeout. */
  readonly connectTimeoutMs?: number;
}

export interface SshQuery {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** Looks a host up; the same question is asked once. Rejects when ssh refuses its own configuration. */
export type SshConfig = (query: SshQuery) => Promise<SshSettings>;

export interface SshConfigOptions {
  /** In place of ~/.ssh/config and /etc/ssh/ssh_config, as `ssh -F`. */
  readonly file?: string;
  readonly ssh?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly home?: string;
  readonly user?: string;
}

const AT_ONCE = 16;
const TIMEOUT_MS = 5000;
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** One for a run. No process is started when no file has a setting that matters, or there is no ssh. */
export function createSshConfig(options: SshConfigOptions = {}): SshConfig {
  const home = options.home ?? homedir();
  const files = options.file === undefined ? [`${home}/.ssh/config`, '/etc/ssh/ssh_config'] : [options.file];
  const asked = new Map<string, Promise<SshSettings>>();
  const slots = atMost(AT_ONCE);
  let matters: Promise<boolean> | undefined;
  const ask = async (query: SshQuery): Promise<SshSettings> => {
    matters ??= matteringConfig(files, home);
    const text = (await matters) ? await slots(() => runSsh(query, options)) : undefined;
    return settingsOf(text ?? '', query, options, home);
  };
  return (query) => {
    const key = JSON.stringify([query.host, query.user, query.port]);
    const settings = asked.get(key) ?? ask(query);
    asked.set(key, settings);
    return settings;
  };
}

/** Output of `ssh -G`; undefined when there is no ssh. */
async function runSsh(query: SshQuery, options: SshConfigOptions): Promise<string | undefined> {
  if (query.host.startsWith('-'))
    throw new Error(`${query.host}: a host name cannot begin with "-"; mend the inventory`);
  const argv = [
    '-G',
    ...(options.file === undefined ? [] : ['-F', options.file]),
    ...(query.user === undefined ? [] : ['-l', query.user]),
    ...(query.port === undefined ? [] : ['-p', String(query.port)]),
    '--',
    query.host,
  ];
  try {
    const env = { ...(options.env ?? process.env), LC_ALL: 'C' };
    const { stdout } = await promisify(execFile)(options.ssh ?? 'ssh', argv, { timeout: TIMEOUT_MS, env });
    return stdout;
  } catch (error) {
    const failure = error as NodeJS.ErrnoException & { stderr?: string; killed?: boolean };
    if (failure.code === 'ENOENT') return undefined;
    const why =
      failure.killed === true ? `no answer within ${TIMEOUT_MS / 1000} s` : (failure.stderr ?? '').trim();
    const next = 'try it by hand, and mend ~/.ssh/config (a slow "Match exec" is a usual cause)';
    throw new Error(`${query.host}: ssh -G ${query.host} failed: ${why || failure.message}; ${next}`, {
      cause: error,
    });
  }
}

/** Reads `ssh -G`'s lines, `key value`; an empty text gives the defaults. Asks the disk which keys exist. */
async function settingsOf(
  text: string,
  query: SshQuery,
  options: SshConfigOptions,
  home: string,
): Promise<SshSettings> {
  const env = options.env ?? process.env;
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (key !== '') values.set(key, [...(values.get(key) ?? []), value]);
  }
  const one = (key: string): string | undefined => values.get(key)?.[0];
  const host = one('hostname') ?? query.host;
  const user = query.user ?? one('user') ?? options.user ?? userInfo().username;
  const port = query.port ?? Number(one('port') ?? 22);
  const expand = expander({ home, host, user, port, name: query.host, env });
  const keys = values.get('identityfile') ?? DEFAULT_KEYS.map((key) => `${home}/.ssh/${key}`);
  const agent = agentOf(one('identityagent'), env, expand);
  const jump = one('proxyjump');
  const proxyCommand = one('proxycommand');
  const alias = one('hostkeyalias');
  return {
    hostname: host,
    user,
    port,
    identityFiles: await existing(keys.map(expand).filter((key) => !key.endsWith('_sk'))),
    ...(agent === undefined ? {} : { agent }),
    ...(jump === undefined || jump === 'none' ? {} : { jump: jump.split(',') }),
    ...(proxyCommand === undefined || proxyCommand === 'none' ? {} : { proxyCommand }),
    userKnownHosts: paths(one('userknownhostsfile') ?? '~/.ssh/known_hosts ~/.ssh/known_hosts2').map(expand),
    globalKnownHosts: paths(
      one('globalknownhostsfile') ?? '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2',
    ).map(expand),
    ...(alias === undefined ? {} : { hostKeyAlias: alias }),
    identitiesOnly: one('identitiesonly') === 'yes',
    ...patienceOf(one),
  };
}

/** How long silence is borne. `ssh -G` prints whole seconds, and `none` where there is no limit. */
function patienceOf(
  one: (key: string) => string | undefined,
): Pick<SshSettings, 'keepaliveMs' | 'keepaliveTries' | 'connectTimeoutMs'> {
  const above0 = (key: string): number | undefined => {
    const value = Number(one(key));
    return value > 0 ? value : undefined;
  };
  const interval = above0('serveraliveinterval');
  const tries = above0('serveralivecountmax');
  const connect = above0('connecttimeout');
  return {
    ...(interval === undefined ? {} : { keepaliveMs: interval * 1000 }),
    ...(interval === undefined || tries === undefined ? {} : { keepaliveTries: tries }),
    ...(connect === undefined ? {} : { connectTimeoutMs: connect * 1000 }),
  };
}

/** `ssh -G` joins paths with blanks and quotes none; a path begins with / or ~. */
function paths(text: string): string[] {
  return text.split(/ (?=[/~%$])/).filter((path) => path !== '' && path !== 'none' && path !== '/dev/null');
}

function agentOf(
  setting: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  expand: (path: string) => string,
): string | undefined {
  if (setting === 'none') return undefined;
  if (setting === undefined || setting === 'SSH_AUTH_SOCK') return env.SSH_AUTH_SOCK || undefined;
  return setting.startsWith('$') ? env[setting.slice(1)] : expand(setting);
}

/** ~ and the tokens of ssh_config(5) that paths are written with. */
function expander(of: {
  readonly home: string;
  readonly host: string;
  readonly user: string;
  readonly port: number;
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}): (path: string) => string {
  const tokens: Readonly<Record<string, string>> = {
    '%': '%',
    d: of.home,
    h: of.host,
    r: of.user,
    p: String(of.port),
    n: of.name,
    u: userInfo().username,
    l: hostname(),
    L: hostname().split('.')[0] ?? '',
    i: String(process.getuid?.() ?? ''),
  };
  return (path) =>
    path
      .replace(/^~(?=\/|$)/, of.home)
      .replace(/\$\{(\w+)\}/g, (whole, name: string) => of.env[name] ?? whole)
      .replace(/%(.)/g, (whole, token: string) => tokens[token] ?? whole);
}

async function existing(files: readonly string[]): Promise<string[]> {
  const there = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return [...new Set(files.filter((_, index) => there[index]))];
}
