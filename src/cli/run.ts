import { Command } from 'commander';
import { EXIT, Stop } from './exit-code.ts';
import {
  answersOption,
  inventoryOption,
  noInputOption,
  type RunOptions,
  reporterOptions,
  setOption,
  takeOverOption,
  timeoutOption,
  windowOption,
  yesOptions,
} from './option.ts';

export interface StartOptions extends RunOptions {
  readonly set: Readonly<Record<string, string>>;
  readonly dryRun?: boolean;
}

export function runCommand(): Command {
  const command = new Command('run')
    .summary('run a runbook')
    .description(
      'Runs a runbook against an inventory, step by step, and keeps a journal from which it can be resumed.',
    )
    .argument(
      '[runbook]',
      'a name such as openldap/enable-mmr, or a path to a .yaml; with --plan, that of the plan',
    )
    .addOption(inventoryOption())
    .addOption(setOption())
    .option('--reason <text>', 'why this is done, for the journal: a change number')
    .option('--plan <file>', 'carry out a sealed plan: refused, by name, where anything is not as it says')
    .option(
      '--dry-run',
      'look, tell, and change nothing, as lockstep plan does; with --plan, tell whether it still holds',
    )
    .addOption(takeOverOption())
    .addOption(windowOption())
    .addOption(timeoutOption());
  for (const option of [...yesOptions(), answersOption(), noInputOption(), ...reporterOptions()])
    command.addOption(option);
  return command
    .addHelpText(
      'after',
      `
Examples:
  lockstep run openldap/enable-mmr -i lab:demo
  lockstep run openldap/enable-mmr -i hosts.yaml --set first=ldap1 --set newcomer=ldap2 --reason CHG-4211
  lockstep run --plan CHG-4211.plan --reason CHG-4211
  lockstep run openldap/enable-mmr -i hosts.yaml --window 01:00-03:00
  lockstep run openldap/enable-mmr -i hosts.yaml --answers bob.yaml --no-input
  lockstep run openldap/enable-mmr -i hosts.yaml --yes --junit report.xml </dev/null

Outside of its window a run does not begin (exit code 7), and no change is begun that would not be over, or taken back, in time.
Without a terminal, a question that no policy passes holds the run with exit code 3, and changes nothing.`,
    )
    .action(async (name: string | undefined, options: StartOptions) => {
      if (name === undefined && options.plan === undefined)
        throw new Stop(
          EXIT.usage,
          'no runbook is named',
          'lockstep list shows them; a sealed plan names its own: --plan FILE',
        );
      if (options.dryRun && options.plan === undefined) {
        const { tellPlan } = await import('./tell-plan.ts');
        process.exitCode = await tellPlan(name ?? '', options);
        return;
      }
      const { startRun } = await import('./start-run.ts');
      process.exitCode = await startRun(name, options);
    });
}
