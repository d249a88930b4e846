import { constants } from 'node:os';
import { Command } from 'commander';
import { faultCommand } from './lab-fault.ts';

/** `lockstep lab`: hosts in seconds. Each subcommand loads src/lab only when it runs, but for the words of `fault`. */
export function labCommand(): Command {
  const lab = new Command('lab')
    .enablePositionalOptions()
    .description('real hosts for rehearsals, made in seconds on this machine (Linux, root)');
  lab.addCommand(upCommand()).addCommand(downCommand()).addCommand(statusCommand());
  lab.addCommand(sshCommand()).addCommand(execCommand());
  lab.addCommand(faultCommand(guarded, print));
  return lab.addHelpText('after', examples(['lab up', 'lab status', 'lab ssh ldap1', 'lab down']));
}

function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ lockstep ${line}`).join('\n')}\n`;
}

interface UpOptions {
  readonly platform: string;
  readonly release?: string;
  readonly debian?: string;
  readonly nodes?: string;
  readonly hosts?: string;
  readonly bare?: string;
  readonly overlay?: string;
}

function upCommand(): Command {
  return new Command('up')
    .description('bring a lab up: hosts with their own systemd, sshd and product')
    .argument('[name]', 'name of the lab', 'default')
    .option('--platform <name>', 'what the hosts run: openldap, zimbra or carbonio', 'openldap')
    .option(
      '--release <release>',
      'of zimbra (8.8; 8.0.6, 8.6, 10) or carbonio (24; 23); it brings its Debian',
    )
    .option('--debian <release>', 'for openldap: 11 (slapd 2.4), 12 (2.5; the default) or 13 (2.6)')
    .option(
      '--nodes <counts>',
      'KIND=COUNT, by commas: master, bare (software that was never set up); of zimbra and carbonio also replica, mailstore, mta, proxy',
    )
    .option('--hosts <count>', 'for openldap: how many hosts, 1 to 100 (default: 2)')
    .option(
      '--bare <count>',
      'for openldap: so many of them, the last ones, without the product but with its packages (default: 0)',
    )
    .option(
      '--overlay <folder>',
      "copy a folder over every host's root before it boots; files keep mode and owner",
    )
    .addHelpText('after', upHelp)
    .action((name: string, options: UpOptions) => labUp(name, options));
}

const upHelp = `
The first lab of a release builds its image (about half a minute, then cached in /var/cache/lockstep). A lab has a
network of its own; nothing else of this machine changes, and \`lab down\` takes all of it away. Logins, all with the
lab's key: root, admin (sudo), operator (sudo with a password), nosudo. Passwords are in secrets/ of the lab's folder.
LOCKSTEP_DEBIAN_MIRROR=URI takes another mirror than this machine's apt.
${examples(['lab up', 'lab up old --debian 11 --hosts 3', 'lab up mail --platform zimbra --nodes master=1,bare=1,mailstore=1', 'plan runbook.yaml -i lab:old', 'lab up zoo --overlay ./my-tools'])}`;

async function labUp(name: string, options: UpOptions): Promise<void> {
  await guarded(async () => {
    const [{ up, describe }, { labRequest }, { showProgress }] = await Promise.all([
      import('../lab/up.ts'),
      import('../lab/request.ts'),
      import('../lab/progress.ts'),
    ]);
    const request = labRequest(name, options);
    const progress = showProgress(process.stderr);
    const start = performance.now();
    try {
      const { lab, already, failedUnits } = await untilInterrupted((signal) => up(request, progress, signal));
      progress.end();
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      const kinds = lab.hosts.map((host) => host.kind);
      const what = describe(lab, kinds);
      const option = name === 'default' ? '' : ` --lab ${name}`;
      print(
        [
          already ? `lab ${name} is up already: ${what}` : `lab ${name} is up: ${what}, ${seconds} s`,
          ...lab.hosts.map((host) => `  ${host.name}  ${host.address}  ${request.platform.describe(host)}`),
          ...failedUnits.map((unit) => `  did not start: ${unit}`),
          `Use it with -i lab:${name}; enter with \`lockstep lab ssh ${lab.hosts[0]?.name}${option}\`.`,
        ].join('\n'),
      );
    } finally {
      progress.end();
    }
  });
}

function downCommand(): Command {
  return new Command('down')
    .description('remove a lab and all it took; harmless when there is none, works after a crash')
    .argument('[name]', 'name of the lab', 'default')
    .option('--all', 'remove every lab')
    .addHelpText('after', examples(['lab down', 'lab down old', 'lab down --all']))
    .action((name: string, options: { readonly all?: boolean }) =>
      guarded(async () => {
        const [{ down }, { labNames }, { checkRoot }, { showProgress }] = await Promise.all([
          import('../lab/down.ts'),
          import('../lab/lab-record.ts'),
          import('../lab/requirements.ts'),
          import('../lab/progress.ts'),
        ]);
        checkRoot();
        const names = options.all ? await labNames() : [name];
        if (names.length === 0) print('there are no labs');
        const progress = showProgress(process.stderr);
        try {
          for (const one of names) {
            const was = await down(one, progress);
            progress.end();
            print(was ? `lab ${one} is removed` : `lab ${one} is not up; nothing to do`);
          }
        } finally {
          progress.end();
        }
      }),
    );
}

