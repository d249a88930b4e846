/** The ways to log in to one host, in order: agent, key files, password. */
import { readFile } from 'node:fs/promises';
import type { AnyAuthMethod, AuthenticationType, NextAuthHandler } from 'ssh2';
import ssh2 from 'ssh2';
import { reveal } from '../secrets/secret.ts';
import type { Target } from './transport.ts';

interface Way {
  /** In the operator's words: "key /root/.ssh/id_ed25519". */
  readonly label: string;
  readonly method: AnyAuthMethod;
}

export interface Login {
  readonly ways: readonly Way[];
  /** Why a key file could not be used. */
  readonly problems: readonly string[];
}

/** Reads the key files. A file that is not there is passed over; any other trouble is named. */
export async function readLogin(target: Target): Promise<Login> {
  const username = target.user;
  const ways: Way[] = [];
  const problems: string[] = [];
  if (target.agent !== undefined)
    ways.push({ label: 'agent', method: { type: 'agent', username, agent: target.agent } });
  for (const file of target.identityFiles) {
    const key = await readKey(file, target);
    if (key === undefined) continue;
    if (typeof key === 'string') problems.push(key);
    else ways.push({ label: `key ${file}`, method: { type: 'publickey', username, key } });
  }
  if (target.password !== undefined) {
    const password = reveal(target.password);
    ways.push({ label: 'password', method: { type: 'password', username, password } });
    ways.push({ label: 'keyboard-interactive', method: interactive(username, password) });
  }
  return { ways, problems };
}

async function readKey(file: string, target: Target): Promise<ReturnType<typeof parse> | undefined> {
  let text: Buffer;
  try {
    text = await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'ENOENT' ? undefined : `key ${file} cannot be read: ${code}`;
  }
  return parse(file, text, target.passphrase === undefined ? undefined : reveal(target.passphrase));
}

function parse(file: string, text: Buffer, passphrase: string | undefined) {
  const parsed = ssh2.utils.parseKey(text, passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!(key instanceof Error)) return key?.isPrivateKey() ? key : `${file} holds no private key`;
  if (/no passphrase given/i.test(key.message)) return `key ${file} is encrypted and no passphrase was given`;
  if (/bad passphrase|integrity check/i.test(key.message)) return `key ${file}: the passphrase is wrong`;
  return `key ${file} cannot be used: ${key.message}`;
}

/** Answers the first hidden prompt with the password; asked again, it was wrong. */
function interactive(username: string, password: string): AnyAuthMethod {
  let answered = false;
  return {
    type: 'keyboard-interactive',
    username,
    prompt(_name, _instructions, _lang, prompts, finish) {
      const hidden = prompts.filter((prompt) => prompt.echo !== true);
      if (prompts.length === 0 || (hidden.length === 1 && prompts.length === 1 && !answered)) {
        answered ||= prompts.length > 0;
        finish(prompts.map(() => password));
      } else finish([]);
    },
  };
}

/** Hands out one way after the other that the server still takes; `tried` collects their labels. */
export function authHandler(
  login: Login,
  tried: string[],
  taken: Set<string>,
): (left: AuthenticationType[] | null, partial: boolean | null, next: NextAuthHandler) => void {
  const ways = [...login.ways];
  return (left, _partial, next) => {
    for (const method of left ?? []) taken.add(method);
    for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
      const type = way.method.type === 'agent' ? 'publickey' : way.method.type;
      if (left !== null && !left.includes(type)) continue;
      tried.push(way.label);
      next(way.method);
      return;
    }
    // ssh2's types leave out `false`, its word for "no more": see its README, authHandler.
    (next as (method: AnyAuthMethod | false) => void)(false);
  };
}
