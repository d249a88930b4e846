import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { labDir } from './lab-paths.ts';
import { runProgram } from './run-program.ts';

export interface KeyPair {
  readonly private: string;
  readonly public: string;
}

/** An ed25519 pair in OpenSSH's format at `file` and `file.pub`, without a passphrase. */
export async function makeKey(file: string, comment: string): Promise<KeyPair> {
  await runProgram(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]);
  const [own, shared] = await Promise.all([readFile(file, 'utf8'), readFile(`${file}.pub`, 'utf8')]);
  return { private: own, public: shared.trim() };
}

/** Random passwords, one file a name (mode 0600) in the lab's `secrets/`; resolves to them by name. */
export async function makeSecrets(
  lab: string,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const directory = `${labDir(lab)}/secrets`;
  await mkdir(directory, { mode: 0o700 });
  const secrets = Object.fromEntries(names.map((name) => [name, randomBytes(15).toString('base64url')]));
  for (const [name, value] of Object.entries(secrets)) {
    await writeFile(`${directory}/${name}`, `${value}\n`, { mode: 0o600 });
  }
  return secrets;
}
