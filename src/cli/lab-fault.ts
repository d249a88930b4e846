import { Command } from 'commander';
import { faultKinds } from '../lab/fault-kinds.ts';

const kinds = faultKinds.map(({ kind, takes, does }) => `  ${`${kind} ${takes ?? ''}`.padEnd(18)} ${does}`);

const help = `
Kinds:
${kinds.join('\n')}

Examples:
  $ lockstep lab fault ldap2 cut
  $ lockstep lab fault ldap1 clock +1h --lab old
  $ lockstep lab fault ldap1 heal --lab old

\`lab status\` shows the faults in force. Faults add up; a fault that is in force already is no error.
`;

/** `lockstep lab fault`: breaks one host of a lab, and heals it. `show` prints the line that says what was done. */
export function faultCommand(
  guarded: (work: () => Promise<unknown>) => Promise<void>,
  show: (line: string) => void,
): Command {
  return (
    new Command('fault')
      .description('break a host of a lab the way hosts break, and heal it')
      .argument('<host>', 'name of the host')
      .argument('<kind...>', 'what to do to it, and for slow and clock how much')
      .option('--lab <name>', 'name of the lab', 'default')
      // `-5m` is a value of ours.
      .allowUnknownOption()
      .addHelpText('after', help)
      .action((host: string, words: readonly string[], options: { readonly lab: string }) =>
        guarded(async () => {
          const [{ inflict }, { parseFault }, { checkRoot }] = await Promise.all([
            import('../lab/fault.ts'),
            import('../lab/fault-kinds.ts'),
            import('../lab/requirements.ts'),
          ]);
          const fault = parseFault(words);
          checkRoot();
          const wait = () =>
            process.stderr.write(`lab ${options.lab}: waiting for another lockstep to let go of it\n`);
          show(await inflict(options.lab, host, fault, wait));
        }),
      )
  );
}
