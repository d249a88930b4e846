/** `lockstep doctor` */
import { Command, Option } from 'commander';
import type { LookOptions } from './health-look.ts';
import { healthOptions } from './health-options.ts';

export interface DoctorOptions extends LookOptions {
  readonly json?: boolean;
  readonly only?: readonly string[];
}

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .summary('what is wrong with a pool of directory servers, and what mends it')
    .description(
      'Looks at every server of an OpenLDAP pool, and tells of each thing that is wrong why it bites and what mends it. Changes nothing.',
    );
  for (const option of healthOptions()) command.addOption(option);
  return command
    .addOption(new Option('--only <code...>', 'these findings alone; docs/doctor.md has their codes'))
    .addOption(new Option('--json', 'the findings as JSON'))
    .addHelpText(
      'after',
      `
Examples:
  lockstep doctor -i lab:demo
  lockstep doctor -i hosts.yaml --deep
  lockstep doctor -i hosts.yaml --only sid-duplicate clock-skew

Exit codes, as Nagios has them: 0 ok; 1 warning; 2 critical; 3 unknown, which is also every failure of doctor itself.`,
    )
    .action(async (options: DoctorOptions) => {
      const { tellDoctor } = await import('./doctor-run.ts');
      process.exitCode = await tellDoctor(options);
    });
}