function statusCommand(): Command {
  return new Command('status')
    .description('show labs and their hosts')
    .argument('[name]', 'name of the lab; all labs when left out')
    .option('--json', 'as JSON, a list of labs')
    .addHelpText('after', examples(['lab status', 'lab status old --json']))
    .action((name: string | undefined, options: { readonly json?: boolean }) =>
      guarded(async () => {
        const [{ labStatus }, { labNames, openLab }, { checkRoot }] = await Promise.all([
          import('../lab/status.ts'),
          import('../lab/lab-record.ts'),
          import('../lab/requirements.ts'),
        ]);
        checkRoot();
        const all = await labNames();
        if (name !== undefined && !all.includes(name)) await openLab(name);
        const labs = await Promise.all((name === undefined ? all : [name]).map(labStatus));
        if (options.json) return print(JSON.stringify(labs, null, 2));
        if (labs.length === 0) print('there are no labs; start one with `lockstep lab up`');
        const { statusText } = await import('../lab/status-text.ts');
        for (const lab of labs) print(statusText(lab));
      }),
    );
}

function sshCommand(): Command {
  return new Command('ssh')
    .description("log in to a host of a lab with the lab's key, or run a command there as ssh does")
    .argument('<host>', 'HOST or USER@HOST; root when no user is given')
    .argument('[command...]', 'words for the shell of the host')
    .option('--lab <name>', 'name of the lab', 'default')
    .passThroughOptions()
    .addHelpText(
      'after',
      examples(['lab ssh ldap1', 'lab ssh admin@ldap2 --lab old', 'lab ssh ldap1 -- df -h /']),
    )
    .action((host: string, words: readonly string[], options: { readonly lab: string }) =>
      guarded(async () => {
        const [{ sshArgv, runAttached }, { openLab }] = await load();
        const { words: command, lab } = takeLab(words, options.lab);
        process.exitCode = await runAttached(sshArgv(await openLab(lab), host, command), constants.signals);
      }),
    );
}

function execCommand(): Command {
  return new Command('exec')
    .description(
      'run a program in a host as root, past sshd and the network; argv is taken as it is, no shell reads it',
    )
    .argument('<host>', 'name of the host')
    .argument('<argv...>', 'program and arguments')
    .option('--lab <name>', 'name of the lab', 'default')
    .passThroughOptions()
    .addHelpText(
      'after',
      examples(['lab exec ldap1 -- systemctl status slapd', 'lab exec ldap2 --lab old -- ip addr']),
    )
    .action((host: string, words: readonly string[], options: { readonly lab: string }) =>
      guarded(async () => {
        const [{ execArgv, runAttached }, { openLab }] = await load();
        const { words: argv, lab } = takeLab(words, options.lab);
        process.exitCode = await runAttached(
          await execArgv(await openLab(lab), host, argv),
          constants.signals,
        );
      }),
    );
}

async function load() {
  const [shell, record, { checkRoot }] = await Promise.all([
    import('../lab/lab-shell.ts'),
    import('../lab/lab-record.ts'),
    import('../lab/requirements.ts'),
  ]);
  checkRoot();
  return [shell, record] as const;
}

/** With options passed through, `HOST --lab NAME` arrives among the words; it counts up to the first other word. */
function takeLab(words: readonly string[], lab: string) {
  const [first = '', second, ...rest] = words;
  if (first === '--lab' && second !== undefined) return takeLab(rest, second);
  if (first.startsWith('--lab=')) return takeLab(words.slice(1), first.slice('--lab='.length));
  return { words: first === '--' ? words.slice(1) : words, lab };
}

/** Runs work that a first SIGINT, SIGTERM or SIGHUP aborts, so that it can clean up; the exit code then says so. */
async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { LabError } = await import('../lab/lab-error.ts');
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const abort = (name: NodeJS.Signals) =>
    controller.abort(new LabError(`lab: stopped by ${name}; nothing of it is left`));
  for (const name of signals) process.on(name, abort);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    for (const name of signals) process.off(name, abort);
  }
}

/** Prints what the operator can put right and sets the exit code; lets a bug through. */
async function guarded(work: () => Promise<unknown>): Promise<void> {
  const { LabError } = await import('../lab/lab-error.ts');
  // A reader that goes away (`| head`) must not end us in the middle of a lab.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    await work();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
