/** What Ansible's ansible_ssh_common_args and its kin say about the way to a host. */
import { splitWords } from './words.ts';

export interface SshArgs {
  jump?: readonly string[];
  user?: string;
  port?: number;
  identityFile?: string;
  knownHosts?: string;
  /** What is written but not taken over, in the operator's words. */
  readonly ignored: string[];
  /** What cannot be ignored: the way to the host is not known without it. */
  unusable?: string;
}

/** Of the pool's own making, or without a meaning here. Lower case. */
const HARMLESS = new Set([
  'controlmaster',
  'controlpersist',
  'controlpath',
  'connecttimeout',
  'connectionattempts',
  'serveraliveinterval',
  'serveralivecountmax',
  'tcpkeepalive',
  'compression',
  'loglevel',
  'batchmode',
  'forwardagent',
  'requesttty',
  'identitiesonly',
  'preferredauthentications',
  'passwordauthentication',
  'kbdinteractiveauthentication',
  'forwardx11',
  'addkeystoagent',
  'sendenv',
  'setenv',
  'ipqos',
]);
/** The options of ssh(1) that take an argument. */
const WITH_ARGUMENT = 'BbcDEeFIiJLlmOoPpQRSWw';

/** Reads the arguments of an ssh command line, without destination. */
export function parseSshArgs(text: string): SshArgs {
  const found: SshArgs = { ignored: [] };
  const split = splitWords(text);
  if ('problem' in split) return { ...found, unusable: split.problem };
  const named: Readonly<Record<string, string>> = { J: 'ProxyJump', p: 'Port', l: 'User', i: 'IdentityFile' };
  for (const { flag, argument } of options(split.words)) {
    const name = Object.hasOwn(named, flag) ? named[flag] : undefined;
    if (flag === '') found.ignored.push(`the word "${argument}"`);
    else if (flag === 'o') takeOption(found, argument);
    else if (name !== undefined) takeOption(found, `${name}=${argument}`);
    else if (argument !== '') found.ignored.push(`-${flag} ${argument}`);
  }
  return found;
}

/** Flags with their arguments, in order; a bare word has the flag ''. `-qT` is two flags, `-p22` one with argument. */
function options(words: readonly string[]): { readonly flag: string; readonly argument: string }[] {
  const found: { flag: string; argument: string }[] = [];
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (!/^-[A-Za-z0-9]/.test(word)) {
      found.push({ flag: '', argument: word });
      continue;
    }
    const takes = [...word].findIndex((char, index) => index > 0 && WITH_ARGUMENT.includes(char));
    const flags = takes < 0 ? word.slice(1) : word.slice(1, takes);
    found.push(...[...flags].map((flag) => ({ flag, argument: '' })));
    if (takes < 0) continue;
    const attached = word.slice(takes + 1);
    found.push({ flag: word[takes] ?? '', argument: attached === '' ? (queue.shift() ?? '') : attached });
  }
  return found;
}

function takeOption(found: SshArgs, option: string): void {
  const [, name = '', value = ''] = /^\s*([A-Za-z0-9]+)\s*[=\s]\s*(.*)$/s.exec(option) ?? [];
  switch (name.toLowerCase()) {
    case 'proxyjump':
      found.jump = value === 'none' ? [] : value.split(',').map((hop) => hop.trim());
      break;
    case 'proxycommand': {
      const hop = value === 'none' ? [] : jumpOfCommand(value);
      if (hop) found.jump = hop;
      else found.unusable = `ProxyCommand "${value}" is not of the form "ssh -W %h:%p HOST"`;
      break;
    }
    case 'user':
      found.user = value;
      break;
    case 'port':
      found.port = Number(value);
      break;
    case 'identityfile':
      found.identityFile = value;
      break;
    case 'userknownhostsfile':
      if (value === '/dev/null')
        found.ignored.push('UserKnownHostsFile=/dev/null (host keys are always checked)');
      else found.knownHosts = value.split(/\s+/)[0] ?? value;
      break;
    case 'stricthostkeychecking':
      if (value !== 'yes' && value !== 'ask') {
        found.ignored.push(`StrictHostKeyChecking=${value} (host keys are always checked)`);
      }
      break;
    default:
      if (!HARMLESS.has(name.toLowerCase())) found.ignored.push(`-o ${option}`);
  }
}

/** `ssh -W %h:%p [-q] [-l user] [-p port] gate` is a jump written the old way; other options make it another thing. */
export function jumpOfCommand(command: string): string[] | undefined {
  const split = splitWords(command);
  if ('problem' in split || !/^(?:\/usr\/bin\/)?ssh$/.test(split.words[0] ?? '')) return undefined;
  const given = options(split.words.slice(1));
  const all = (flag: string): string[] =>
    given.filter((each) => each.flag === flag).map((each) => each.argument);
  const gates = all('');
  const forwards = all('W').some((target) => target === '%h:%p' || target === '[%h]:%p');
  const meaningful = given.some(
    ({ flag, argument }) =>
      !/^[WlpqTaxC46]?$/.test(flag) &&
      !(flag === 'o' && /^(ControlPath|LogLevel|StrictHostKeyChecking)/i.test(argument)),
  );
  const [gate] = gates;
  if (!forwards || gate === undefined || gates.length > 1 || meaningful) return undefined;
  const user = all('l').at(-1);
  const port = all('p').at(-1);
  return [`${user === undefined ? '' : `${user}@`}${gate}${port === undefined ? '' : `:${port}`}`];
}
