/** Who may import whom, how long a file may be, and a few words that must not be written. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

interface Import {
  /** Below the root for our own files, else as written: `node:fs`, `ssh2`. */
  readonly to: string;
  readonly typeOnly: boolean;
}

const text = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Static, re-exporting and dynamic imports. */
function importsOf(file: string): Import[] {
  const found: Import[] = [];
  for (const [, keyword, what = '', from] of text(file).matchAll(
    /^(import|export)\b([^;'"]*?)(?:from\s+)?'([^']+)'/gms,
  )) {
    if (keyword === 'export' && !/[*}]\s*$/.test(what)) continue;
    found.push({ to: place(file, from ?? ''), typeOnly: /^\s*type\b/.test(what) });
  }
  for (const [, from] of text(file).matchAll(/import\('([^']+)'\)/g))
    found.push({ to: place(file, from ?? ''), typeOnly: false });
  return found;
}

function place(file: string, from: string): string {
  return from.startsWith('.') ? normalize(join(dirname(file), from)) : from;
}

const source = filesBelow('src');
const tests = filesBelow('test');
const folderOf = (file: string): string => file.split('/')[1] ?? '';

/** `file → import`, for every import of these files that is not allowed. */
function breaches(files: readonly string[], allowed: (to: Import, file: string) => boolean): string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .filter((to) => !allowed(to, file))
      .map(({ to }) => `${file} → ${to}`),
  );
}

/** Folders that touch no world: the same values in, the same values out. */
const PURE = ['runbook', 'inventory', 'plan', 'engine', 'undo', 'localconfig'];
const IMPURE = /^(node:|ssh2$|ldapts$|ink$|react$)/;
/** Files that touch the world, in folders that are pure but for them. */
const DOORS = ['src/runbook/load.ts', 'src/inventory/load.ts', 'src/engine/run.ts'];

describe('imports', () => {
  test('are found at all', () => {
    expect(importsOf('src/journal/append.ts').map(({ to }) => to)).toEqual(
      expect.arrayContaining([
        'node:fs',
        'src/engine/event.ts',
        'src/journal/record.ts',
        'src/journal/journal-error.ts',
      ]),
    );
    expect(importsOf('src/cli.ts')).toContainEqual({ to: 'src/cli/main.ts', typeOnly: false });
  });

  test('of pure folders reach no node:*, network library or screen', () => {
    const pure = source.filter((file) => PURE.includes(folderOf(file)));
    expect(
      breaches(
        pure.filter((file) => !DOORS.includes(file)),
        ({ to }) => !IMPURE.test(to),
      ),
    ).toEqual([]);
  });

  test('of pure folders, and the types of ports, reach no impure file of ours', () => {
    const pure = source.filter((file) => PURE.includes(folderOf(file)) && !DOORS.includes(file));
    const reach = [...PURE, 'secrets'];
    expect(
      breaches(
        pure,
        ({ to, typeOnly }) =>
          !to.startsWith('src/') ||
          typeOnly ||
          ldapValues().includes(to) ||
          (reach.includes(folderOf(to)) && !DOORS.includes(to)),
      ),
    ).toEqual([]);
  });

  test('of the pure files of secrets and ldap that pure folders use stay pure', () => {
    const files = [
      'src/secrets/secret.ts',
      'src/secrets/redact.ts',
      'src/secrets/redact-forms.ts',
      ...ldapValues(),
    ];
    // A digest is a function of its input, whoever computes it, and so is what a certificate says; the salt of a password comes
    // in as a parameter.
    const reckoning = ['certificate', 'digest', 'password'].map((name) => `src/ldap/${name}.ts`);
    expect(
      breaches(
        files,
        ({ to }, file) => !IMPURE.test(to) || (to === 'node:crypto' && reckoning.includes(file)),
      ),
    ).toEqual([]);
  });

  test('of actions see ports, values and pure types only', () => {
    const engine = ['action', 'place', 'ports', 'value', 'duration', 'command-value'].map(
      (name) => `src/engine/${name}.ts`,
    );
    const products = filesBelow('src/localconfig');
    const allowed = new Set([...engine, ...ldapValues(), ...products, 'src/secrets/secret.ts', 'zod']);
    const actions = source.filter((file) => folderOf(file) === 'actions');
    expect(breaches(actions, ({ to }) => folderOf(to) === 'actions' || allowed.has(to))).toEqual([]);
  });

  test('of the engine know no action and no host', () => {
    const engine = source.filter((file) => folderOf(file) === 'engine');
    const far = ['actions', 'hosts', 'journal', 'ldap', 'reporters', 'lab', 'tui', 'cli'];
    expect(breaches(engine, ({ to }) => !far.includes(folderOf(to)))).toEqual([]);
  });

  test('of health, but for what looks at hosts, see values only', () => {
    const allowed = new Set([...healthValues(), ...ldapValues(), 'src/engine/duration.ts']);
    expect(breaches(healthValues(), ({ to, typeOnly }) => typeOnly || allowed.has(to))).toEqual([]);
  });

  test("of reporters see the engine's state and events, and what health makes of a site, only", () => {
    const seen = [
      'src/engine/crossed.ts',
      'src/engine/next.ts',
      'src/engine/state.ts',
      'src/engine/event.ts',
      'src/engine/input.ts',
      'src/engine/action.ts',
      // What is under way just now.
      'src/engine/next.ts',
      // A plan is state too: what is, and what would be.
      'src/engine/forecast/forecast.ts',
      'src/plan/document.ts',
      ...healthValues(),
      ...ldapValues(),
    ];
    const reporters = source.filter((file) => ['reporters', 'tui'].includes(folderOf(file)));
    const own = (to: string): boolean =>
      ['reporters', 'tui'].includes(folderOf(to)) || !to.startsWith('src/');
    expect(breaches(reporters, ({ to }) => own(to) || seen.includes(to))).toEqual([]);
    expect(
      breaches(
        reporters.filter((file) => folderOf(file) === 'reporters'),
        ({ to }) => !IMPURE.test(to),
      ),
    ).toEqual([]);
  });

  test('of the screen but its shells reach no node:*, no network library and no framework', () => {
    const shells = ['src/tui/shell.ts', 'src/tui/words-shell.ts'];
    const pure = source.filter((file) => folderOf(file) === 'tui' && !shells.includes(file));
    expect(breaches(pure, ({ to }) => !IMPURE.test(to))).toEqual([]);
  });

  test('of the journal see the engine only', () => {
    const journal = source.filter((file) => folderOf(file) === 'journal');
    expect(
      breaches(journal, ({ to }) => !to.startsWith('src/') || ['journal', 'engine'].includes(folderOf(to))),
    ).toEqual([]);
  });

  test('reach cli from cli only, and lab from cli and lab only', () => {
    const cli = (file: string): boolean => file === 'src/cli.ts' || folderOf(file) === 'cli';
    expect(
      breaches(
        source.filter((file) => !cli(file)),
        ({ to }) => !cli(to),
      ),
    ).toEqual([]);
    const others = source.filter((file) => !cli(file) && folderOf(file) !== 'lab');
    expect(breaches(others, ({ to }) => folderOf(to) !== 'lab')).toEqual([]);
  });

  test('go round in no circle of values', () => {
    const graph = new Map(
      source.map((file) => [
        file,
        importsOf(file)
          .filter(({ typeOnly }) => !typeOnly)
          .map(({ to }) => to),
      ]),
    );
    expect(source.flatMap((file) => (reaches(graph, file, file) ? [file] : []))).toEqual([]);
  });
});

/** The ldap files that are values: what is neither the client nor its session. */
function ldapValues(): string[] {
  const client = ['directory.ts', 'session.ts', 'product-session.ts', 'ldap-error.ts'];
  return filesBelow('src/ldap').filter((file) => !client.some((name) => file.endsWith(`/${name}`)));
}

/** What makes sense of a look at a site; `observe/` does the looking. */
function healthValues(): string[] {
  return filesBelow('src/health').filter((file) => !file.startsWith('src/health/observe/'));
}

function reaches(graph: ReadonlyMap<string, readonly string[]>, from: string, goal: string): boolean {
  const seen = new Set<string>();
  const left = [...(graph.get(from) ?? [])];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (next === goal) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    left.push(...(graph.get(next) ?? []));
  }
  return false;
}

describe('files', () => {
  const longer = (files: readonly string[], limit: number): string[] =>
    files
      .filter((file) => text(file).split('\n').length - 1 > limit)
      .map((file) => `${file}: ${text(file).split('\n').length - 1}`);

  test('of src stay under 300 lines, tests under 400', () => {
    expect(longer(source, 299)).toEqual([]);
    expect(longer(tests, 399)).toEqual([]);
  });

  test('are named in kebab-case, and for what they hold', () => {
    const vague = /(^|[-/])(manager|handler|helpers?|utils?|common|info)([-.]|$)/;
    expect([...source, ...tests].filter((file) => !/^[a-z0-9./-]+$/.test(file) || vague.test(file))).toEqual(
      [],
    );
  });

  test('export no default, and use no any and no enum', () => {
    const found = source.filter((file) =>
      /^export default|^(export )?(const )?enum |^namespace /m.test(text(file)),
    );
    expect(found).toEqual([]);
  });
});

describe('words', () => {
  const holding = (files: readonly string[], pattern: RegExp): string[] =>
    files.filter((file) => pattern.test(text(file)));

  test('skip and only are in no test', () => {
    expect(holding(tests, /\b(test|it|describe)\.(skip|only|todo|skipIf|runIf|fails)\b/)).toEqual([]);
  });

  test('dryRun is in no action and no transport: a dry run is the same program, stopped earlier', () => {
    expect(
      holding(
        source.filter((file) => ['actions', 'transport'].includes(folderOf(file))),
        /dryRun/,
      ),
    ).toEqual([]);
  });

  test('process.exit is at the entry and at the second signal', () => {
    expect(holding(source, /process\.exit\(/)).toEqual(['src/cli.ts', 'src/cli/signals.ts']);
  });

  test('reveal() is where a secret is handed to a target, and nowhere else', () => {
    const found = holding(source, /\.reveal\(\)|\breveal\(/);
    const adapters = ['ldap', 'secrets', 'transport'];
    // They refuse passwords that would be read back as others, and keep nothing of them.
    expect(found.filter((file) => !adapters.includes(folderOf(file)))).toEqual([
      'src/actions/ldap-agreement-params.ts',
      'src/localconfig/biting-values.ts',
    ]);
  });
});
