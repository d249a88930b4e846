import { Command } from 'commander';

export interface ApproveOptions {
  readonly for: string;
  readonly task?: readonly string[];
  readonly because?: string;
  readonly out?: string;
  readonly yes?: boolean;
}

export function approveCommand(): Command {
  return new Command('approve')
    .summary('approve a sealed plan for somebody else to run')
    .description(
      'Shows what a sealed plan will ask before it changes anything, and writes an answers file for it in your name. Contacts nobody.',
    )
    .argument('<plan>', 'a sealed plan')
    .option('--for <duration>', 'how long the answers count from now on', '8h')
    .option(
      '--task <id>',
      'only this task, or all tasks of this step; may be given again',
      (id: string, before: readonly string[] = []) => [...before, id],
    )
    .option('--because <text>', 'why, for the journal: a change number')
    .option('--out <file>', 'where the answers go; default: the name of the plan and .answers.yaml')
    .option('-y, --yes', 'without a terminal: approve though nobody is asked; wants --because too')
    .addHelpText(
      'after',
      `
Examples:
  lockstep approve enable-mmr.plan --because CHG-4211
  lockstep approve enable-mmr.plan --task load.load@ldap2 --for 2h --out bob.yaml

Whoever runs it then gives the file along: lockstep run … --answers bob.yaml. What two people must approve passes only
where the run carries out this very plan and somebody else runs it. More in docs/gates.md.`,
    )
    .action(async (plan: string, options: ApproveOptions) => {
      const { approvePlan } = await import('./approve-plan.ts');
      process.exitCode = await approvePlan(plan, options);
    });
}
