import { Command } from 'commander';
import {
  inventoryOption,
  type RunOptions,
  reporterOptions,
  setOption,
  takeOverOption,
  yesOption,
} from './option.ts';

interface Options extends RunOptions {
  readonly set: Readonly<Record<string, string>>;
}

export function runCommand(): Command {
  const command = new Command('run')
    .summary('run a runbook')
    .description(
      'Runs a runbook against an inventory, step by step, and keeps a journal from which it can be resumed.',
    )
    .argument('<runbook>', 'a name such as openldap/enable-mmr, or a path to a .yaml')
    .addOption(inventoryOption())
    .addOption(setOption())
    .addOption(yesOption())
    .option('--reason <text>', 'why this is done, for the journal: a change number')
    .addOption(takeOverOption());
  for (const option of reporterOptions()) command.addOption(option);
  return command
    .addHelpText(
      'after',
      `
Examples:
  lockstep run openldap/enable-mmr -i lab:demo
  lockstep run openldap/enable-mmr -i hosts.yaml --set first=ldap1 --set newcomer=ldap2 --reason CHG-4211
  lockstep run openldap/enable-mmr -i hosts.yaml --yes --junit report.xml </dev/null

Without a terminal, a question that no policy passes holds the run with exit code 3, and changes nothing.`,
    )
    .action(async (name: string, options: Options) => {
      const { startRun } = await import('./start-run.ts');
      process.exitCode = await startRun(name, options);
    });
}
