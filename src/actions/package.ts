import { z } from 'zod';
import type { Change, ChangeAction, DiffLine, Inverse } from '../engine/action.ts';
import { anythingOn } from '../engine/place.ts';
import type { CommandResult, ReadPorts, WritePorts } from '../engine/ports.ts';
import { ActionError } from './action-error.ts';
import { commandFailed, exitedWith, lastLine, linesOf } from './exit-text.ts';
import { changeApt, changeDnf, readPackages, simulateApt } from './package-scripts.ts';
import { openText } from './text-param.ts';

const packageName = openText.regex(/^[A-Za-z0-9][A-Za-z0-9+._:-]*$/, {
  error: 'must be the name of a package',
});

const params = z
  .strictObject({
    name: packageName.optional().describe('One package. Either this or `names`.'),
    names: z.array(packageName).min(1).optional().describe('Several packages, handled in one go.'),
    state: z
      .enum(['present', 'absent'])
      .default('present')
      .describe('A package that is there is not upgraded.'),
    version: openText
      .regex(/^[A-Za-z0-9][A-Za-z0-9+.:~_^-]*$/, { error: 'must be a version' })
      .optional()
      .describe('Exactly this version, as dpkg (or rpm, VERSION-RELEASE) writes it; only with `name`.'),
  })
  .refine((params) => (params.name === undefined) !== (params.names === undefined), {
    error: 'give exactly one of name and names',
  })
  .refine(
    (params) => params.version === undefined || (params.name !== undefined && params.state !== 'absent'),
    {
      error: 'belongs to one `name` that is to be present',
      path: ['version'],
    },
  );

type Params = z.input<typeof params>;

interface Facts {
  readonly tool: 'apt' | 'dnf';
  /** Installed version of each package; absent ones are missing here. */
  readonly versions: Readonly<Record<string, string>>;
  /** Arguments for the tool; empty when nothing is to do. */
  readonly wanted: readonly string[];
  /** What the tool's own dry run said; undefined where there is none. */
  readonly told: { readonly lines: readonly DiffLine[]; readonly removes: boolean } | string | undefined;
}

const approved = z.strictObject({
  tool: z.enum(['apt', 'dnf']),
  verb: z.enum(['install', 'remove']),
  wanted: z.array(z.string()).min(1),
  removes: z.boolean(),
});

export const packageAction: ChangeAction<Params, Facts> = {
  kind: 'change',
  proof: 'readback',
  name: 'package',
  about:
    'Installs or removes packages with apt or dnf, without questions; old configuration files stay. With apt the plan shows ' +
    'what else would come or go, and nothing is removed that it did not show.',
  params,
  told: true,
  reads: (host) => [{ host, path: ['packages'] }],
  touches: (host) => [anythingOn(host)],
  read,
  diff,
  write: async (_params, changes, ports) => {
    const [change] = changes;
    return change === undefined ? {} : { command: await apply(approved.parse(change.data), ports) };
  },
  result: (params, facts) => ({
    versions: Object.fromEntries(namesOf(params).map((name) => [name, facts.versions[name] ?? null])),
  }),
  undo: {
    about:
      'A package that was installed is removed, one that was removed is installed, in the version there is then. What came ' +
      'or went with it, and its configuration files, are left; a change of version is not undone.',
    inverse,
  },
};

function inverse(params: Params, _changes: readonly Change[], { versions }: Facts): Inverse {
  const names = namesOf(params);
  const there = names.filter((name) => versions[name] !== undefined);
  if (params.state === 'absent') return turned(there, 'present');
  // One that is there was touched only where a version was asked for.
  const cannot = (params.version === undefined ? [] : there).map(
    (name) =>
      `${name} was ${versions[name]} before; a change of version is not taken back. If it must be, install that version by hand`,
  );
  return {
    ...turned(
      names.filter((name) => versions[name] === undefined),
      'absent',
    ),
    cannot,
  };
}

function turned(names: readonly string[], state: 'present' | 'absent'): Inverse {
  const call = { action: 'package', params: { names, state } };
  return { calls: names.length > 0 ? [call] : [], cannot: [] };
}

function namesOf(params: Params): readonly string[] {
  return params.names ?? (params.name === undefined ? [] : [params.name]);
}

