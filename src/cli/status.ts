/** `lockstep status` */
import { Command, Option } from 'commander';
import type { LookOptions } from './health-look.ts';
import { healthOptions } from './health-options.ts';

export interface StatusOptions extends LookOptions {
  readonly json?: boolean;
  readonly nagios?: boolean;
  /** True without a number of seconds. */
  readonly watch?: string | true;
  /** True without a file. */
  readonly prometheus?: string | true;
  readonly svg?: string;
  readonly plain?: boolean;
}

export function statusCommand(): Command {
  const command = new Command('status')
    .summary('how a pool of directory servers is doing')
    .description(
      'Looks at every server of an OpenLDAP pool: who has got whose changes, agreements, clocks, certificates, room. Changes nothing.',
    );
  for (const option of healthOptions()) command.addOption(option);
  return command
    .addOption(
      new Option('--canary', 'write an entry on each server and wait for it on the others; then delete it'),
    )
    .addOption(new Option('--watch [seconds]', 'look again and again, every 5 s unless said otherwise'))
    .addOption(new Option('--json', 'all that was seen, as JSON; with --watch a line each'))
    .addOption(new Option('--nagios', 'one line and numbers, as Nagios and its kin want it'))
    .addOption(
      new Option('--prometheus [file]', 'in the text format of Prometheus, on stdout or into a file'),
    )
    .addOption(new Option('--svg <file>', 'a picture of the pool besides'))
    .addOption(new Option('--plain', 'with --watch: a frame after the other; by itself without a terminal'))
    .addHelpText(
      'after',
      `
Examples:
  lockstep status -i lab:demo
  lockstep status -i hosts.yaml --limit masters --deep
  lockstep status -i hosts.yaml --seed ldap1 --watch
  lockstep status -i hosts.yaml --nagios
  lockstep status -i hosts.yaml --prometheus /var/lib/node_exporter/openldap.prom

Exit codes, as Nagios has them: 0 ok; 1 warning; 2 critical; 3 unknown, which is also every failure of status itself.
lockstep doctor tells of each finding why it bites, and what mends it.`,
    )
    .action(async (options: StatusOptions) => {
      const { tellStatus } = await import('./status-run.ts');
      process.exitCode = await tellStatus(options);
    });
}
