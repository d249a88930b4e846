type Env = Readonly<Record<string, string | undefined>>;

const withdrawn: Record<string, string | undefined> = {};

/** The environment as this process was given it, for its own reading. */
export function ownEnv(): Env {
  return { ...withdrawn, ...process.env };
}

/** What lockstep starts from here on inherits these no more; a second run in this process (an undo) still reads them. */
export function withdraw(names: readonly string[]): void {
  for (const name of names) {
    if (process.env[name] !== undefined) withdrawn[name] = process.env[name];
    delete process.env[name];
  }
}