async function read(params: Params, ports: ReadPorts): Promise<Facts> {
  const names = namesOf(params);
  const asked = await ports.probe({
    script: readPackages,
    env: { LC_ALL: 'C', LOCKSTEP_NAMES: names.join(' ') },
  });
  if (exitedWith(asked.exit, [3])) {
    throw new ActionError('package: the host has neither apt nor dnf', {
      next: 'Use `command` on this host.',
      command: asked,
    });
  }
  if (!exitedWith(asked.exit, [0])) throw commandFailed('asking for the installed packages', asked);
  const { tool, versions } = parsePackages(asked.stdout, names);
  const wanted = wantedOf(params, tool, versions);
  if (wanted.length === 0 || tool === 'dnf') return { tool, versions, wanted, told: undefined };
  const simulated = await ports.probe({
    script: simulateApt,
    env: { LC_ALL: 'C', LOCKSTEP_VERB: verbOf(params), LOCKSTEP_WANTED: wanted.join(' ') },
  });
  const told = exitedWith(simulated.exit, [0]) ? parseSimulation(simulated.stdout) : lastLine(simulated);
  return { tool, versions, wanted, told };
}

export function parsePackages(stdout: string, names: readonly string[]): Pick<Facts, 'tool' | 'versions'> {
  const [first, ...lines] = linesOf(stdout);
  const tool = first === 'tool apt' ? 'apt' : first === 'tool dnf' ? 'dnf' : undefined;
  const versions: Record<string, string> = {};
  for (const line of lines) {
    const [word, name, version] = line.split(' ');
    if (word === 'has' && name !== undefined && version !== undefined) versions[name] = version;
  }
  if (tool === undefined || lines.length !== names.length) {
    throw new ActionError(
      `package: the list of installed packages cannot be read: "${stdout.slice(0, 200)}"`,
    );
  }
  return { tool, versions };
}

function wantedOf(
  params: Params,
  tool: 'apt' | 'dnf',
  versions: Readonly<Record<string, string>>,
): readonly string[] {
  const names = namesOf(params);
  if (params.state === 'absent') return names.filter((name) => versions[name] !== undefined);
  const { version } = params;
  if (version === undefined) return names.filter((name) => versions[name] === undefined);
  return names
    .filter((name) => versions[name] !== version)
    .map((name) => `${name}${tool === 'apt' ? '=' : '-'}${version}`);
}

function verbOf(params: Params): 'install' | 'remove' {
  return params.state === 'absent' ? 'remove' : 'install';
}

/** `Inst NAME [OLD] (NEW ORIGIN [ARCH])` and `Remv NAME [OLD]`; `Conf` repeats what `Inst` said. */
export function parseSimulation(stdout: string): { lines: readonly DiffLine[]; removes: boolean } {
  const lines: DiffLine[] = [];
  let removes = false;
  for (const line of linesOf(stdout)) {
    const match = /^(Inst|Remv|Purg) (\S+)(?: \[([^\]]+)\])?(?: \((\S+))?/.exec(line);
    if (match === null) continue;
    const [, verb, name, old, fresh] = match;
    if (old !== undefined) lines.push({ op: '-', text: `${name} ${old}` });
    if (verb === 'Inst') lines.push({ op: '+', text: `${name} ${fresh ?? ''}` });
    else removes = true;
  }
  return { lines, removes };
}

function diff(params: Params, facts: Facts): readonly Change[] {
  if (facts.wanted.length === 0) return [];
  const verb = verbOf(params);
  const simulated = typeof facts.told === 'object' ? facts.told : undefined;
  const lines: DiffLine[] =
    simulated === undefined
      ? facts.wanted.map((name) => ({ op: verb === 'install' ? ('+' as const) : ('-' as const), text: name }))
      : [...simulated.lines];
  if (typeof facts.told === 'string')
    lines.push({ op: ' ', text: `apt's dry run refuses it today; ${facts.told}` });
  if (facts.tool === 'dnf')
    lines.push({ op: ' ', text: 'what dnf brings or removes besides is not known beforehand' });
  return [
    {
      what: `${verb} ${facts.wanted.join(' ')}`,
      lines,
      data: {
        tool: facts.tool,
        verb,
        wanted: facts.wanted,
        removes: verb === 'remove' || simulated?.removes === true,
      },
    },
  ];
}

async function apply(data: z.infer<typeof approved>, ports: WritePorts): Promise<CommandResult> {
  const done = await ports.execute({
    script: data.tool === 'apt' ? changeApt : changeDnf,
    env: {
      LC_ALL: 'C',
      LOCKSTEP_VERB: data.verb,
      LOCKSTEP_WANTED: data.wanted.join(' '),
      LOCKSTEP_SHRINK: data.removes ? '' : '--no-remove',
    },
    timeoutMs: 1_800_000,
  });
  if (!exitedWith(done.exit, [0])) {
    throw commandFailed(
      `${data.tool} ${data.verb} ${data.wanted.join(' ')}`,
      done,
      'If it says that a package cannot be found or fetched, refresh the package lists in a step before.',
    );
  }
  return done;
}
